using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>Kinds of chat marker (XEP-0333 §4).</summary>
public enum MarkerType
{
    /// <summary>The message arrived.</summary>
    Received,

    /// <summary>The message was shown.</summary>
    Displayed,

    /// <summary>Somebody said that it was seen.</summary>
    Acknowledged,
}

/// <summary>The last chat marker of its kind that somebody sent in a conversation (SMK-001).</summary>
/// <param name="From">Who sent it.</param>
/// <param name="To">To whom: an account or a room.</param>
/// <param name="Thread">The conversation's thread; empty for the main one.</param>
/// <param name="Type">Its kind.</param>
/// <param name="MessageId">The message that it is about.</param>
/// <param name="Timestamp">When it was sent: microseconds since 1970.</param>
public sealed record SmartMarker(BareJid From, BareJid To, string Thread, MarkerType Type, string MessageId, long Timestamp)
{
    /// <summary>The markers of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="from">Who sent it, really.</param>
    /// <param name="to">To whom.</param>
    /// <param name="timestamp">When: microseconds since 1970.</param>
    public static IReadOnlyList<SmartMarker> Of(Message message, BareJid from, BareJid to, long timestamp)
    {
        List<SmartMarker>? markers = null;
        string? thread = null;
        foreach (var child in message.Element.Children)
        {
            if (ArchiveRules.IsMarker(child) && child.Attribute("id") is { Length: > 0 } id)
            {
                thread ??= message.Element.ChildText("thread") ?? "";
                (markers ??= []).Add(new SmartMarker(from, to, thread, TypeOf(child.Name), id, timestamp));
            }
        }

        return markers ?? (IReadOnlyList<SmartMarker>)[];
    }

    /// <summary>The kind of a marker, as the element's name on the wire.</summary>
    public static string NameOf(MarkerType type) => type switch
    {
        MarkerType.Received => "received",
        MarkerType.Displayed => "displayed",
        _ => "acknowledged",
    };

    private static MarkerType TypeOf(string name) => name switch
    {
        "received" => MarkerType.Received,
        "displayed" => MarkerType.Displayed,
        _ => MarkerType.Acknowledged,
    };
}
