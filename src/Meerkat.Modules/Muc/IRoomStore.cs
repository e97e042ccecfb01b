using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What chat rooms need kept: persistent rooms with their affiliations and history, and nicks that are registered with a service.</summary>
/// <remarks>
/// <para>Safe for concurrent use. A room has one writer, whose epoch comes with every write (<see cref="Core.Placement.Placed.Epoch"/>): a write with an older epoch than the one that wrote last changes nothing.
/// To remove is to write: it is remembered for <see cref="Remembered"/>, so that an older writer does not make the room again.</para>
/// <para>As <see cref="IAccountData"/> it forgets an account's affiliations in all rooms and its nicks (MUC-068), and a domain's accounts' likewise; rooms go by <see cref="RemoveServiceAsync"/>.</para>
/// </remarks>
public interface IRoomStore : IAccountData
{
    /// <summary>For how long, in epochs, which are times, a removed room is remembered: longer than anybody writes who does not know that he was given up. One day, or more.</summary>
    static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    /// <summary>A room; null when it is not kept.</summary>
    ValueTask<StoredRoom?> FindAsync(BareJid room, CancellationToken ct);

    /// <summary>From here on nobody with an older epoch writes to the room. Of one that is not kept: nothing happens.</summary>
    /// <param name="room">The room.</param>
    /// <param name="epoch">The writer's epoch.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when a newer writer has the room already, or has removed it.</returns>
    ValueTask<bool> ClaimAsync(BareJid room, long epoch, CancellationToken ct);

    /// <summary>Keeps a room: what it is as a whole, and the affiliations that have changed; all or nothing. History stays as it is.</summary>
    /// <param name="room">The room; its <see cref="StoredRoom.Affiliations"/> are those that have changed, <see cref="Affiliation.None"/> for those that are removed.</param>
    /// <param name="epoch">The writer's epoch.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when a newer writer has written, or has removed the room: nothing was changed.</returns>
    ValueTask<bool> SaveAsync(StoredRoom room, long epoch, CancellationToken ct);

    /// <summary>Keeps the history of a room that is kept; of one that is not, nothing.</summary>
    /// <param name="room">The room.</param>
    /// <param name="history">The history as one element; null for none.</param>
    /// <param name="epoch">The writer's epoch.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    ValueTask SaveHistoryAsync(BareJid room, XmlElement? history, long epoch, CancellationToken ct);

    /// <summary>Forgets a room. Not kept: nothing happens.</summary>
    /// <param name="room">The room.</param>
    /// <param name="epoch">The writer's epoch.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when a newer writer has written: nothing was changed.</returns>
    ValueTask<bool> RemoveAsync(BareJid room, long epoch, CancellationToken ct);

    /// <summary>The rooms of a service, by name.</summary>
    /// <param name="service">Domain of the service.</param>
    /// <param name="ct">Cancels the wait.</param>
    ValueTask<IReadOnlyList<RoomListing>> ListAsync(string service, CancellationToken ct);

    /// <summary>The rooms in which an account has an affiliation.</summary>
    ValueTask<IReadOnlyList<BareJid>> RoomsOfAsync(BareJid account, CancellationToken ct);

    /// <summary>Forgets all rooms and registered nicks of a service.</summary>
    ValueTask RemoveServiceAsync(string service, CancellationToken ct);

    /// <summary>The nick that an account has registered with a service; null for none.</summary>
    ValueTask<string?> NickOfAsync(string service, BareJid account, CancellationToken ct);

    /// <summary>Who has registered a nick with a service; null for nobody.</summary>
    ValueTask<BareJid?> NickOwnerAsync(string service, string nick, CancellationToken ct);

    /// <summary>Registers a nick for an account, in the place of the one that it had.</summary>
    /// <param name="service">Domain of the service.</param>
    /// <param name="account">The account.</param>
    /// <param name="nick">The nick; null unregisters.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when it belongs to another account: nothing was changed.</returns>
    ValueTask<bool> RegisterNickAsync(string service, BareJid account, string? nick, CancellationToken ct);
}

/// <summary>A room as it is kept.</summary>
/// <param name="Jid">Its address.</param>
/// <param name="Settings">Configuration, subject and the like, as one element of the room's own making.</param>
/// <param name="Affiliations">Affiliations.</param>
public sealed record StoredRoom(BareJid Jid, XmlElement Settings, IReadOnlyList<StoredAffiliation> Affiliations)
{
    /// <summary>Its title, for lists; empty for none.</summary>
    public string Title { get; init; } = "";

    /// <summary>Whether lists show it.</summary>
    public bool IsPublic { get; init; } = true;

    /// <summary>Its history as one element; null for none. Not written by <see cref="IRoomStore.SaveAsync"/>.</summary>
    public XmlElement? History { get; init; }
}

/// <summary>An affiliation as it is kept.</summary>
/// <param name="User">Whose: an account, or a domain or a resource of one for a ban.</param>
/// <param name="Affiliation">The affiliation.</param>
/// <param name="Reason">Why; empty for nothing.</param>
public sealed record StoredAffiliation(Jid User, Affiliation Affiliation, string Reason);

/// <summary>A room in a list.</summary>
/// <param name="Jid">Its address.</param>
/// <param name="Title">Its title; empty for none.</param>
/// <param name="IsPublic">Whether it is shown to everybody.</param>
public sealed record RoomListing(BareJid Jid, string Title, bool IsPublic);
