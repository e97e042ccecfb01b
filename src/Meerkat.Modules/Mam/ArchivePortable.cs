using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Meerkat.Core.Portability;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

/// <summary>An account's archive in the portable format (XEP-0227 §4.9), the oldest message first.</summary>
/// <remarks>
/// Ids that this server gave are kept. Others' cannot be: a message then has the id of its time, so that it stands where it belongs, and messages of one moment follow each other in the order of the file.
/// The same message twice in one moment is one.
/// </remarks>
internal sealed class ArchivePortable(IArchiveStore store, ArchiveWriter writer, ArchiveSettings settings, ILogger log) : IPortableData
{
    private const int PageSize = 200;
    private const int ProbeSize = 20;

    private static readonly PortableElement s_archive = new("archive", Ns.PortableArchive, IsContainer: true, HasIds: true);

    // Whoever's stamp has no fractions counts seconds; ours are exact.
    private static readonly TimeSpan s_exact = TimeSpan.FromMilliseconds(1);

    // An import goes through one archive after the other.
    private volatile Moment? _moment;

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [s_archive];

    /// <inheritdoc/>
    public async IAsyncEnumerable<PortablePiece> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        await writer.SettleAsync(account, ct);
        ArchivePage page;
        var query = new ArchiveQuery { Limit = PageSize, IsSimple = true };
        do
        {
            page = (await store.QueryAsync(account, query, ct))!;
            foreach (var stored in page.Messages)
            {
                if (Write(account, stored) is { } result)
                {
                    yield return new PortablePiece(s_archive, result);
                }
            }

            query = query with { After = page.Messages is [.., var last] ? last.Id : null };
        }
        while (!page.IsLast);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(BareJid account, PortablePiece piece) => Read(account, piece.Xml, out _, out var problem) is null ? [$"archive: {problem}"] : [];

    /// <inheritdoc/>
    public ValueTask ImportAsync(BareJid account, PortablePiece piece, CancellationToken ct) => ImportAsync(account, [piece], ct);

    /// <inheritdoc/>
    public async ValueTask ImportAsync(BareJid account, IReadOnlyList<PortablePiece> pieces, CancellationToken ct)
    {
        var entries = new List<ArchiveEntry>(pieces.Count);
        foreach (var piece in pieces)
        {
            if (Read(account, piece.Xml, out var hasOurId, out _) is { } read && (hasOurId ? read : await WithIdAsync(account, read, ct)) is { } message)
            {
                entries.Add(new ArchiveEntry(account, message));
            }
        }

        if (entries.Count > 0)
        {
            try
            {
                await store.AppendAsync(entries, ct);
            }
            catch
            {
                _moment = null; // what is there is not known
                throw;
            }
        }
    }

    private XmlElement? Write(BareJid account, ArchivedMessage stored)
    {
        if (stored.From is null || !XmlElement.TryParse(stored.Xml.Span, out var element, Ns.Client, XmlLimits.Unlimited) || !element.Is("message", Ns.Client))
        {
            MamLog.Unreadable(log, stored.Id, account);
            return null;
        }

        Jid to = !stored.IsOutgoing ? account : stored.Resource is { } resource && FullJid.TryCreate(stored.Remote, resource, out var full) ? full : stored.Remote;
        var id = new StanzaId(stored.Id);
        return new XmlBuilder("result", Ns.Mam).Attribute("id", id.ToString())
            .Start("forwarded", Ns.Forward)
            .Add(new Delay(id.Time, null).ToXml())
            .Add(element.WithAttribute("to", element.Attribute("to") ?? to.ToString()).WithAttribute("from", stored.From.ToString()))
            .Build();
    }

    // Its id is not the final one where another server gave it.
    private ArchivedMessage? Read(BareJid account, XmlElement result, out bool hasOurId, out string problem)
    {
        hasOurId = false;
        var forwarded = result.Is("result", Ns.Mam) || result.Is("result", Ns.MamOld) ? result.Child("forwarded", Ns.Forward) : null;
        problem = "one is no message";
        if (forwarded?.Child("message", Ns.Client) is not { } element || StanzaReader.ReadTrusted(element.Detach()) is not Message message)
        {
            return null;
        }

        problem = "one does not say when it was sent";
        if (!XmppDateTime.TryParse(forwarded.Value.Child("delay", Ns.Delay)?.Attribute("stamp"), out var sent) || sent < DateTimeOffset.UnixEpoch)
        {
            return null;
        }

        problem = "one does not say who sent it";
        if (message.From is not { } from)
        {
            return null;
        }

        message = ArchiveRules.WithoutForgedIds(message, account);
        var isOutgoing = from.Bare.Equals(account);
        var remote = isOutgoing ? message.To ?? account : from;
        hasOurId = StanzaId.TryParse(result.Attribute("id"), out var id) && (id.Time - sent).Duration() < s_exact;
        id = hasOurId ? id : StanzaId.First(sent);
        return new ArchivedMessage(id.Value, from, message.Element.ToUtf8())
        {
            Remote = remote.Bare,
            Resource = remote.Resource,
            IsOutgoing = isOutgoing,
            IsGroupchat = message.Type is MessageType.Groupchat,
            OriginId = ArchiveRules.OriginId(message),
            SearchText = settings.SearchesText ? ArchiveRules.SearchText(message) : null,
        };
    }

    // Null: it was taken over before.
    private async ValueTask<ArchivedMessage?> WithIdAsync(BareJid account, ArchivedMessage read, CancellationToken ct)
    {
        var moment = _moment;
        if (moment is null || moment.First != read.Id || !moment.Account.Equals(account))
        {
            _moment = moment = await LoadAsync(account, read.Id, ct);
        }

        lock (moment)
        {
            return moment.Known.Add(HashOf(read)) ? read with { Id = moment.Next++ } : null;
        }
    }

    private async ValueTask<Moment> LoadAsync(BareJid account, long first, CancellationToken ct)
    {
        var moment = new Moment(account, first) { Next = first };
        while (true)
        {
            var there = await store.GetAsync(account, [.. Enumerable.Range(0, ProbeSize).Select(i => moment.Next + i)], ct);
            moment.Known.UnionWith(there.Select(HashOf));
            moment.Next = there.Count > 0 ? there[^1].Id + 1 : moment.Next;
            if (there.Count < ProbeSize)
            {
                return moment;
            }
        }
    }

    private static string HashOf(ArchivedMessage message) => $"{message.From} {Convert.ToHexString(SHA256.HashData(message.Xml.Span))}";

    /// <summary>What is in an archive of one moment, as other servers' stamps count them: its messages follow each other from the first id of that moment.</summary>
    private sealed record Moment(BareJid Account, long First)
    {
        public HashSet<string> Known { get; } = [];

        public long Next { get; set; }
    }
}
