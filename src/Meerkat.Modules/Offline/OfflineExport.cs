using System.Text;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Offline;

/// <summary>Waiting messages as personal data (OFF-007): the same table from every store.</summary>
public static class OfflineExport
{
    /// <summary>The table of some messages.</summary>
    /// <param name="account">Who they wait for.</param>
    /// <param name="messages">The messages, in order.</param>
    public static PersonalDataSection Section(BareJid account, IEnumerable<StoredMessage> messages) => new(
        "offline",
        ["timestamp", "from", "to", "packet"],
        [.. messages.Select(stored => (IReadOnlyList<string>)[XmppDateTime.Format(stored.Message.Sent), stored.Message.From?.ToString() ?? "", account.ToString(), Encoding.UTF8.GetString(stored.Message.Xml.Span)])]);
}
