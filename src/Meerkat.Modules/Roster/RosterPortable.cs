using System.Runtime.CompilerServices;
using Meerkat.Core.Portability;
using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>An account's roster, and the requests that wait for its answer, in the portable format (XEP-0227 §4.2, §4.7).</summary>
internal sealed class RosterPortable(IRosterStore store) : IPortableData
{
    private const int Attempts = 8;

    private static readonly PortableElement s_roster = new("query", Ns.Roster);
    private static readonly PortableElement s_request = new("presence", Ns.Client);

    // COMPAT: Prosody up to 0.12 leaves the namespace of requests out.
    private static readonly PortableElement s_unqualifiedRequest = new("presence", Ns.Portable);

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [s_roster, s_request, s_unqualifiedRequest];

    /// <inheritdoc/>
    public async IAsyncEnumerable<PortablePiece> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        var items = (await store.GetAsync(account, ct)).Items.OrderBy(item => item.Contact.ToString(), StringComparer.Ordinal).ToArray();
        if (items.Any(item => !item.IsHidden))
        {
            yield return new PortablePiece(s_roster, RosterXml.Query(items, null));
        }

        foreach (var item in items)
        {
            if ((item.State & SubscriptionState.PendingIn) != 0)
            {
                var request = new XmlBuilder("presence", Ns.Client).Attribute("from", item.Contact.ToString()).Attribute("to", account.ToString()).Attribute("type", "subscribe");
                yield return new PortablePiece(s_request, (item.Request.Length > 0 ? request.Element("status", item.Request) : request).Build());
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(BareJid account, PortablePiece piece)
    {
        if (piece.Element != s_roster)
        {
            return IsRequest(piece.Xml, out _) ? [] : [$"<presence/> from {piece.Xml.Attribute("from")}: it is no request for a subscription"];
        }

        var problems = new List<string>();
        foreach (var child in piece.Xml.Children)
        {
            if (!IsItem(child, out var contact))
            {
                problems.Add($"roster: <{child.Name}/> {child.Attribute("jid")} is no item with an address");
            }
            else if (!RosterXml.IsAcceptable(RosterXml.Read(child, contact, null)))
            {
                problems.Add($"roster: name, groups or extensions of {contact} are too long");
            }
        }

        if (piece.Xml.Children.Count > RosterLimits.Items)
        {
            problems.Add($"roster: there are more than {RosterLimits.Items} items");
        }

        return problems;
    }

    /// <inheritdoc/>
    public async ValueTask ImportAsync(BareJid account, PortablePiece piece, CancellationToken ct)
    {
        if (piece.Element != s_roster)
        {
            if (IsRequest(piece.Xml, out var asking))
            {
                await WriteAsync(account, asking, before => (before ?? new RosterItem(asking)) with { State = (before?.State ?? 0) | SubscriptionState.PendingIn, Request = RequestOf(piece.Xml) }, ct);
            }

            return;
        }

        foreach (var child in piece.Xml.Children.ToArray().Take(RosterLimits.Items))
        {
            if (IsItem(child, out var contact) && RosterXml.IsAcceptable(RosterXml.Read(child, contact, null)))
            {
                await WriteAsync(account, contact, before => RosterXml.Read(child, contact, before) with { State = StateOf(child) | ((before?.State ?? 0) & SubscriptionState.PendingIn) }, ct);
            }
        }
    }

    private async ValueTask WriteAsync(BareJid account, Jid contact, Func<RosterItem?, RosterItem> make, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = await store.FindAsync(account, contact, ct);
            if (await store.TryWriteAsync(account, make(before) with { Revision = before?.Revision ?? 0 }, null, ct))
            {
                return;
            }
        }

        throw new StorageBusyException("a roster item was changed by others again and again");
    }

    private static SubscriptionState StateOf(XmlElement item) =>
        item.Attribute("subscription") switch
        {
            "both" => SubscriptionState.Both,
            "to" => SubscriptionState.To,
            "from" => SubscriptionState.From,
            _ => SubscriptionState.None,
        } | (item.Attribute("ask") == "subscribe" ? SubscriptionState.PendingOut : SubscriptionState.None);

    private static bool IsItem(XmlElement child, out Jid contact)
    {
        contact = child.Is("item", Ns.Roster) && Jid.TryParse(child.Attribute("jid"), out var jid) ? jid : null!;
        return contact is not null;
    }

    private static bool IsRequest(XmlElement presence, out BareJid contact)
    {
        contact = presence.Attribute("type") == "subscribe" && Jid.TryParse(presence.Attribute("from"), out var jid) ? jid.Bare : null!;
        return contact is not null;
    }

    private static string RequestOf(XmlElement presence) =>
        RosterLimits.CutRequest(presence.ChildText("status") ?? "");
}
