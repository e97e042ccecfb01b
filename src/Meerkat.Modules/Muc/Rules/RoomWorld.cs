using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What the rules have to know besides the room.</summary>
/// <param name="Options">The module's options.</param>
/// <param name="Policy">Access rules.</param>
/// <param name="Now">The time.</param>
internal sealed record RoomWorld(MucOptions Options, IRoomPolicy Policy, DateTimeOffset Now)
{
    /// <summary>Who has registered the nicks that the command is about (MUC-015).</summary>
    public IReadOnlyDictionary<string, BareJid> NickOwners { get; init; } = new Dictionary<string, BareJid>();

    /// <summary>The sender's own registered nick, where the command asks for it; null for none.</summary>
    public string? OwnNick { get; init; }

    /// <summary>Whether a nick is registered by somebody else.</summary>
    public bool IsReserved(string nick, BareJid user) => NickOwners.TryGetValue(nick, out var owner) && !owner.Equals(user);

    /// <summary>What somebody else says to the password of who wants to join; null where the room compares it itself (MUC-025).</summary>
    public PasswordVerdict? Password { get; init; }

    /// <summary>Whether somebody's password is being judged elsewhere: the room waits for him, even if it is empty (MUC-051).</summary>
    public bool IsAwaited { get; init; }

    /// <summary>Who the sender of a message that was kept back was when he left by himself; null while he is there (MUC-046).</summary>
    public Occupant? Gone { get; init; }

    /// <summary>How many rooms the sender is in.</summary>
    public int JoinedRooms { get; init; }

    /// <summary>When the sender's session was bound; 0 when that is not known.</summary>
    public long Order { get; init; }

    /// <summary>What the room can do besides its own (<see cref="Core.Hooks.RoomHooks.Features"/>).</summary>
    public IReadOnlyList<string> Features { get; init; } = [];
}

/// <summary>The access rules of a service, ready to be asked.</summary>
internal interface IRoomPolicy
{
    /// <summary><c>access_admin</c>.</summary>
    bool IsAdmin(Jid user);

    /// <summary><c>access_create</c>.</summary>
    bool MayCreate(Jid user);

    /// <summary><c>access_persistent</c>.</summary>
    bool MayPersist(Jid user);

    /// <summary>Whether he may have a room logged; null when there are no logs.</summary>
    bool? MayLog(Jid user);

    /// <summary>Where the logs of a room can be read; null when nobody said.</summary>
    string? LogsOf(BareJid room) => null;
}
