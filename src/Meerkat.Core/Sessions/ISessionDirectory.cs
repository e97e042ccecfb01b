using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>Account → bound sessions (architecture §6).</summary>
/// <remarks>
/// A look-up completes synchronously for what this node knows. A bind is visible to every later look-up once it has completed.
/// Safe for concurrent use.
/// </remarks>
public interface ISessionDirectory
{
    /// <summary>The sessions of an account.</summary>
    /// <returns>A snapshot in the order of binding; empty when there are none.</returns>
    ValueTask<IReadOnlyList<IBoundSession>> FindAsync(BareJid account, CancellationToken ct);

    /// <summary>The session of a full JID, or null when it is not bound.</summary>
    ValueTask<IBoundSession?> FindAsync(FullJid jid, CancellationToken ct);

    /// <summary>Adds a session.</summary>
    /// <returns>The session that had the same full JID and is replaced by this one; null when there was none.</returns>
    ValueTask<IBoundSession?> BindAsync(Session session, CancellationToken ct);

    /// <summary>Takes a session out, if it is still the one bound to its full JID.</summary>
    /// <returns>Whether it was.</returns>
    ValueTask<bool> UnbindAsync(Session session, CancellationToken ct);

    /// <summary>A bound session of this node has changed: its presence, priority or a module's record. Those who look it up on other nodes see that soon. Quick; does nothing on a single node.</summary>
    void Changed(Session session)
    {
    }

    /// <summary>Waits until what has changed about a session of this node is seen by every look-up, on other nodes too; not for ever: a node that does not answer sees it later. Never fails.</summary>
    ValueTask PublishAsync(Session session, CancellationToken ct) => ValueTask.CompletedTask;

    /// <summary>Name of this node, as administrators see it: the machine's, where there is one node alone.</summary>
    string Node => Environment.MachineName;

    /// <summary>The sessions that live on other nodes, in no order, for administrators; without those of a node that does not answer within some seconds. None on a single node.</summary>
    /// <param name="of">An account, a domain, or null for all.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask<IReadOnlyList<SessionReport>> ListElsewhereAsync(BareJid? of, CancellationToken ct) => new([]);

    /// <summary>How many sessions live on other nodes: as <see cref="ListElsewhereAsync"/>.</summary>
    ValueTask<int> CountElsewhereAsync(BareJid? of, CancellationToken ct) => new(0);

    /// <summary>A node has gone, and its sessions with it: no look-up finds them any more. Who relies on sessions looks them up anew. Quick. Never told on a single node.</summary>
    event Action? SessionsLost
    {
        add { }
        remove { }
    }

    /// <summary>How many sessions are bound on this node.</summary>
    int Count { get; }

    /// <summary>The sessions that live on this node, in no order.</summary>
    IEnumerable<Session> Local { get; }
}
