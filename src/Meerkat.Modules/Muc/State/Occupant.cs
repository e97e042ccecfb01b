using System.Collections.Immutable;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Who holds a nick in a room, with all sessions that share it. Immutable, but for what is computed once from it.</summary>
/// <param name="Address">Its address in the room: <c>room@service/nick</c>.</param>
/// <param name="User">The account.</param>
/// <param name="Affiliation">Its affiliation as the room sees it: a service admin is an owner (MUC-072).</param>
/// <param name="Role">Its role; never none.</param>
/// <param name="Id">Its occupant id (XEP-0421).</param>
/// <param name="Sessions">Its sessions, oldest first; never empty.</param>
internal sealed record Occupant(FullJid Address, BareJid User, Affiliation Affiliation, Role Role, string Id, ImmutableArray<OccupantSession> Sessions)
{
    public string Nick => Address.Resource;

    /// <summary>The session whose presence newcomers see: the last that sent one.</summary>
    public OccupantSession Shown => Sessions[^1];

    /// <summary>Its presence as moderators see it and as others do. Made anew by whatever changes the occupant.</summary>
    public PresencePair Pair { get; private init; } = new();

    public OccupantSession? Find(Jid session)
    {
        foreach (var known in Sessions)
        {
            if (known.Jid.Equals(session))
            {
                return known;
            }
        }

        return null;
    }

    public Occupant As(Affiliation affiliation, Role role) => this with { Affiliation = affiliation, Role = role, Pair = new() };

    public Occupant Named(FullJid address) => this with { Address = address, Pair = new() };

    /// <summary>With a session's newest presence; the session becomes the one that is shown.</summary>
    public Occupant With(OccupantSession session) => this with { Sessions = [.. Sessions.Where(known => !known.Jid.Equals(session.Jid)), session], Pair = new() };

    public Occupant Without(Jid session) => this with { Sessions = [.. Sessions.Where(known => !known.Jid.Equals(session))], Pair = new() };

    /// <summary>Without what was computed from it: memory of a room that nobody uses.</summary>
    public Occupant Slim() => this with { Pair = new() };
}

/// <summary>One session of an occupant.</summary>
/// <param name="Jid">Its real address.</param>
/// <param name="Presence">Its last presence, as it came.</param>
/// <param name="Order">When it was bound (<see cref="Core.Sessions.IBoundSession.Order"/>); 0 when it is not of this node.</param>
internal sealed record OccupantSession(Jid Jid, Presence Presence, long Order);

/// <summary>An occupant's presence, built once for all who see the same of it.</summary>
internal sealed class PresencePair
{
    /// <summary>With the real address.</summary>
    public Presence? Open { get; set; }

    /// <summary>Without it.</summary>
    public Presence? Closed { get; set; }
}
