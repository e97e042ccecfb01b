using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>The authority for which sessions an account has, on whatever nodes (architecture §6). Each call is one atomic step.</summary>
/// <remarks>
/// <para>The authority keeps, for each account, its sessions, a version that rises with every change, and the nodes that hold a copy. It tells nobody itself: whoever changes something gets the holders,
/// and has to tell them before it goes on. A copy is good while its node holds the lease of its membership (<see cref="IClusterMembers.HoldsLease"/>).</para>
/// <para>Every member throws <see cref="StorageUnavailableException"/> where the authority cannot be reached in time and <see cref="StorageBusyException"/> where too many wait for it. Nobody knows then
/// whether the step was taken. Taking one again does no harm. Safe for concurrent use.</para>
/// </remarks>
public interface ISessionRegistry
{
    /// <summary>Adds a session, in place of another one with its full JID. Its node holds a copy from here on. A session that is there already takes the state of <paramref name="session"/>, if that is newer.</summary>
    /// <param name="session">The session.</param>
    /// <param name="again">Whether it was bound before and is told again, after a <see cref="Reset"/>: it does not take the place of a younger one then.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The account as it is now; without <paramref name="session"/> where a younger one has its full JID.</returns>
    ValueTask<RegistryChange> BindAsync(SessionRecord session, bool again, CancellationToken ct);

    /// <summary>Sets the state of a session that is there.</summary>
    /// <returns>The account as it is now; null when the session is not there, and nothing has changed.</returns>
    ValueTask<RegistryChange?> UpdateAsync(SessionRecord session, CancellationToken ct);

    /// <summary>Takes a session out.</summary>
    /// <returns>The account as it is now, with those who hold copies, though the session was not there: the one who took it out may not have heard of it. Null when nothing is known of the account.</returns>
    ValueTask<RegistryChange?> UnbindAsync(SessionRecord session, CancellationToken ct);

    /// <summary>Looks an account up. The asking node holds a copy from here on, of an account without sessions too.</summary>
    ValueTask<AccountSessions> FindAsync(BareJid account, ClusterNode holder, CancellationToken ct);

    /// <summary>A node has forgotten its copies.</summary>
    ValueTask ReleaseAsync(IReadOnlyList<BareJid> accounts, ClusterNode holder, CancellationToken ct);

    /// <summary>Takes sessions of a node out that is no member any more, and the node from the holders. Every member asks: the authority may have told each a part.</summary>
    /// <param name="node">The node.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>What was taken out, each told to one caller; empty when nothing is left.</returns>
    ValueTask<IReadOnlyList<SessionRecord>> TakeLostAsync(ClusterNode node, int max, CancellationToken ct);

    /// <summary>The nodes of which there are sessions, members or not.</summary>
    ValueTask<IReadOnlyList<ClusterNode>> NodesAsync(CancellationToken ct);

    /// <summary>Copies are to be forgotten: the authority has changed its place. With true it may have lost what it knew too: every session has to be bound again by its node. Raised from any thread.</summary>
    event Action<bool>? Reset;
}

/// <summary>The sessions of an account at one moment.</summary>
/// <param name="Account">The account.</param>
/// <param name="Version">Rises with every change of this account, also when it was without sessions in between.</param>
/// <param name="Sessions">The sessions, oldest first.</param>
public sealed record AccountSessions(BareJid Account, long Version, IReadOnlyList<SessionRecord> Sessions);

/// <summary>What a change came to.</summary>
/// <param name="Now">The account as it is now.</param>
/// <param name="Replaced">The session whose full JID was taken over; null when there was none.</param>
/// <param name="Holders">The nodes that hold a copy, the changing one's not among them.</param>
public sealed record RegistryChange(AccountSessions Now, SessionRecord? Replaced, IReadOnlyList<ClusterNode> Holders);
