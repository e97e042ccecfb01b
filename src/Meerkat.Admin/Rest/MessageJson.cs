using System.Text;
using Meerkat.Modules.Mam;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest;

/// <summary>Messages as users read them, out of archives and as they come (RST, 3.1 and 3.2).</summary>
internal static class MessageJson
{
    /// <summary>A message between two.</summary>
    /// <param name="message">It, out of an archive; its time is in milliseconds.</param>
    public static Dictionary<string, object> Chat(ShownMessage message) =>
        Chat(Stored(message), message.From, message.To, message.Time.ToUnixTimeMilliseconds());

    /// <summary>A message between two, as it comes; its time is in microseconds.</summary>
    public static Dictionary<string, object> Chat(Message message, DateTimeOffset now) => Chat(message.Element, message.From, message.To, Microseconds(now));

    /// <summary>A message of a light room, out of its archive; its time is in milliseconds.</summary>
    /// <param name="message">It.</param>
    /// <param name="room">The room.</param>
    public static Dictionary<string, object> Room(ShownMessage message, BareJid room) =>
        Room(Stored(message), message.From, room, message.Time.ToUnixTimeMilliseconds());

    /// <summary>A message of a light room, as it comes; its time is in microseconds.</summary>
    public static Dictionary<string, object> Room(Message message, DateTimeOffset now)
    {
        var room = message.From!.Bare;
        var shown = Room(message.Element, message.From, room, Microseconds(now));
        shown["room"] = room.Local ?? "";
        return shown;
    }

    /// <summary>The stanza of a message out of an archive: whatever was let in has to be readable, how long it may be is decided there.</summary>
    internal static XmlElement Stored(ShownMessage message) => XmlElement.Parse(Encoding.UTF8.GetBytes(message.Xml), Ns.Client, XmlLimits.Unlimited);

    private static long Microseconds(DateTimeOffset now) => (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static Dictionary<string, object> Chat(XmlElement stanza, Jid? from, Jid? to, long time)
    {
        var shown = new Dictionary<string, object>
        {
            ["from"] = from?.ToString() ?? "",
            ["to"] = to?.ToString() ?? "",
            ["id"] = stanza.Attribute("id") ?? "",
            ["body"] = stanza.ChildText("body") ?? "",
            ["timestamp"] = time,
        };
        if (stanza.Child("thread") is { } thread)
        {
            shown["thread"] = thread.Text;
            if (thread.Attribute("parent") is { } parent)
            {
                shown["parent"] = parent;
            }
        }

        if (stanza.Child("properties", Ns.JiveProperties) is { } properties)
        {
            var read = new Dictionary<string, string>();
            foreach (var property in properties.Children)
            {
                if (property.Is("property", Ns.JiveProperties) && property.ChildText("name") is { Length: > 0 } name && property.ChildText("value") is { } value)
                {
                    read[name] = value;
                }
            }

            shown["properties"] = read;
        }

        return shown;
    }

    // The sender is the resource of the room's address; what the room says itself has none.
    private static Dictionary<string, object> Room(XmlElement stanza, Jid? from, BareJid room, long time)
    {
        var shown = new Dictionary<string, object>
        {
            ["type"] = "message",
            ["id"] = stanza.Attribute("id") ?? "",
            ["from"] = from is FullJid occupant && occupant.Bare.Equals(room) ? occupant.Resource : (from ?? room).Bare.ToString(),
            ["timestamp"] = time,
        };
        if (stanza.Child("x", Ns.MucLightAffiliations) is { } changes && changes.Child("user") is { } user)
        {
            shown["type"] = "affiliation";
            shown["user"] = user.Text;
            shown["affiliation"] = user.Attribute("affiliation") ?? "";
        }

        if (stanza.ChildText("body") is { } body)
        {
            shown["body"] = body;
        }

        if (stanza.Child("markable", Ns.ChatMarkers) is not null)
        {
            shown["markable"] = true;
        }

        foreach (var child in stanza.Children)
        {
            if (child.IsIn(Ns.ChatMarkers) && child.Name != "markable")
            {
                shown["chat_marker"] = new { type = child.Name, id = child.Attribute("id") ?? "" };
            }
        }

        return shown;
    }
}
