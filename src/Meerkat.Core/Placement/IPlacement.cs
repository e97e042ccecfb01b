namespace Meerkat.Core.Placement;

/// <summary>Where keys that need a single writer live: a room, a BOSH id (architecture §6). On one node that is here; a cluster spreads them over its nodes.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public interface IPlacement
{
    /// <summary>Whether writers are on several nodes: one that reads what another one may still write claims it first.</summary>
    bool IsShared => false;

    /// <summary>Opens a kind of keys. Once for each kind.</summary>
    /// <param name="kind">The kind: its name, bounds, and how its commands travel.</param>
    /// <param name="activate">Makes the writer of a key when a command comes for a key that has none. Quick: what takes time belongs into the first command.</param>
    /// <exception cref="InvalidOperationException">The kind is open already.</exception>
    IPlaces<TCommand, TReply> Open<TCommand, TReply>(PlacementKind<TCommand, TReply> kind, Func<Placed, IPlacedWriter<TCommand, TReply>> activate);
}

/// <summary>The keys of one kind, wherever their writers live. Safe for concurrent use.</summary>
/// <typeparam name="TCommand">What a writer is told.</typeparam>
/// <typeparam name="TReply">What it answers.</typeparam>
public interface IPlaces<TCommand, TReply>
{
    /// <summary>Gives a command to the writer of a key, which handles one at a time in the order in which they came, and waits for its answer.</summary>
    /// <remarks>
    /// Completes synchronously where the writer is here, idle, and does not wait itself. Cancelling ends the wait, not the command.
    /// A writer that asks its own key waits for itself: it has to <see cref="TryPost"/>.
    /// </remarks>
    /// <exception cref="PlacementBusyException">The writer's inbox is full.</exception>
    ValueTask<TReply> AskAsync(string key, TCommand command, CancellationToken ct);

    /// <summary>Gives a command to the writer of a key and does not wait for it. What it throws is logged.</summary>
    /// <returns>False when the writer's inbox is full: the command was not taken.</returns>
    bool TryPost(string key, TCommand command);

    /// <summary>How many writers live on this node.</summary>
    int Count { get; }

    /// <summary>The keys whose writers live on this node, in no order.</summary>
    IEnumerable<string> Local { get; }

    /// <summary>The keys that have a writer somewhere, in no order; those of a node that does not answer are left out. Never fails but by <paramref name="ct"/>.</summary>
    ValueTask<IReadOnlyCollection<string>> AllAsync(CancellationToken ct);

    /// <summary>Whether a key has a writer on this node.</summary>
    bool IsLocal(string key);

    /// <summary>A node has gone, and what its writers had in memory with it: who relies on a writer asks it anew. Told on every node that is left, when it asks no longer there. Quick. Never told on a single node.</summary>
    event Action? WritersLost;
}

/// <summary>The single writer of a key. One command at a time: no member needs a lock.</summary>
/// <typeparam name="TCommand">What it is told.</typeparam>
/// <typeparam name="TReply">What it answers.</typeparam>
public interface IPlacedWriter<in TCommand, TReply>
{
    /// <summary>Handles a command. The next one waits until this has completed.</summary>
    ValueTask<TReply> HandleAsync(TCommand command, CancellationToken ct);

    /// <summary>Whether nothing would be lost by forgetting this writer: asked after each command when no other waits. The next command makes a new one.</summary>
    bool IsDone { get; }
}

/// <summary>What a writer is told when it is made.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Epoch">Rises with every writer of a key, over restarts and nodes too: a store that keeps it refuses what an older writer still wants to write.</param>
public sealed record Placed(string Key, long Epoch);

/// <summary>The inbox of a writer is full: whoever asked should try again later (<c>resource-constraint</c>).</summary>
/// <param name="kind">Name of the kind.</param>
/// <param name="key">The key.</param>
public sealed class PlacementBusyException(string kind, string key) : Exception($"the inbox of {kind} {key} is full");
