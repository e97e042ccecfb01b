using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Server.Tests.Portability;

/// <summary>Archives in memory that tell a test when they are read and written.</summary>
internal sealed class WatchedArchives : IAccountArchiveStore
{
    private readonly MemoryAccountArchiveStore _store = new();
    private int _appended;

    public ArchiveAbilities Abilities => _store.Abilities;

    /// <summary>Called after each write with their number since this was set.</summary>
    public Action<int>? Appended
    {
        get;
        set
        {
            _appended = 0;
            field = value;
        }
    }

    /// <summary>Called before each page is read.</summary>
    public Action? Queried { get; set; }

    public async ValueTask AppendAsync(IReadOnlyList<ArchiveEntry> entries, CancellationToken ct)
    {
        await _store.AppendAsync(entries, ct);
        Appended?.Invoke(++_appended);
    }

    public ValueTask<ArchivePage?> QueryAsync(BareJid owner, ArchiveQuery query, CancellationToken ct)
    {
        Queried?.Invoke();
        return _store.QueryAsync(owner, query, ct);
    }

    public ValueTask<IReadOnlyList<ArchivedMessage>> GetAsync(BareJid owner, IReadOnlyList<long> ids, CancellationToken ct) => _store.GetAsync(owner, ids, ct);

    public ValueTask<ArchivedMessage?> FindAsync(BareJid owner, BareJid remote, bool isOutgoing, string originId, CancellationToken ct) => _store.FindAsync(owner, remote, isOutgoing, originId, ct);

    public ValueTask<bool> ReplaceAsync(BareJid owner, long id, ReadOnlyMemory<byte> xml, CancellationToken ct) => _store.ReplaceAsync(owner, id, xml, ct);

    public ValueTask<(long First, long Last)?> BoundsAsync(BareJid owner, CancellationToken ct) => _store.BoundsAsync(owner, ct);

    public ValueTask RemoveAsync(BareJid owner, CancellationToken ct) => _store.RemoveAsync(owner, ct);

    public ValueTask<int> RemoveBelowAsync(string domain, long belowId, int limit, CancellationToken ct) => _store.RemoveBelowAsync(domain, belowId, limit, ct);
}

/// <summary>Those archives, and otherwise the stores that there are.</summary>
internal sealed class Stores(WatchedArchives archives, IStoreProvider others) : IStoreProvider
{
    public object? Create(Type contract, HostType host, object? options) => contract == typeof(IAccountArchiveStore) ? archives : others.Create(contract, host, options);
}
