using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Storage;
using Meerkat.Modules.MucLight;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.MucLight;

/// <summary>The store in memory, counting how often a room is read, and letting somebody else write between a read and a write.</summary>
internal sealed class CountingStore : IStoreProvider, IMucLightStore
{
    private readonly MemoryMucLightStore _store = new();

    public int Reads { get; set; }

    /// <summary>Runs once, after the next read.</summary>
    public Func<MucLightRoom, MucLightRoom>? Meanwhile { get; set; }

    public object? Create(Type contract, HostType host, object? options) => contract == typeof(IMucLightStore) ? this : null;

    public async ValueTask<MucLightRoom?> FindAsync(BareJid room, CancellationToken ct)
    {
        Reads++;
        var found = await _store.FindAsync(room, ct);
        if (found is not null && Meanwhile is { } change)
        {
            Meanwhile = null;
            await _store.TryUpdateAsync(found, change(found), ct);
        }

        return found;
    }

    public ValueTask<bool> TryCreateAsync(MucLightRoom room, CancellationToken ct) => _store.TryCreateAsync(room, ct);

    public ValueTask<bool> TryUpdateAsync(MucLightRoom before, MucLightRoom after, CancellationToken ct) => _store.TryUpdateAsync(before, after, ct);

    public ValueTask<bool> TryRemoveAsync(MucLightRoom room, CancellationToken ct) => _store.TryRemoveAsync(room, ct);

    public ValueTask<IReadOnlyList<MucLightMembership>> ListAsync(BareJid user, string? service, CancellationToken ct) => _store.ListAsync(user, service, ct);

    public ValueTask<IReadOnlyDictionary<BareJid, int>> CountAsync(IReadOnlyList<BareJid> users, string service, CancellationToken ct) => _store.CountAsync(users, service, ct);

    public ValueTask<MucLightPage> SearchAsync(string service, string filter, BareJid? after, int limit, CancellationToken ct) => _store.SearchAsync(service, filter, after, limit, ct);

    public ValueTask<IReadOnlyList<MucLightBlock>> GetBlockingAsync(BareJid user, CancellationToken ct) => _store.GetBlockingAsync(user, ct);

    public ValueTask SetBlockingAsync(BareJid user, IReadOnlyList<(MucLightBlock Block, bool IsDenied)> changes, CancellationToken ct) => _store.SetBlockingAsync(user, changes, ct);

    public ValueTask<IReadOnlySet<BareJid>> FindBlockersAsync(IReadOnlyList<BareJid> users, IReadOnlyList<MucLightBlock> blocked, CancellationToken ct) => _store.FindBlockersAsync(users, blocked, ct);

    public ValueTask RemoveServiceAsync(string service, CancellationToken ct) => _store.RemoveServiceAsync(service, ct);

    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => _store.RemoveAccountAsync(account, ct);

    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => _store.RemoveDomainAsync(domain, ct);

    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => _store.ExportAsync(account, ct);
}
