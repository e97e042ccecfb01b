using System.Threading.Channels;
using Meerkat.Core.Storage;
using Meerkat.Modules.Offline;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.Offline;

/// <summary>A store whose writes are finished by the test, well or badly.</summary>
internal sealed class SlowOfflineStore : IOfflineStore
{
    private readonly MemoryOfflineStore _store = new();
    private readonly Channel<TaskCompletionSource> _writes = Channel.CreateUnbounded<TaskCompletionSource>();

    public bool FailRemovals { get; set; }

    /// <summary>The next write that somebody waits for.</summary>
    public async Task<TaskCompletionSource> NextAsync() => await _writes.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15));

    public async ValueTask<bool> AddAsync(BareJid account, OfflineMessage message, long limit, CancellationToken ct)
    {
        var write = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writes.Writer.WriteAsync(write, CancellationToken.None);
        await write.Task;
        return await _store.AddAsync(account, message, limit, ct);
    }

    public ValueTask<IReadOnlyList<StoredMessage>> PeekAsync(BareJid account, int max, CancellationToken ct) => _store.PeekAsync(account, max, ct);

    public ValueTask<string> ClaimAsync(BareJid account, OfflineClaim claim, DateTimeOffset now, string? gone, CancellationToken ct) => _store.ClaimAsync(account, claim, now, gone, ct);

    public ValueTask UnclaimAsync(BareJid account, string holder, CancellationToken ct) => _store.UnclaimAsync(account, holder, ct);

    public ValueTask RemoveAsync(BareJid account, IReadOnlyList<long> ids, CancellationToken ct) =>
        FailRemovals ? throw new IOException("disk") : _store.RemoveAsync(account, ids, ct);

    public ValueTask<long> CountAsync(BareJid account, DateTimeOffset now, CancellationToken ct) => _store.CountAsync(account, now, ct);

    public ValueTask<long> RemoveExpiredAsync(string domain, DateTimeOffset now, CancellationToken ct) => _store.RemoveExpiredAsync(domain, now, ct);

    public ValueTask<long> RemoveOlderAsync(string domain, DateTimeOffset moment, CancellationToken ct) => _store.RemoveOlderAsync(domain, moment, ct);

    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => _store.RemoveAccountAsync(account, ct);

    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => _store.RemoveDomainAsync(domain, ct);

    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => _store.ExportAsync(account, ct);
}
