using Meerkat.Modules.Mam;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>Which messages count, and what they do. Pure.</summary>
/// <param name="options">Options.</param>
internal sealed class InboxRules(InboxOptions options)
{
    private readonly HashSet<string> _resets = [.. options.ResetMarkers.Select(marker => marker.ToString().ToLowerInvariant())];

    /// <summary>Whether a message means something to an inbox (INB-010). Its type is for the caller to look at.</summary>
    public static bool Counts(Message message) => ArchiveRules.IsArchivable(message, withMarkers: true) && !message.Has("x", Ns.InboxConversation);

    /// <summary>The id of the message that a marker says was read (INB-014); null when there is no such marker.</summary>
    public string? ReadId(Message message)
    {
        foreach (var child in message.Element.Children)
        {
            if (child.IsIn(Ns.ChatMarkers) && _resets.Contains(child.Name) && child.Attribute("id") is { } id)
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>The message as it is shown.</summary>
    public static byte[] Content(Message message) => message.ToElement().ToUtf8();

    /// <summary>An entry's name in pages (INB-024): <c>timestamp/base64(contact)</c>.</summary>
    public static string IdOf(InboxEntry entry) => $"{entry.Timestamp}/{Convert.ToBase64String(entry.Remote.Utf8)}";

    /// <summary>Reads an entry's name.</summary>
    public static bool TryReadId(string text, out (long Timestamp, BareJid Remote) id)
    {
        id = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        Span<byte> jid = stackalloc byte[3072];
        if (slash < 1
            || !long.TryParse(text.AsSpan(0, slash), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var timestamp)
            || !Convert.TryFromBase64Chars(text.AsSpan(slash + 1), jid, out var length)
            || !Jid.TryParse(jid[..length], out var remote))
        {
            return false;
        }

        id = (timestamp, remote.Bare);
        return true;
    }

    /// <summary>An entry's properties, as answers and updates show them (INB-026).</summary>
    public static XmlBuilder AddProperties(XmlBuilder to, InboxEntry entry, bool isRead, DateTimeOffset now) => to
        .Element("read", isRead ? "true" : "false")
        .Element("box", entry.Box)
        .Element("archive", entry.Box == InboxBox.Archive ? "true" : "false")
        .Element("mute", entry.MutedUntil > InboxTime.Microseconds(now) ? Stamp(entry.MutedUntil) : "0");

    /// <summary>The entry's message, forwarded (XEP-0297).</summary>
    public static XmlElement Forwarded(InboxEntry entry)
    {
        var forwarded = new XmlBuilder("forwarded", Ns.Forward).Start("delay", Ns.Delay).Attribute("stamp", Stamp(entry.Timestamp)).End();
        if (XmlElement.TryParse(entry.Content.Span, out var message, Ns.Client, XmlLimits.Unlimited))
        {
            forwarded.Add(message);
        }

        return forwarded.Build();
    }

    // With all six digits, as clients of the reference expect them.
    private static string Stamp(long microseconds) => InboxTime.Of(microseconds).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture) + "Z";
}
