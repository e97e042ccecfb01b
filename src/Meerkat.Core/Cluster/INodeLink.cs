using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>Stanzas and commands to other nodes (architecture §6).</summary>
/// <remarks>
/// <para>To each node goes one batch at a time, numbered, of bounded size: what is sent meanwhile is in the next one, so that a burst travels in few. Everything for one node arrives once and in the
/// order of the calls; a node that is slow or away keeps back only what goes there. The bytes that stanzas share are in a batch once, however many recipients they have on that node.</para>
/// <para>What waits for a node is bounded in bytes: more is refused. What a node did not take when it left the cluster is told through <see cref="Undelivered"/>. Safe for concurrent use.</para>
/// </remarks>
public interface INodeLink
{
    /// <summary>This node.</summary>
    ClusterNode Self { get; }

    /// <summary>Gives a stanza to a session on another node.</summary>
    /// <returns>False when it was not taken: the node is no member any more, or too much waits for it.</returns>
    bool TrySend(ClusterNode to, SessionStanza stanza);

    /// <summary>Tells another node something, without an answer.</summary>
    /// <returns>False when it was not taken, as with <see cref="TrySend"/>.</returns>
    bool TryPost(ClusterNode to, NodeVerb verb, ReadOnlyMemory<byte> body);

    /// <summary>Asks a node, itself too, something. It is asked behind all that was sent to that node before.</summary>
    /// <exception cref="NodeUnreachableException">The node left before it answered, or too much waits for it.</exception>
    /// <exception cref="NodeRefusedException">The other side failed.</exception>
    ValueTask<ReadOnlyMemory<byte>> AskAsync(ClusterNode to, NodeVerb verb, ReadOnlyMemory<byte> body, CancellationToken ct);

    /// <summary>Waits while more than a quarter of the bound waits for a node: for those who send much. Never fails but by <paramref name="ct"/>.</summary>
    ValueTask ReadyAsync(ClusterNode to, CancellationToken ct);

    /// <summary>Says who serves a verb here. Before anything comes.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="handler">Gets the asking node and the body, which is its own; answers with the reply, which nobody reads after <see cref="TryPost"/>. The next one does not wait for it, but it is called in order.</param>
    void Serve(NodeVerb verb, Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>> handler);

    /// <summary>Takes stanzas for sessions of this node. Set once. Quick.</summary>
    Action<ClusterNode, SessionStanza>? Deliver { get; set; }

    /// <summary>Told of a stanza that a node did not take before it left, and when it was sent: the node may have got it, if it was in the last batch. Set once.</summary>
    Action<ClusterNode, SessionStanza, DateTimeOffset>? Undelivered { get; set; }
}

/// <summary>A stanza for one session.</summary>
/// <param name="Session">The session's <see cref="Sessions.IBoundSession.Order"/>, which tells it from every other session that its node has or had.</param>
/// <param name="Jid">The session's address: where the stanza goes from there when the session has ended.</param>
/// <param name="Stanza">The stanza.</param>
/// <param name="PastFilters">Whether it is an answer of the server itself, which passes no filter.</param>
public readonly record struct SessionStanza(long Session, FullJid Jid, Stanza Stanza, bool PastFilters);

/// <summary>What nodes tell and ask each other, beside stanzas. The numbers are on the wire.</summary>
public enum NodeVerb : byte
{
    /// <summary>The sessions of an account have changed.</summary>
    SessionsChanged = 1,

    /// <summary>A session has to end.</summary>
    EndSession = 2,

    /// <summary>A session's state is taken over by the asking node (XEP-0198 §5).</summary>
    TakeSession = 3,

    /// <summary>What became of a session that was taken over.</summary>
    SessionTaken = 4,

    /// <summary>The authority for accounts' sessions is asked.</summary>
    Registry = 5,

    /// <summary>The sessions that a node has, for the authority that has just become theirs.</summary>
    RegistrySessions = 6,

    /// <summary>Something has changed that nodes keep in memory (<see cref="IClusterEvents"/>).</summary>
    Event = 7,

    /// <summary>The sessions of a node are counted, for administrators.</summary>
    CountSessions = 8,

    /// <summary>The sessions of a node are listed, for administrators.</summary>
    ListSessions = 9,

    /// <summary>A session sends a presence that an administrator made.</summary>
    SendPresence = 10,

    /// <summary>An answer comes behind everything that was sent before, by way of another node too.</summary>
    Fence = 11,

    /// <summary>Whether the asking node is seen as a member (<see cref="NodeGreetings"/>).</summary>
    Greeting = 16,

    /// <summary>A command to the single writer of a key (<see cref="ClusterPlacement"/>).</summary>
    Place = 17,

    /// <summary>The keys whose writers a node has, for the node that knows where they are.</summary>
    PlacesHere = 18,

    /// <summary>Verbs of others begin here.</summary>
    FirstOther = 32,
}

/// <summary>The other node took a question and failed, or would not answer.</summary>
public sealed class NodeRefusedException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public NodeRefusedException()
    {
    }

    /// <summary>With a text for the log.</summary>
    public NodeRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>With a text for the log and what led to it.</summary>
    public NodeRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
