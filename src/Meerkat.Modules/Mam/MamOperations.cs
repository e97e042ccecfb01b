using System.Text;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>What an administrator may do with archives of accounts.</summary>
/// <param name="archives">The archives.</param>
public class MamOperations(IArchives archives)
{
    /// <summary>How many messages are shown where nobody said it.</summary>
    public const int DefaultLimit = 50;

    /// <summary>The last messages of an archive, the oldest first (GQA-STANZA-01, GQA-MUC-16, GQA-MUCLIGHT-08).</summary>
    /// <param name="owner">An account or a room. One that has no archive has no messages.</param>
    /// <param name="with">Only those with this contact, or of this nick (<c>room/nick</c>); null for all.</param>
    /// <param name="limit">At most so many; more than <see cref="IArchives.MaxPage"/> are never shown.</param>
    /// <param name="before">Only those before this moment; null for the last ones.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <returns>The messages, and the limit that was used.</returns>
    public async ValueTask<LastMessages> GetLastMessagesAsync(BareJid owner, Jid? with, int limit, DateTimeOffset? before, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        limit = Math.Min(limit, archives.MaxPage);
        var query = new ArchiveQuery
        {
            With = with is null || with.Bare.Equals(owner) ? null : with.Bare,
            Resource = with?.Resource,
            To = before is { } moment ? StanzaId.First(moment).Value - 1 : long.MaxValue,
            FromEnd = true,
            Limit = limit,
            IsSimple = true,
        };
        var page = await archives.QueryAsync(owner, query, ct);
        return new LastMessages([.. page!.Messages.Select(message => Show(owner, message))], limit);
    }

    /// <summary>Writes everything that waits (MAM-091).</summary>
    public Task FlushAsync() => archives.FlushAsync();

    private static ShownMessage Show(BareJid owner, ArchivedMessage message)
    {
        var id = new StanzaId(message.Id);
        var xml = XmlElement.TryParse(message.Xml.Span, out var element, Ns.Client, XmlLimits.Unlimited)
            ? element.WithAttribute("from", message.From?.ToString()).ToString()
            : Encoding.UTF8.GetString(message.Xml.Span);
        Jid to = !message.IsOutgoing ? owner : message.Resource is { } resource && FullJid.TryCreate(message.Remote, resource, out var full) ? full : message.Remote;
        return new ShownMessage(id.ToString(), id.Time, message.From, to, xml);
    }
}

/// <summary>What an administrator may do with archives of rooms.</summary>
/// <param name="archives">The archives.</param>
public sealed class RoomMamOperations(IRoomArchives archives) : MamOperations(archives);

/// <summary>The last messages of an archive.</summary>
/// <param name="Messages">The messages, the oldest first.</param>
/// <param name="Limit">How many were asked for at most.</param>
public sealed record LastMessages(IReadOnlyList<ShownMessage> Messages, int Limit);

/// <summary>A message of an archive, for an administrator.</summary>
/// <param name="Id">Its id in the archive.</param>
/// <param name="Time">When it was archived.</param>
/// <param name="From">Who sent it; null when what is stored is unreadable.</param>
/// <param name="To">To whom: the archive's owner, or whom the owner wrote to.</param>
/// <param name="Xml">The stanza.</param>
public sealed record ShownMessage(string Id, DateTimeOffset Time, Jid? From, Jid To, string Xml);
