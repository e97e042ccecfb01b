using System.Collections.Concurrent;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>The sessions that live on this node: those that look-ups find, and those that only their number finds, which are being bound or taken over. Safe for concurrent use.</summary>
/// <param name="self">This node.</param>
/// <param name="time">The clock that revisions begin with, so that those of a later run are greater.</param>
internal sealed class LivingSessions(ClusterNode self, TimeProvider time)
{
    private readonly LocalSessionDirectory _bound = new();
    private readonly ConcurrentDictionary<long, Session> _byOrder = new();
    private long _revision = time.GetUtcNow().UtcTicks;

    /// <summary>How many are bound.</summary>
    public int Count => _bound.Count;

    /// <summary>Those that are bound, in no order.</summary>
    public IEnumerable<Session> Bound => _bound.Local;

    /// <summary>From here on what other nodes send to the session's number reaches it.</summary>
    public void Add(Session session) => _byOrder[session.Order] = session;

    /// <summary>Its number is known no more.</summary>
    /// <returns>Whether it was: each session is taken out by one caller.</returns>
    public bool TryRemove(Session session) => _byOrder.TryRemove(KeyValuePair.Create(session.Order, session));

    /// <summary>Whether the session was added and not taken out.</summary>
    public bool Has(Session session) => _byOrder.ContainsKey(session.Order);

    /// <summary>The session with a number; null when there is none.</summary>
    public Session? Find(long order) => _byOrder.GetValueOrDefault(order);

    /// <summary>The bound sessions of an account.</summary>
    public Session[] Find(BareJid account) => _bound.Find(account);

    /// <summary>Look-ups find it from here on, if it is still known by its number then.</summary>
    public async ValueTask BindAsync(Session session, CancellationToken ct)
    {
        await _bound.BindAsync(session, ct);
        if (!Has(session))
        {
            await _bound.UnbindAsync(session, ct); // it was replaced and has ended, before it was bound altogether
        }
    }

    /// <summary>No look-up finds it any more.</summary>
    /// <returns>Whether one did.</returns>
    public ValueTask<bool> UnbindAsync(Session session) => _bound.UnbindAsync(session, CancellationToken.None);

    /// <summary>All that have not ended, those that are being bound among them.</summary>
    public IReadOnlyList<SessionRecord> ToRecords() => [.. _byOrder.Values.Where(session => !session.HasEnded).Select(ToRecord)];

    /// <summary>What other nodes may know of a session now.</summary>
    public SessionRecord ToRecord(Session session)
    {
        // The number first: who has a greater one has seen what is at least as new.
        var revision = Interlocked.Increment(ref _revision);
        return session.ToRecord(self, revision);
    }
}
