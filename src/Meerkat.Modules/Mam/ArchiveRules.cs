using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Which messages are worth archiving, and in which form. Pure; on the road of every message.</summary>
public static class ArchiveRules
{
    /// <summary>Whether a message has something to keep and nothing against it (MAM-011). Its type is for the caller to look at.</summary>
    /// <param name="message">The message.</param>
    /// <param name="withMarkers">Whether a chat marker alone is enough.</param>
    public static bool IsArchivable(Message message, bool withMarkers)
    {
        var isWorthIt = false;
        foreach (var child in message.Element.Children)
        {
            var ns = child.Namespace;
            if (child.Is("body", Ns.Client) || child.Is("store", Ns.Hints) || (withMarkers && IsMarker(child)) || IsRetraction(child))
            {
                isWorthIt = true;
            }
            else if (child.Is("no-store", Ns.Hints) || child.Is("result", ns) || child.Is("delay", ns))
            {
                return false;
            }
        }

        return isWorthIt;
    }

    /// <summary>Whether an element is a chat marker that says that something was received or seen (XEP-0333).</summary>
    public static bool IsMarker(XmlElement child) =>
        child.IsIn(Ns.ChatMarkers) && (child.Is("displayed", Ns.ChatMarkers) || child.Is("received", Ns.ChatMarkers) || child.Is("acknowledged", Ns.ChatMarkers));

    /// <summary>Whether a message has a chat marker.</summary>
    public static bool HasMarker(Message message)
    {
        foreach (var child in message.Element.Children)
        {
            if (IsMarker(child))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The id that the sender's client gave the message (XEP-0359); null when it gave none.</summary>
    public static string? OriginId(Message message) => message.Element.Child("origin-id", Ns.StanzaIds)?.Attribute("id") is { Length: > 0 } id ? id : null;

    /// <summary>The message without ids that somebody else gave in the name of an archive (XEP-0359 §6).</summary>
    public static Message WithoutForgedIds(Message message, BareJid archive) =>
        message.Element.Child("stanza-id", Ns.StanzaIds) is null ? message : message.WithElement(message.Element.Without(child => IsIdOf(child, archive)));

    /// <summary>What is stored of a message (MAM-018): its own bytes, and what was put behind them on the way, but not the id that it has in this archive.</summary>
    /// <remarks>Usually one copy of the bytes that all of its recipients share.</remarks>
    public static byte[] ToStored(Message message, BareJid archive)
    {
        for (var appended = message.Appended; appended is not null; appended = appended.Next)
        {
            if (!IsIdOf(appended.Element, archive))
            {
                return message.ToElement().Without(child => IsIdOf(child, archive)).ToUtf8();
            }
        }

        return message.Element.Raw.ToArray();
    }

    /// <summary>The text by which a message is found; null when it has none. A chat marker's text is none (MAM-041).</summary>
    public static string? SearchText(Message message) => HasMarker(message) ? null : ArchiveText.Normalise(message.Body);

    private static bool IsRetraction(XmlElement child) =>
        (child.Is("apply-to", Ns.Fasten) && child.Attribute("id") is not null && (child.Child("retract", Ns.RetractOld) ?? child.Child("retract", Ns.RetractByStanzaId)) is not null)
        || (child.Is("retract", Ns.Retract) && child.Attribute("id") is not null);

    private static bool IsIdOf(XmlElement child, BareJid archive) =>
        child.Is("stanza-id", Ns.StanzaIds) && Jid.TryParse(child.Attribute("by"), out var by) && by.Bare.Equals(archive);
}
