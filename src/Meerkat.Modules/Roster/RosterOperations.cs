using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>How an operation on a roster went. The words of the reference's interfaces are these names in <c>snake_case</c>.</summary>
public enum RosterResult
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>The account's domain is not served here.</summary>
    UnknownDomain,

    /// <summary>There is no such account.</summary>
    UserNotExist,

    /// <summary>The roster has no such contact.</summary>
    ContactNotFound,

    /// <summary>The roster takes no more items, or the name and groups are longer than an item may be.</summary>
    Internal,
}

/// <summary>A contact that is to be in a roster.</summary>
/// <param name="Jid">Its address.</param>
/// <param name="Name">Its name; empty for none.</param>
/// <param name="Groups">Its groups; empty for none.</param>
public sealed record RosterContact(BareJid Jid, string Name, IReadOnlyList<string> Groups);

/// <summary>What an administrator may do to rosters (OPS-073, GQA-ROSTER-01 to GQA-ROSTER-10).</summary>
/// <remarks>
/// Changes are pushed to the account's clients like their own. What works on two accounts is done account by account: when the second fails, the first stays done, as in the
/// reference. The second account may be of another host type. Safe for concurrent use.
/// </remarks>
public sealed class RosterOperations
{
    private readonly RosterModule _roster;
    private readonly ServerContext _server;

    internal RosterOperations(RosterModule roster, ServerContext server)
    {
        _roster = roster;
        _server = server;
    }

    /// <summary>Puts a contact into an account's roster, or gives it another name and other groups. Its subscription stays as it is.</summary>
    /// <param name="account">The account; of this host type.</param>
    /// <param name="contact">The contact; it has to exist and to be local.</param>
    /// <param name="ct">Gives up before the write.</param>
    /// <returns><see cref="RosterResult.Ok"/>, <see cref="RosterResult.UnknownDomain"/>, <see cref="RosterResult.UserNotExist"/> or <see cref="RosterResult.Internal"/>.</returns>
    public async ValueTask<RosterResult> AddAsync(BareJid account, RosterContact contact, CancellationToken ct)
    {
        var known = await CheckAsync(account, ct);
        known = known is RosterResult.Ok ? await CheckAsync(contact.Jid, ct) : known;
        if (known is not RosterResult.Ok)
        {
            return known;
        }

        string[] groups = [.. contact.Groups.Where(group => group.Length > 0).Distinct()];
        if (!RosterXml.IsAcceptable(new RosterItem(contact.Jid) { Name = contact.Name, Groups = groups }))
        {
            return RosterResult.Internal;
        }

        try
        {
            await _roster.WriteAsync(account, contact.Jid, before => (before ?? new RosterItem(contact.Jid)) with { Name = contact.Name, Groups = groups }, ct);
            return RosterResult.Ok;
        }
        catch (RosterFullException)
        {
            return RosterResult.Internal;
        }
    }

    /// <summary>Takes a contact out of an account's roster; both stop seeing each other.</summary>
    /// <returns><see cref="RosterResult.Ok"/>, <see cref="RosterResult.UnknownDomain"/> or <see cref="RosterResult.ContactNotFound"/>.</returns>
    public async ValueTask<RosterResult> RemoveAsync(BareJid account, Jid contact, CancellationToken ct) =>
        _server.Domains.For(account.Domain) is null ? RosterResult.UnknownDomain
        : await _roster.RemoveAsync(account, contact, ct) ? RosterResult.Ok
        : RosterResult.ContactNotFound;

