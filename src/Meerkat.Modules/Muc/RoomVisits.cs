using System.Collections.Concurrent;
using System.Collections.Immutable;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Who is in which rooms of this node: for the limit of rooms a user, and for sessions that end. Safe for concurrent use.</summary>
internal sealed class RoomVisits
{
    private readonly ConcurrentDictionary<BareJid, ImmutableArray<Visit>> _visits = new();

    private readonly record struct Visit(Jid Session, string Room);

    public void Enter(Jid session, string room) =>
        _visits.AddOrUpdate(session.Bare, _ => [new Visit(session, room)], (_, known) => known.Add(new Visit(session, room)));

    public void Leave(Jid session, string room)
    {
        while (_visits.TryGetValue(session.Bare, out var known))
        {
            var rest = known.Remove(new Visit(session, room));
            if (rest.IsEmpty ? _visits.TryRemove(KeyValuePair.Create(session.Bare, known)) : _visits.TryUpdate(session.Bare, rest, known))
            {
                return;
            }
        }
    }

    /// <summary>How many rooms an account is in.</summary>
    public int Count(BareJid user) => _visits.TryGetValue(user, out var known) ? known.Select(visit => visit.Room).Distinct().Count() : 0;

    /// <summary>The rooms that a session is in.</summary>
    public IReadOnlyList<string> RoomsOf(Jid session) =>
        _visits.TryGetValue(session.Bare, out var known) ? [.. known.Where(visit => visit.Session.Equals(session)).Select(visit => visit.Room)] : [];
}
