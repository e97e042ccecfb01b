using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;

namespace Meerkat.Modules.Offline;

/// <summary>What is worth keeping of a message, and how. Pure.</summary>
internal static class OfflineRules
{
    /// <summary>Who delayed it and why, as the reference says it (OFF-005).</summary>
    public const string DelayReason = "Offline Storage";

    // XEP-0023: seconds beyond this are no expiry that anybody lives to see.
    private const long MaxSeconds = 100L * 366 * 24 * 3600;

    /// <summary>Whether a message is kept (OFF-002): not if all that it says is a chat state (XEP-0085), nor if it answers a message event (XEP-0022).</summary>
    public static bool IsKept(Message message)
    {
        var hasState = false;
        foreach (var child in message.Element.Children)
        {
            if (child.IsIn(Ns.ChatStates))
            {
                hasState = true;
            }
            else if (child.Is("x", Ns.MessageEvents) && child.Child("id", Ns.MessageEvents) is not null)
            {
                return false;
            }
            else if (!IsEnvelope(child))
            {
                // Something of substance; but an event may still follow.
                return message.Child("x", Ns.MessageEvents)?.Child("id", Ns.MessageEvents) is null;
            }
        }

        return !hasState;
    }

    /// <summary>The answer to a message that wants to know when it is stored (XEP-0022 §3.1); null when it does not.</summary>
    public static Message? StoredEvent(Message message)
    {
        if (message.Child("x", Ns.MessageEvents) is not { } request || request.Child("offline", Ns.MessageEvents) is null)
        {
            return null;
        }

        var answer = new XmlBuilder("x", Ns.MessageEvents).Element("offline").Element("id", message.Id).Build();
        return Message.Create(MessageType.Normal, message.To, message.From, null, answer);
    }

    /// <summary>The message as it is stored: delays are taken off, the first one's stamp is remembered (OFF-005), an expiry is worked out (OFF-004).</summary>
    public static OfflineMessage ToStored(Message message, DateTimeOffset now)
    {
        var element = message.ToElement();
        var sent = Delay.Find(element)?.Stamp ?? now;
        var xml = element.Without(static child => child.Is("delay", Ns.Delay));
        var seconds = message.Child("x", Ns.Expire)?.Attribute("seconds");
        var expires = long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted is > 0 and < MaxSeconds
            ? now.AddSeconds(wanted)
            : (DateTimeOffset?)null;
        return new OfflineMessage(xml.ToUtf8(), message.From, now, sent.ToUniversalTime(), expires);
    }

    /// <summary>The message as it is delivered; null when what was stored is no message.</summary>
    public static Message? ToDelivered(OfflineMessage stored, BareJid domain) =>
        XmlElement.TryParse(stored.Xml.Span, out var element, "", XmlLimits.Unlimited) && StanzaReader.ReadTrusted(element) is Message message
            ? message.Append(new Delay(stored.Sent, domain, DelayReason).ToXml())
            : null;

    // What servers and clients put around a chat state and that says nothing by itself.
    private static bool IsEnvelope(XmlElement child) =>
        child.Is("thread", Ns.Client) || child.IsIn(Ns.StanzaIds) || child.IsIn(Ns.Hints) || child.Is("delay", Ns.Delay);
}
