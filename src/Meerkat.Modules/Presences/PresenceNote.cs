using System.Globalization;
using Meerkat.Core.Cluster;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Presences;

/// <summary>A presence that reached an account on one node, for the exceptions that a session on another node keeps (CORE-167).</summary>
/// <param name="Session">The session's <see cref="Core.Sessions.IBoundSession.Order"/>.</param>
/// <param name="From">Whose presence.</param>
/// <param name="Type">Its type: available, unavailable or error.</param>
internal sealed record PresenceNote(long Session, Jid From, PresenceType Type)
{
    private const string Namespace = "meerkat:presence";

    /// <summary>Whether a session with such exceptions has to hear of it. What is known of it may be a moment old: who misses it is told once more than it needs, or has to send presence again.</summary>
    public static bool Matters(PresenceState state, Jid from, PresenceType type) => type switch
    {
        PresenceType.Available => state.IsWithheld(from) || state.IsWithheld(from.Bare),
        PresenceType.Unavailable => state.IsDirected(from),
        _ => true,
    };

    /// <summary>For the way to the session's node.</summary>
    public ClusterEvent ToEvent(BareJid account) => new(
        ClusterTopics.PresenceNote,
        account,
        new XmlBuilder("note", Namespace).Attribute("session", Session.ToString(CultureInfo.InvariantCulture)).Attribute("from", From.ToString()).Attribute("type", Type.ToString()).Build());

    /// <summary>What came; null when it cannot be read.</summary>
    public static PresenceNote? Of(ClusterEvent what) =>
        what.Detail is { } note && long.TryParse(note.Attribute("session"), NumberStyles.None, CultureInfo.InvariantCulture, out var session)
            && Jid.TryParse(note.Attribute("from"), out var from) && Enum.TryParse<PresenceType>(note.Attribute("type"), out var type)
            ? new PresenceNote(session, from, type)
            : null;
}
