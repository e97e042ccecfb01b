using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;

namespace Meerkat.Modules.Muc;

/// <summary>How a message is kept for newcomers and shown to them (XEP-0045 §7.2.14, MUC-030). Pure.</summary>
internal static class HistoryRules
{
    /// <summary>Adds a message that was broadcast, unless its sender asked for no copies (XEP-0334) or it has nothing to show.</summary>
    public static RoomState Keep(RoomState room, Message message, Jid sender, DateTimeOffset now, int max) =>
        IsKept(message) ? room with { History = room.History.Add(new HistoryItem(message, now, sender), max) } : room;

    /// <summary>Takes out of the history what its sender takes back (XEP-0424 §5: it is not distributed further); newcomers learn that something was there.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">A message that is being broadcast.</param>
    /// <param name="sender">Who sent it: nobody takes back what an other account said.</param>
    /// <param name="now">The time.</param>
    public static RoomState Retract(RoomState room, Message message, Jid sender, DateTimeOffset now)
    {
        if (message.Child("retract", Ns.Retract) is not { } retract || retract.Child("moderated", Ns.Moderate) is not null
            || !StanzaId.TryParse(retract.Attribute("id"), out var id) || room.History.Find(id.Value) is not { } item || !item.Sender.Bare.Equals(sender.Bare))
        {
            return room;
        }

        var retracted = new XmlBuilder("retracted", Ns.Retract).Attribute("stamp", XmppDateTime.Format(now)).Attribute("id", message.Id).Build();
        return room with { History = room.History.Replace(id.Value, said => said.WithElement(said.Element.WithChildren([retracted]))) };
    }

    /// <summary>The message as a newcomer gets it, with the time when it was said: from the room where real addresses are hidden.</summary>
    public static Message Replay(RoomState room, HistoryItem item)
    {
        var by = room.Configuration.IsSemiAnonymous ? room.Jid : item.Sender;
        var sent = new DateTimeOffset(item.Sent.UtcTicks - (item.Sent.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        return item.Message.Append(new Delay(sent, by).ToXml());
    }

    // Chat states and markers alone are of the moment.
    private static bool IsKept(Message message) =>
        !message.Has("no-store", Ns.Hints) && !message.Has("no-permanent-store", Ns.Hints)
        && (message.Has("body", Ns.Client) || message.Has("subject", Ns.Client) || message.Has("retract", Ns.Retract) || message.Has("store", Ns.Hints)
            || message.Has("reactions", Ns.Reactions) || message.Has("encrypted", Ns.Omemo));
}
