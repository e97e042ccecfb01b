using System.Collections.Concurrent;

namespace Meerkat.Core.Sessions;

/// <summary>Resumption id → session (XEP-0198 §5), for the sessions of this node. Safe for concurrent use.</summary>
public sealed class ResumptionRegistry
{
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>A session can be resumed under its id.</summary>
    public void Add(Session session) => _sessions[session.ResumptionId!] = session;

    /// <summary>Finds the session of an id; null when there is none.</summary>
    public Session? Find(string id) => _sessions.GetValueOrDefault(id);

    /// <summary>A session can no longer be resumed; does nothing when its id has gone over to another session.</summary>
    public void Remove(Session session)
    {
        if (session.ResumptionId is { } id)
        {
            _sessions.TryRemove(KeyValuePair.Create(id, session));
        }
    }
}
