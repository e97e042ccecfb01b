using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Finds the message that a retraction names (MAM-071).</summary>
/// <remarks>
/// Ids that clients mean for this (XEP-0359) and the archive's own are looked up. Version 1 names a message of no room by the <c>id</c> of its stanza, which is no key: a client may use one twice, and
/// the archive must keep both messages. So what was last said in the conversation is looked through for it, back to a bound.
/// </remarks>
internal static class RetractedMessages
{
    /// <summary>So far back a message is looked for by the <c>id</c> of its stanza.</summary>
    public const int LongestWay = 500;

    private const int PageSize = 50; // stanzas may be large

    /// <summary>The message that is to be replaced; null when there is none that the request's sender may retract.</summary>
    /// <param name="store">The archive's store.</param>
    /// <param name="request">The request, which is written already.</param>
    public static async ValueTask<ArchivedMessage?> FindAsync(IArchiveStore store, PendingMessage request)
    {
        var retraction = request.Retraction!;
        var stored = retraction.OriginId is { } origin ? await store.FindAsync(request.Owner, request.Remote, request.IsOutgoing, origin, CancellationToken.None) : null;
        if (stored is null && retraction.StanzaId is { } id && await store.GetAsync(request.Owner, [id.Value], CancellationToken.None) is [var named])
        {
            stored = named;
        }

        return stored is not null ? (stored.Id != request.Id && IsOfSender(stored, request) ? stored : null)
            : retraction.MessageId is { } messageId ? await FindAsync(store, request, messageId)
            : null;
    }

    // The newest wins.
    private static async ValueTask<ArchivedMessage?> FindAsync(IArchiveStore store, PendingMessage request, string messageId)
    {
        var query = new ArchiveQuery { With = request.Remote, To = request.Id - 1, FromEnd = true, IsSimple = true, Limit = PageSize };
        for (var seen = 0; seen < LongestWay; seen += PageSize)
        {
            if (await store.QueryAsync(request.Owner, query, CancellationToken.None) is not { } page)
            {
                return null;
            }

            for (var i = page.Messages.Count - 1; i >= 0; i--)
            {
                if (IsOfSender(page.Messages[i], request) && IsNamed(page.Messages[i], messageId))
                {
                    return page.Messages[i];
                }
            }

            if (page.IsLast || page.Messages.Count == 0)
            {
                return null;
            }

            query = query with { To = page.Messages[0].Id - 1 };
        }

        return null;
    }

    // XEP-0424 v0.4.2 §5.1: what a room has sent is named by the id that the room gave it.
    private static bool IsNamed(ArchivedMessage stored, string id) =>
        TryRead(stored, out var message)
        && (stored.IsGroupchat ? message.Children.Any(child => child.Is("stanza-id", Ns.StanzaIds) && child.Attribute("id") == id && IsBy(child, stored.Remote)) : message.Attribute("id") == id);

    private static bool IsBy(XmlElement id, BareJid room) => Jid.TryParse(id.Attribute("by"), out var by) && by.Bare.Equals(room);

    private static bool TryRead(ArchivedMessage stored, out XmlElement message) => XmlElement.TryParse(stored.Xml.Span, out message, Ns.Client, XmlLimits.Unlimited);

    // Only the sender's own. In an account's archive the contact of what a room sends is the room, whose occupants only the nick tells apart.
    private static bool IsOfSender(ArchivedMessage stored, in PendingMessage request)
    {
        var isGroupchat = request.Message.Type is MessageType.Groupchat;
        return stored.IsOutgoing == request.IsOutgoing && stored.Remote.Equals(request.Remote) && stored.IsGroupchat == isGroupchat
            && (!isGroupchat || request.From.Bare.Equals(request.Owner) || stored.Resource == request.Resource);
    }
}
