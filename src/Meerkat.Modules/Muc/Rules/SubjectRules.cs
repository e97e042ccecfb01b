using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;

namespace Meerkat.Modules.Muc;

/// <summary>The subject of a room (XEP-0045 §7.2.15, §8.1, MUC-042). Pure.</summary>
internal static class SubjectRules
{
    private static readonly XmlElement s_nothing = new XmlBuilder("subject", Ns.Client).Build();
    private static readonly XmlElement s_noBody = new XmlBuilder("body", Ns.Client).Build();

    /// <summary>The message that tells a newcomer the subject.</summary>
    public static Message Current(RoomState room)
    {
        var subject = room.Subject;
        if (subject.Texts.IsEmpty)
        {
            return Message.Create(MessageType.Groupchat, room.Jid, null, null, s_nothing, s_noBody);
        }

        Jid from = subject.Author.Length > 0 && FullJid.TryCreate(room.Jid, subject.Author, out var author) ? author : room.Jid;
        var message = Message.Create(MessageType.Groupchat, from, null, null, subject.Texts);
        return subject.Set == default ? message : message.Append(new Delay(subject.Set, room.Jid).ToXml());
    }

    /// <summary>Sets the subject by a message that was allowed to.</summary>
    public static void Set(Turn turn, Message message, string author)
    {
        var texts = message.Element.Children.Where(child => child.Is("subject", Ns.Client)).Select(child => child.Detach()).ToArray();
        var isNone = Array.TrueForAll(texts, text => text.Text.Length == 0);
        turn.State = turn.State with { Subject = new RoomSubject(isNone ? [] : [.. texts], author, turn.World.Now) };
        turn.Saves = true;
        turn.Events.Add(new RoomEvent(RoomEventKind.Subject, author, turn.State.Subject.Text));
    }
}
