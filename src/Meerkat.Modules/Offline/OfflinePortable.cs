using System.Runtime.CompilerServices;
using System.Text;
using Meerkat.Core.Portability;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;

namespace Meerkat.Modules.Offline;

/// <summary>An account's waiting messages in the portable format (XEP-0227 §4.3), the oldest first.</summary>
internal sealed class OfflinePortable(IOfflineStore store, TimeProvider time) : IPortableData
{
    private static readonly PortableElement s_messages = new("offline-messages", Ns.Portable, IsContainer: true);

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [s_messages];

    /// <inheritdoc/>
    public async IAsyncEnumerable<PortablePiece> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var section in store.ExportAsync(account, ct))
        {
            foreach (var row in section.Rows)
            {
                var message = XmlElement.Parse(Encoding.UTF8.GetBytes(row[3]), Ns.Client, XmlLimits.Unlimited);
                yield return new PortablePiece(s_messages, XmppDateTime.TryParse(row[0], out var sent) ? message.With(new Delay(sent, account.DomainJid, OfflineRules.DelayReason).ToXml()) : message);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(BareJid account, PortablePiece piece) => piece.Xml.Is("message", Ns.Client) && StanzaReader.ReadTrusted(piece.Xml) is Message ? [] : ["offline-messages: one is no message"];

    /// <inheritdoc/>
    public async ValueTask ImportAsync(BareJid account, PortablePiece piece, CancellationToken ct)
    {
        if (StanzaReader.ReadTrusted(piece.Xml) is Message message)
        {
            await store.AddAsync(account, OfflineRules.ToStored(message, time.GetUtcNow()), long.MaxValue, ct);
        }
    }
}
