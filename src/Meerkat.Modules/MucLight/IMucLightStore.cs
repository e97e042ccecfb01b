using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>What light rooms need kept: rooms with their configuration and occupants, and who does not want to be added by whom.</summary>
/// <remarks>
/// Safe for concurrent use. A write of a room is whole or not at all, and fails when the room is no longer the one that it was made from: whoever changes a room reads it, makes the
/// new one and, when the write fails, begins again. Rooms belong to services (the domain of their address); what is kept for accounts (<see cref="IAccountData"/>) are their blocking lists and
/// that they are occupants: removing an account here takes it out of its rooms without a word to anybody.
/// </remarks>
public interface IMucLightStore : IAccountData
{
    /// <summary>A room; null when there is none.</summary>
    ValueTask<MucLightRoom?> FindAsync(BareJid room, CancellationToken ct);

    /// <summary>Adds a room.</summary>
    /// <returns>False when there is one of that address.</returns>
    ValueTask<bool> TryCreateAsync(MucLightRoom room, CancellationToken ct);

    /// <summary>Changes a room.</summary>
    /// <param name="before">The room as it was read.</param>
    /// <param name="after">The room as it is to be, of another version.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when the room is gone or its version is not that of <paramref name="before"/>; nothing changed then.</returns>
    ValueTask<bool> TryUpdateAsync(MucLightRoom before, MucLightRoom after, CancellationToken ct);

    /// <summary>Removes a room.</summary>
    /// <returns>False when it is gone or its version is another; nothing changed then.</returns>
    ValueTask<bool> TryRemoveAsync(MucLightRoom room, CancellationToken ct);

    /// <summary>The rooms that somebody is in.</summary>
    /// <param name="user">Who.</param>
    /// <param name="service">The service whose rooms are asked for; null for all.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>In the order of their addresses' bytes.</returns>
    ValueTask<IReadOnlyList<MucLightMembership>> ListAsync(BareJid user, string? service, CancellationToken ct);

    /// <summary>In how many rooms of a service people are.</summary>
    /// <returns>A number for each who is in any.</returns>
    ValueTask<IReadOnlyDictionary<BareJid, int>> CountAsync(IReadOnlyList<BareJid> users, string service, CancellationToken ct);

    /// <summary>The rooms of a service, a page at a time.</summary>
    /// <param name="service">The service.</param>
    /// <param name="filter">What localpart or name must contain, whatever its case; empty for all.</param>
    /// <param name="after">The page begins behind the localpart of this address, whether there is such a room or not; null for the first page.</param>
    /// <param name="limit">The most rooms of the page.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask<MucLightPage> SearchAsync(string service, string filter, BareJid? after, int limit, CancellationToken ct);

    /// <summary>What somebody blocks, people first, each in the order of the addresses' bytes.</summary>
    ValueTask<IReadOnlyList<MucLightBlock>> GetBlockingAsync(BareJid user, CancellationToken ct);

    /// <summary>Changes what somebody blocks, all of it or nothing.</summary>
    /// <param name="user">Who.</param>
    /// <param name="changes">What is blocked from now on, or no longer; of one named twice the last counts.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    ValueTask SetBlockingAsync(BareJid user, IReadOnlyList<(MucLightBlock Block, bool IsDenied)> changes, CancellationToken ct);

    /// <summary>Those of some people who block any of some rooms and people.</summary>
    ValueTask<IReadOnlySet<BareJid>> FindBlockersAsync(IReadOnlyList<BareJid> users, IReadOnlyList<MucLightBlock> blocked, CancellationToken ct);

    /// <summary>Removes all rooms of a service.</summary>
    ValueTask RemoveServiceAsync(string service, CancellationToken ct);
}
