using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Streams;
using Meerkat.Modules.Privacy;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Blocking;

/// <summary>The blocking command: one address at a time, without the ado of privacy lists.</summary>
/// <remarks>
/// XEP-0191 v1.3, BLK-001 to BLK-006. It is a privacy list of the name <see cref="PrivacyList.Blocking"/>, which becomes the default one. A contact sees every available
/// session of the account leave when it is blocked and come back when it is not, from full JIDs.
/// </remarks>
[Module("mod_blocking", Options = typeof(PrivacyOptions)), Needs("mod_privacy", SharesOptions = true), Xep(191, "1.3")]
[Announces(Announcer.Server, Ns.Blocking)]
public sealed class BlockingModule(IPrivacyLists lists, HostType host) : IModule
{
    /// <summary>How many addresses an account may block.</summary>
    public const int MaxBlocked = 10_000;

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Feature(Ns.Blocking);
        on.Iq(Ns.Blocking, null, IqTarget.OwnAccount, HandleAsync);
    }

    private ValueTask<IqReply> HandleAsync(IqRequest request, CancellationToken ct)
    {
        // BLK-002
        if (request.Origin is null || request.Iq.Element.Attribute("to") is not null)
        {
            return new(IqReply.Error(StanzaError.ServiceUnavailable()));
        }

        return (request.Type, request.Payload.Name) switch
        {
            (IqType.Get, "blocklist") => ListAsync(request.Account, ct),
            (IqType.Set, "block") => BlockAsync(request, ct),
            (IqType.Set, "unblock") => UnblockAsync(request, ct),
            _ => new(IqReply.Error(StanzaError.BadRequest())),
        };
    }

    private async ValueTask<IqReply> ListAsync(BareJid account, CancellationToken ct)
    {
        var found = await lists.FindAsync(account, ct);
        return IqReply.Result(Write("blocklist", (found.Find(PrivacyList.Blocking)?.Items ?? []).Where(IsBlock).Select(item => item.Value)));
    }

    private async ValueTask<IqReply> BlockAsync(IqRequest request, CancellationToken ct)
    {
        var asked = ReadItems(request.Payload, out var count);
        if (count == 0)
        {
            return IqReply.Error(StanzaError.BadRequest()); // BLK-003
        }

        string[] added = [];
        var tooMany = false;
        await lists.ChangeDefaultAsync(
            request.Account,
            PrivacyList.Blocking,
            items =>
            {
                var known = items.Where(IsBlock).Select(item => item.Value).ToHashSet(StringComparer.Ordinal);
                added = [.. asked.Where(jid => !known.Contains(jid))];
                tooMany = known.Count + added.Length > MaxBlocked;
                return added.Length == 0 || tooMany ? items : Number([.. items, .. added.Select(jid => new PrivacyItem(0, PrivacyAction.Block, PrivacyMatch.Jid, jid, PrivacyScope.All))]);
            },
            ct);
        return tooMany ? IqReply.Error(StanzaError.ResourceConstraint("Too many addresses are blocked.")) : Answer(request.Account, "block", added);
    }

    private async ValueTask<IqReply> UnblockAsync(IqRequest request, CancellationToken ct)
    {
        var asked = ReadItems(request.Payload, out var count).ToHashSet(StringComparer.Ordinal);
        string[] removed = [];
        await lists.ChangeDefaultAsync(
            request.Account,
            PrivacyList.Blocking,
            items =>
            {
                removed = [.. items.Where(item => IsBlock(item) && (count == 0 || asked.Contains(item.Value))).Select(item => item.Value)];
                var gone = removed.ToHashSet(StringComparer.Ordinal);
                return removed.Length == 0 ? items : Number([.. items.Where(item => !(IsBlock(item) && gone.Contains(item.Value)))]);
            },
            ct);

        // BLK-004: without items it says that all are gone, and must not be said when only nothing was found.
        return count == 0 && removed.Length > 0 ? Pushed(request.Account, Write("unblock", [])) : Answer(request.Account, "unblock", removed);
    }

    private IqReply Answer(BareJid account, string name, string[] changed) =>
        changed.Length == 0 ? IqReply.Result() : Pushed(account, Write(name, changed));

    private IqReply Pushed(BareJid account, XmlElement push) => IqReply.Result() with { Afterwards = () => PushAsync(account, push) };

    private async ValueTask PushAsync(BareJid account, XmlElement push)
    {
        foreach (var session in await host.Server.Sessions.FindAsync(account, CancellationToken.None))
        {
            if (session.Presence is not null)
            {
                session.Deliver(Iq.Create(IqType.Set, account, session.Jid, $"push{RandomId.Create()}", push));
            }
        }
    }

    // A list that a client edited as a privacy list may hold other items too: they stay where they are.
    private static bool IsBlock(PrivacyItem item) => item is { Match: PrivacyMatch.Jid, Action: not PrivacyAction.Allow, Scope: PrivacyScope.All };

    // Blocked addresses come first (XEP-0191 §5).
    private static PrivacyItem[] Number(PrivacyItem[] items) =>
        [.. items.OrderByDescending(IsBlock).Select((item, index) => item with { Order = (uint)index })];

    private static List<string> ReadItems(XmlElement payload, out int count)
    {
        var jids = new List<string>();
        count = 0;
        foreach (var child in payload.Children)
        {
            if (child.Is("item", Ns.Blocking))
            {
                count++;
                if (Jid.TryParse(child.Attribute("jid"), out var jid) && !jids.Contains(jid.ToString()))
                {
                    jids.Add(jid.ToString());
                }
            }
        }

        return jids;
    }

    private static XmlElement Write(string name, IEnumerable<string> jids)
    {
        var builder = new XmlBuilder(name, Ns.Blocking);
        foreach (var jid in jids)
        {
            builder.Start("item").Attribute("jid", jid).End();
        }

        return builder.Build();
    }
}
