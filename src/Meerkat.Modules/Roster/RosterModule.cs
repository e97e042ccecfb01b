using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>Rosters: the contacts of an account, who of them sees whom, and the requests between them.</summary>
/// <remarks>
/// RFC 6121 §2, §3 and appendix A; CORE-172 to CORE-201, ROS-001 to ROS-012.
/// XEP-0083 and XEP-0093 are the clients' business: the delimiter of nested groups lies in private storage, and item exchange passes as messages.
/// </remarks>
[Module("mod_roster", Options = typeof(RosterOptions)), Rfc(6121), Xep(83, "1.0"), Xep(93, "1.2"), Xep(237, "1.3")]
[Announces(Announcer.Server, Ns.Roster)]
[Announces(Announcer.StreamAfter, Ns.RosterVersioning)]
public sealed class RosterModule : IModule, IContacts
{
    private static readonly XmlElement s_versioningFeature = new XmlBuilder("ver", Ns.RosterVersioning).Build();

    private readonly IRosterStore _store;
    private readonly RosterOptions _options;
    private readonly HostType _host;
    private readonly RosterAccounts _rosters;

    /// <summary>Makes the module for a host type.</summary>
    /// <param name="store">Keeps the rosters.</param>
    /// <param name="options">Its options.</param>
    /// <param name="host">Its host type.</param>
    public RosterModule(IRosterStore store, RosterOptions options, HostType host)
    {
        _store = store;
        _options = options;
        _host = host;
        _rosters = new RosterAccounts(store, options, host);
    }

    private Router Router => _host.Server.Router;

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        RosterMetrics.Begin();
        on.Iq(Ns.Roster, "query", IqTarget.OwnAccount, (request, ct) => request.Type is IqType.Get ? GetAsync(request, ct) : SetAsync(request, ct));
        on.Iq(Ns.Roster, "query", IqTarget.Domain, (_, _) => new(IqReply.Error(StanzaError.Forbidden()))); // CORE-194: a domain has no roster
        if (_options.Versioning)
        {
            on.StreamFeature(FeaturePhase.AfterAuthentication, _ => s_versioningFeature);
        }

