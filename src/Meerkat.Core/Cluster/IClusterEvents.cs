using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>Tells other nodes what has changed in what all of them store and each may keep in memory (architecture §6). On one node it does nothing.</summary>
/// <remarks>The node that tells does not hear it itself. Who hears is registered by modules (<see cref="Modules.IModuleRegistry.Hear"/>). Safe for concurrent use.</remarks>
public interface IClusterEvents
{
    /// <summary>This node.</summary>
    ClusterNode Self { get; }

    /// <summary>Whether there is no other node now.</summary>
    bool IsAlone { get; }

    /// <summary>Whether a node is a member of the cluster now.</summary>
    bool Has(ClusterNode node);

    /// <summary>Tells all other nodes. Completes when each has dealt with it, or has left; a node that does not answer within two seconds deals with it later. Never fails.</summary>
    /// <param name="what">What has changed: it is stored already, so that who reads behind this reads the new state.</param>
    ValueTask TellAsync(ClusterEvent what);

    /// <summary>Hears what other nodes tell of a topic that is no module's: once a time, whatever host types there are. It may be told before this node serves.</summary>
    /// <param name="topic">One of <see cref="ClusterTopics"/>.</param>
    /// <param name="hear">Deals with it; who tells waits for that. What it throws is logged.</param>
    void Hear(string topic, Func<ClusterEvent, ValueTask> hear);

    /// <summary>Tells one node, behind all stanzas that were sent there before, and does not wait.</summary>
    void Post(ClusterNode to, ClusterEvent what);
}

/// <summary>Something that has changed.</summary>
/// <param name="Topic">Which kind: one of <see cref="ClusterTopics"/>.</param>
/// <param name="About">The account, or the room.</param>
/// <param name="Detail">What the topic says; null for most.</param>
public sealed record ClusterEvent(string Topic, BareJid About, XmlElement? Detail = null);

/// <summary>The kinds of <see cref="ClusterEvent"/>. Their names are on the wire.</summary>
public static class ClusterTopics
{
    /// <summary>An account's roster has changed.</summary>
    public const string Roster = "roster";

    /// <summary>An account's privacy lists, its blocked addresses among them, have changed.</summary>
    public const string Privacy = "privacy";

    /// <summary>What an account or a room wants archived has changed.</summary>
    public const string ArchivePreferences = "archive-preferences";

    /// <summary>An account was removed, and its data with it.</summary>
    public const string AccountRemoved = "account-removed";

    /// <summary>A room of MUC Light has changed, or is gone; a domain stands for all of its rooms.</summary>
    public const string LightRoom = "light-room";

    /// <summary>Messages are stored for an account that has a session on the hearing node.</summary>
    public const string Offline = "offline";

    /// <summary>A dynamic domain was added, enabled, disabled or is being removed.</summary>
    public const string Domain = "domain";

    /// <summary>A session on the hearing node has exceptions to its presence that somebody else's presence changes (CORE-167).</summary>
    public const string PresenceNote = "presence-note";
}
