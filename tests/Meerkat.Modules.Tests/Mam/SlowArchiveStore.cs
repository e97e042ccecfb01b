using System.Threading.Channels;
using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>A store whose writes are finished by the test, well or badly.</summary>
internal sealed class SlowArchiveStore : IAccountArchiveStore
{
    private readonly MemoryAccountArchiveStore _store = new();
    private readonly Channel<(TaskCompletionSource Done, int Count)> _writes = Channel.CreateUnbounded<(TaskCompletionSource, int)>();

    public ArchiveAbilities Abilities => _store.Abilities;

    /// <summary>The next write that somebody waits for, and how many messages it has.</summary>
    public async Task<(TaskCompletionSource Done, int Count)> NextAsync() => await _writes.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15));

    public bool HasWrites => _writes.Reader.TryPeek(out _);

    public async ValueTask AppendAsync(IReadOnlyList<ArchiveEntry> entries, CancellationToken ct)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writes.Writer.WriteAsync((done, entries.Count), CancellationToken.None);
        await done.Task;
        await _store.AppendAsync(entries, ct);
    }

    public ValueTask<ArchivePage?> QueryAsync(BareJid owner, ArchiveQuery query, CancellationToken ct) => _store.QueryAsync(owner, query, ct);

    public ValueTask<IReadOnlyList<ArchivedMessage>> GetAsync(BareJid owner, IReadOnlyList<long> ids, CancellationToken ct) => _store.GetAsync(owner, ids, ct);

    public ValueTask<ArchivedMessage?> FindAsync(BareJid owner, BareJid remote, bool isOutgoing, string originId, CancellationToken ct) => _store.FindAsync(owner, remote, isOutgoing, originId, ct);

    public ValueTask<bool> ReplaceAsync(BareJid owner, long id, ReadOnlyMemory<byte> xml, CancellationToken ct) => _store.ReplaceAsync(owner, id, xml, ct);

    public ValueTask<(long First, long Last)?> BoundsAsync(BareJid owner, CancellationToken ct) => _store.BoundsAsync(owner, ct);

    public ValueTask RemoveAsync(BareJid owner, CancellationToken ct) => _store.RemoveAsync(owner, ct);

    public ValueTask<int> RemoveBelowAsync(string domain, long belowId, int limit, CancellationToken ct) => _store.RemoveBelowAsync(domain, belowId, limit, ct);
}
