using Meerkat.Xmpp;

namespace Meerkat.Modules.Carbons;

/// <summary>Which messages are copied (XEP-0280 §6, CORE-230, CORE-231, CRB-002).</summary>
internal static class CarbonRules
{
    private static readonly string[] s_chatStates = ["active", "composing", "paused", "inactive", "gone"];
    private static readonly string[] s_markers = ["markable", "received", "displayed", "acknowledged"];

    /// <summary>Whether a message is copied.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isReceived">Whether it is looked at on its recipient's side.</param>
    public static bool IsEligible(Message message, bool isReceived) =>
        message.Type is MessageType.Chat or MessageType.Normal
        && !message.Has("no-copy", Ns.Hints)
        && message.Copy is MessageCopy.Only // the room has sent it to all who share the nick
        && !IsMarked(message, Ns.Carbons)
        && !IsMarked(message, Ns.CarbonsOld)
        && (message.Type is MessageType.Chat || IsConversation(message) || (isReceived && IsFromRoom(message)));

    private static bool IsMarked(Message message, string ns) => message.Has("private", ns) || message.Has("sent", ns) || message.Has("received", ns);

    private static bool IsConversation(Message message) =>
        message.Has("body", Ns.Client)
        || message.Has("received", Ns.Receipts)
        || s_chatStates.Any(state => message.Has(state, Ns.ChatStates))
        || s_markers.Any(marker => message.Has(marker, Ns.ChatMarkers));

    // Invitations, and private messages of an occupant.
    private static bool IsFromRoom(Message message) =>
        message.Has("x", Ns.Conference)
        || (message.Child("x", Ns.MucUser) is { } x && (x.Child("invite") is not null || message.To is FullJid));
}
