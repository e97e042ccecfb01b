using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>The reference of <see cref="ISessionRegistry"/>, in the memory of one process.</summary>
/// <param name="time">Versions begin with it.</param>
public sealed class MemorySessionRegistry(TimeProvider time) : ISessionRegistry
{
    private readonly AccountTable _table = new(time.GetUtcNow().UtcTicks);

    /// <inheritdoc/>
    public event Action<bool>? Reset
    {
        add { }
        remove { } // it forgets nothing
    }

    /// <inheritdoc/>
    public ValueTask<RegistryChange> BindAsync(SessionRecord session, bool again, CancellationToken ct) => new(_table.Bind(session, again));

    /// <inheritdoc/>
    public ValueTask<RegistryChange?> UpdateAsync(SessionRecord session, CancellationToken ct) => new(_table.Update(session));

    /// <inheritdoc/>
    public ValueTask<RegistryChange?> UnbindAsync(SessionRecord session, CancellationToken ct) => new(_table.Unbind(session));

    /// <inheritdoc/>
    public ValueTask<AccountSessions> FindAsync(BareJid account, ClusterNode holder, CancellationToken ct) => new(_table.Find(account, holder));

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(IReadOnlyList<BareJid> accounts, ClusterNode holder, CancellationToken ct)
    {
        _table.Release(accounts, holder);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionRecord>> TakeLostAsync(ClusterNode node, int max, CancellationToken ct) => new(_table.TakeLost(node, max));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ClusterNode>> NodesAsync(CancellationToken ct) => new(_table.Nodes());
}
