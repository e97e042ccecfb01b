using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>Where the sessions of all nodes are written down, so that other nodes and the time after a crash see them (OPS-033 to OPS-035). Stanzas are not routed by it.</summary>
/// <remarks>
/// Safe for concurrent use. A write is there for every later read, on every node, when its task ends; it happens whole or not at all. Every member throws <see cref="StorageUnavailableException"/>
/// where the table cannot be reached in time, and <see cref="StorageBusyException"/> where too many wait for it.
/// </remarks>
public interface ISessionTable
{
    /// <summary>The table was away and is back. What was written before may be gone, and what was to be removed may be there. Raised from any thread.</summary>
    event Action? Returned;

    /// <summary>Adds and removes entries. What is there already is not added again; removing what is not there does nothing.</summary>
    ValueTask WriteAsync(IReadOnlyList<SessionEntry> added, IReadOnlyList<SessionEntry> removed, CancellationToken ct);

    /// <summary>The sessions of an account on all nodes.</summary>
    /// <returns>In no order; empty when there are none.</returns>
    ValueTask<IReadOnlyList<SessionEntry>> FindAsync(BareJid account, CancellationToken ct);

    /// <summary>The sessions with a full JID: one, or two while one takes the place of the other.</summary>
    ValueTask<IReadOnlyList<SessionEntry>> FindAsync(FullJid jid, CancellationToken ct);

    /// <summary>The sessions of a node, in no order. What is added or removed meanwhile may come or not, all else comes once.</summary>
    IAsyncEnumerable<SessionEntry> OfNodeAsync(string node, CancellationToken ct);
}
