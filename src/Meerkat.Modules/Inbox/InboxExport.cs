using System.Globalization;
using System.Text;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>Conversations as personal data (INB-042): the same table from every store.</summary>
public static class InboxExport
{
    /// <summary>The table of some conversations.</summary>
    public static PersonalDataSection Section(IEnumerable<InboxEntry> entries) => new(
        "inbox",
        ["jid", "content", "unread_count", "timestamp"],
        [.. entries.Select(entry => (IReadOnlyList<string>)[
            entry.Remote.ToString(), Encoding.UTF8.GetString(entry.Content.Span), entry.Unread.ToString(CultureInfo.InvariantCulture), XmppDateTime.Format(InboxTime.Of(entry.Timestamp))])]);
}

/// <summary>Moments as the inbox keeps them.</summary>
internal static class InboxTime
{
    public static DateTimeOffset Of(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static long Microseconds(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