    /// <summary>Sends a subscription stanza in the account's name (CORE-164).</summary>
    /// <param name="account">The account.</param>
    /// <param name="contact">The contact, wherever it is.</param>
    /// <param name="type">One of the four subscription types.</param>
    /// <param name="ct">Gives up before the write.</param>
    /// <returns><see cref="RosterResult.Ok"/> or <see cref="RosterResult.UnknownDomain"/>.</returns>
    public async ValueTask<RosterResult> SubscribeAsync(BareJid account, BareJid contact, PresenceType type, CancellationToken ct)
    {
        var presence = Presence.Create(type, account, contact);
        if (!presence.IsSubscription)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "no type of a subscription");
        }

        if (_server.Domains.For(account.Domain) is null)
        {
            return RosterResult.UnknownDomain;
        }

        await _roster.SendSubscriptionAsync(presence, ct);
        return RosterResult.Ok;
    }

    /// <summary>Each of two accounts gets the other into its roster, and sees its presence.</summary>
    /// <param name="first">The account; of this host type. Its name and groups are those that it gets in the second's roster.</param>
    /// <param name="second">The other account, with the name and groups that it gets in the first's roster.</param>
    /// <param name="ct">Gives up between two writes.</param>
    /// <returns><see cref="RosterResult.Ok"/>, <see cref="RosterResult.UnknownDomain"/>, <see cref="RosterResult.UserNotExist"/> or <see cref="RosterResult.Internal"/>.</returns>
    public async ValueTask<RosterResult> ConnectAsync(RosterContact first, RosterContact second, CancellationToken ct)
    {
        if (Of(second.Jid) is not { } other)
        {
            return RosterResult.UnknownDomain;
        }

        var result = await AddAsync(first.Jid, second, ct);
        result = result is RosterResult.Ok ? await other.AddAsync(second.Jid, first, ct) : result;
        if (result is not RosterResult.Ok)
        {
            return result;
        }

        // A request and its answer, twice.
        await SubscribeAsync(first.Jid, second.Jid, PresenceType.Subscribe, ct);
        await other.SubscribeAsync(second.Jid, first.Jid, PresenceType.Subscribed, ct);
        await other.SubscribeAsync(second.Jid, first.Jid, PresenceType.Subscribe, ct);
        return await SubscribeAsync(first.Jid, second.Jid, PresenceType.Subscribed, ct);
    }

    /// <summary>Takes two accounts out of each other's roster.</summary>
    /// <returns><see cref="RosterResult.Ok"/>, <see cref="RosterResult.UnknownDomain"/>, or <see cref="RosterResult.ContactNotFound"/> when one of the two had not got the other.</returns>
    public async ValueTask<RosterResult> DisconnectAsync(BareJid first, BareJid second, CancellationToken ct)
    {
        if (Of(second) is not { } other)
        {
            return RosterResult.UnknownDomain;
        }

        var result = await RemoveAsync(first, second, ct);
        return result is RosterResult.Ok ? await other.RemoveAsync(second, first, ct) : result;
    }

    /// <summary>The contacts of an account, requests that wait for its answer among them, by address.</summary>
    /// <returns><see cref="RosterResult.Ok"/> and the contacts, <see cref="RosterResult.UnknownDomain"/> or <see cref="RosterResult.UserNotExist"/>.</returns>
    public async ValueTask<(RosterResult Result, IReadOnlyList<RosterItem> Contacts)> ListAsync(BareJid account, CancellationToken ct) =>
        await CheckAsync(account, ct) is not RosterResult.Ok and var refusal ? (refusal, [])
        : (RosterResult.Ok, [.. (await _roster.ListAsync(account, ct)).OrderBy(item => item.Contact.ToString(), StringComparer.Ordinal)]);

    /// <summary>One contact of an account.</summary>
    /// <returns><see cref="RosterResult.Ok"/> and the contact, <see cref="RosterResult.UnknownDomain"/> or <see cref="RosterResult.ContactNotFound"/>.</returns>
    public async ValueTask<(RosterResult Result, RosterItem? Contact)> FindAsync(BareJid account, Jid contact, CancellationToken ct) =>
        _server.Domains.For(account.Domain) is null ? (RosterResult.UnknownDomain, null)
        : (await _roster.ListAsync(account, ct)).FirstOrDefault(item => item.Contact.Equals(contact)) is { } found ? (RosterResult.Ok, found)
        : (RosterResult.ContactNotFound, null);

    private RosterOperations? Of(BareJid account) =>
        _server.Domains.TryFindAccounts(account.Domain, out var domain) ? domain.Host.Operations<RosterOperations>() : null;

    private async ValueTask<RosterResult> CheckAsync(BareJid account, CancellationToken ct) =>
        _server.Domains.For(account.Domain) is not { } chain ? RosterResult.UnknownDomain
        : await chain.StoredExistsAsync(account, ct) is Existence.Yes ? RosterResult.Ok
        : RosterResult.UserNotExist;
}