        on.Hook(PresenceHooks.Received, PresenceReceivedSlot.Roster, ReceiveAsync);
        on.Hook(SessionHooks.Closed, SessionSlot.Roster, LeaveAsync);
        on.Hook(AccountHooks.Removing, AccountSlot.Roster, RemoveAccountAsync);
        on.Hear(ClusterTopics.Roster, what => _rosters.ForgetAsync(what.About));
        on.Hear(ClusterTopics.AccountRemoved, what => _rosters.ForgetAsync(what.About));
        on.OwnsData(_store);
        on.Portable(new RosterPortable(_store));
        on.Offer<IContacts>(this);
        on.Operations<ISubscriptionSender>(this);
        on.Operations(new RosterOperations(this, _host.Server));
    }

    /// <inheritdoc/>
    public ValueTask<ContactTable> FindAsync(BareJid account, CancellationToken ct) => _rosters.FindAsync(account, ct);

    /// <inheritdoc/>
    public async ValueTask<RosterItem?> FindItemAsync(BareJid account, Jid entity, CancellationToken ct)
    {
        var item = await _store.FindAsync(account, entity, ct);
        if (item is null && entity is FullJid)
        {
            item = await _store.FindAsync(account, entity.Bare, ct);
        }

        return item is { IsHidden: true } ? null : item;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RosterItem>> ListAsync(BareJid account, CancellationToken ct) => (await _rosters.ReadAsync(account, ct)).Items;

    /// <inheritdoc/>
    public async ValueTask SendSubscriptionAsync(Presence presence, CancellationToken ct)
    {
        var owner = presence.From!.Bare;
        var contact = presence.To!.Bare;
        if (contact.Equals(owner))
        {
            return; // one sees oneself anyway (PRE-003)
        }

        RosterChange? change;
        try
        {
            change = await _rosters.ChangeAsync(owner, contact, before => Apply(before, contact, SubscriptionMachine.Send(before?.State ?? 0, presence.Type), null), ct);
        }
        catch (RosterFullException)
        {
            await Router.ReplyErrorAsync(presence, StanzaError.ResourceConstraint("the roster is full"), ct);
            return;
        }

        RosterMetrics.Answered(presence.Type);
        await Router.RouteAsync(presence.Readdress(owner, contact), ct); // CORE-164: whether or not it changed anything
        await TellAsync(change, ct);
    }

    /// <summary>Adds or changes an item as a client's roster set does, without touching its subscription; the account's clients and the other modules are told.</summary>
    /// <param name="owner">The account.</param>
    /// <param name="contact">The contact.</param>
    /// <param name="change">Makes the new item of the old one; null when there is none.</param>
    /// <param name="ct">Cancels waits before the write.</param>
    /// <exception cref="RosterFullException">The item would be one too many.</exception>
    internal async ValueTask WriteAsync(BareJid owner, Jid contact, Func<RosterItem?, RosterItem> change, CancellationToken ct) =>
        await TellAsync(await _rosters.ChangeAsync(owner, contact, change, ct), ct);

    /// <summary>Removes an item; both sides stop seeing each other (CORE-198, ROS-006).</summary>
    /// <returns>Whether there was one.</returns>
    internal async ValueTask<bool> RemoveAsync(BareJid owner, Jid contact, CancellationToken ct)
    {
        var change = await _rosters.ChangeAsync(owner, contact, _ => null, ct);
        if (change is null)
        {
            return false;
        }

        await ResignAsync(owner, change.Before!, ct);
        await TellAsync(change, ct);
        return true;
    }

    private async ValueTask<IqReply> GetAsync(IqRequest request, CancellationToken ct)
    {
        RosterMetrics.Got();
        var known = request.Payload.Attribute("ver"); // who sends none cannot use one
        var (roster, version) = await _rosters.GetAsync(request.Account, known is not null, ct);
        var listing = new RosterListing(request.Account, roster.Items);
        if (!_host.Hooks.IsEmpty(RosterHooks.Listing))
        {
            await _host.Hooks.RunAsync(RosterHooks.Listing, listing, ct);
            version = version is null || listing.Added.Count == 0 ? version : $"{version}+{RosterXml.Hash(listing.Added)}"; // what others add has its part in the version
        }

        if (known is not null && known == version)
        {
            return IqReply.Result(); // RFC 6121 §2.6.3: the client's copy is current
        }

        return IqReply.Result(RosterXml.Query(listing.Items, version));
    }

    private async ValueTask<IqReply> SetAsync(IqRequest request, CancellationToken ct)
    {
        RosterMetrics.Set();
        var items = new List<(Jid Contact, XmlElement Item)>();
        foreach (var item in request.Payload.Children)
        {
            // CORE-196: an item without a good address is passed over.
            if (!item.Is("item", Ns.Roster) || !Jid.TryParse(item.Attribute("jid"), out var contact))
            {
                continue;
            }

            if (!RosterXml.IsAcceptable(RosterXml.Read(item, contact, null)))
            {
                return IqReply.Error(StanzaError.NotAcceptable("name, groups or extensions of an item are too long"));
            }

            items.Add((contact, item));
        }

        foreach (var (contact, item) in items)
        {
            var isRemoval = item.Attribute("subscription") == "remove";
            if (await _host.Hooks.RunAsync(RosterHooks.Changing, new RosterChanging(_host, request.Account, contact, isRemoval), ct) is HookResult.Stop)
            {
                continue;
            }

            if (isRemoval)
            {
                await RemoveAsync(request.Account, contact, ct);
                continue;
            }

            try
            {
                await WriteAsync(request.Account, contact, before => RosterXml.Read(item, contact, before), ct);
            }
            catch (RosterFullException)
            {
                return IqReply.Error(StanzaError.ResourceConstraint("the roster is full"));
            }
        }

        return IqReply.Result();
    }

    // Both sides stop seeing each other.
    private async ValueTask ResignAsync(BareJid owner, RosterItem item, CancellationToken ct)
    {
        if ((item.State & SubscriptionState.To) != 0)
        {
            await Router.RouteAsync(Presence.Create(PresenceType.Unsubscribe, owner, item.Contact.Bare), ct);
        }

        if ((item.State & SubscriptionState.From) != 0)
        {
            await Router.RouteAsync(Presence.Create(PresenceType.Unsubscribed, owner, item.Contact.Bare), ct);
        }
    }

    private ValueTask<HookResult> ReceiveAsync(PresenceReceivedContext context, CancellationToken ct) =>
        context.Presence.IsSubscription ? ReceiveSubscriptionAsync(context, ct) : new(HookResult.Continue);

    // ROU-006: clients see a subscription stanza only when it changed something.
    private async ValueTask<HookResult> ReceiveSubscriptionAsync(PresenceReceivedContext context, CancellationToken ct)
    {
        var owner = context.Account;
        var presence = context.Presence;
        if (presence.From?.Bare is not { } contact || contact.Equals(owner) || !await ExistsAsync(owner, ct))
        {
            return HookResult.Stop; // CORE-168: silently
        }

        PresenceType? reply = null;
        RosterChange? change;
        try
        {
            change = await _rosters.ChangeAsync(
                owner,
                contact,
                before =>
                {
                    var step = SubscriptionMachine.Receive(before?.State ?? 0, presence.Type);
                    reply = step.Reply;
                    return Apply(before, contact, step, presence.Status);
                },
                ct);
        }
        catch (RosterFullException)
        {
            return HookResult.Stop; // nobody fills somebody else's roster
        }

        if (reply is { } type)
        {
            await Router.RouteAsync(Presence.Create(type, owner, contact), ct);
        }

        if (change is null)
        {
            return HookResult.Stop;
        }

        await TellAsync(change, ct);
        context.Presence = presence.Readdress(contact, owner);
        return HookResult.Continue;
    }

    // What a step makes of an item: the same object when nothing changes, null when nothing is left (CORE-192).
    private static RosterItem? Apply(RosterItem? before, Jid contact, SubscriptionStep step, string? status)
    {
        if (!step.IsChanged || (before is { IsHidden: true } && step.After is SubscriptionState.None))
        {
            return step.IsChanged ? null : before;
        }

        var item = before ?? new RosterItem(contact);
        var isNew = (step.Before & SubscriptionState.PendingIn) == 0;
        return item with
        {
            State = step.After,
            Request = (step.After & SubscriptionState.PendingIn) == 0 ? "" : isNew ? RosterLimits.CutRequest(status ?? "") : item.Request,
        };
    }

    private async ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) =>
        (await _host.Server.Sessions.FindAsync(account, ct)).Count > 0 || await _host.Auth.StoredExistsAsync(account, ct) is Existence.Yes;

    private async ValueTask TellAsync(RosterChange? change, CancellationToken ct)
    {
        if (change is not null)
        {
            await _host.Hooks.RunAsync(RosterHooks.Changed, change, ct);
        }
    }

    private async ValueTask<HookResult> LeaveAsync(SessionClosed closed, CancellationToken ct)
    {
        await _rosters.LeaveAsync(closed.Session.Jid.Bare, ct);
        return HookResult.Continue;
    }

    // CORE-201. The rows go with the account's other data; sessions that end meanwhile still find their contacts.
    private async ValueTask<HookResult> RemoveAccountAsync(AccountContext context, CancellationToken ct)
    {
        foreach (var item in (await _store.GetAsync(context.Account, ct)).Items)
        {
            await ResignAsync(context.Account, item, ct);
        }

        return HookResult.Continue;
    }
}
