using System.Collections.Concurrent;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>The directory of a single node: a dictionary of immutable arrays, replaced on change, so that a look-up takes no lock.</summary>
public sealed class LocalSessionDirectory : ISessionDirectory
{
    private readonly ConcurrentDictionary<BareJid, Session[]> _accounts = new();
    private int _count;

    /// <inheritdoc/>
    public int Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public IEnumerable<Session> Local => _accounts.Values.SelectMany(sessions => sessions);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IBoundSession>> FindAsync(BareJid account, CancellationToken ct) =>
        new(_accounts.TryGetValue(account, out var sessions) ? sessions : []);

    /// <inheritdoc/>
    public ValueTask<IBoundSession?> FindAsync(FullJid jid, CancellationToken ct) => new(Find(jid));

    /// <summary>The sessions of an account, in the order of binding.</summary>
    internal Session[] Find(BareJid account) => _accounts.TryGetValue(account, out var sessions) ? sessions : [];

    /// <summary>The session of a full JID; null when it is not bound.</summary>
    public Session? Find(FullJid jid)
    {
        if (_accounts.TryGetValue(jid.Bare, out var sessions))
        {
            foreach (var session in sessions)
            {
                if (session.Jid.Resource == jid.Resource)
                {
                    return session;
                }
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask<IBoundSession?> BindAsync(Session session, CancellationToken ct)
    {
        Session? replaced = null;
        var sessions = _accounts.AddOrUpdate(
            session.Jid.Bare,
            static (_, added) => [added],
            (_, before, added) =>
            {
                replaced = Array.Find(before, known => known.Jid.Resource == added.Jid.Resource);
                return [.. before.Where(known => known != replaced), added];
            },
            session);
        if (replaced is null)
        {
            Interlocked.Increment(ref _count);
            SessionMetrics.Bound(session.Host.Name, 1);
            if (sessions.Length == 1)
            {
                SessionMetrics.Online(session.Host.Name, 1);
            }
        }

        return new ValueTask<IBoundSession?>(replaced);
    }

    /// <inheritdoc/>
    public ValueTask<bool> UnbindAsync(Session session, CancellationToken ct)
    {
        var account = session.Jid.Bare;
        while (_accounts.TryGetValue(account, out var sessions))
        {
            if (Array.IndexOf(sessions, session) < 0)
            {
                break;
            }

            var rest = Array.FindAll(sessions, known => known != session);
            var changed = rest.Length == 0
                ? _accounts.TryRemove(KeyValuePair.Create(account, sessions))
                : _accounts.TryUpdate(account, rest, sessions);
            if (changed)
            {
                Interlocked.Decrement(ref _count);
                SessionMetrics.Bound(session.Host.Name, -1);
                if (rest.Length == 0)
                {
                    SessionMetrics.Online(session.Host.Name, -1);
                }

                return new ValueTask<bool>(true);
            }
        }

        return new ValueTask<bool>(false);
    }
}
