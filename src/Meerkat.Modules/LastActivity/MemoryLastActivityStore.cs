using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.LastActivity;

/// <summary>The reference implementation of <see cref="ILastActivityStore"/>, in memory.</summary>
public sealed class MemoryLastActivityStore : ILastActivityStore
{
    private readonly ConcurrentDictionary<BareJid, LastSeen> _seen = new();

    /// <inheritdoc/>
    public ValueTask<LastSeen?> FindAsync(BareJid account, CancellationToken ct) => new(_seen.GetValueOrDefault(account));

    /// <inheritdoc/>
    public ValueTask SetAsync(BareJid account, LastSeen seen, CancellationToken ct)
    {
        _seen.AddOrUpdate(account, seen, (_, known) => known.Moment > seen.Moment ? known : seen);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask NoteAsync(IReadOnlyList<BareJid> accounts, DateTimeOffset moment, CancellationToken ct)
    {
        foreach (var account in accounts)
        {
            await SetAsync(account, new LastSeen(moment, ""), ct);
        }
    }

    /// <inheritdoc/>
    public ValueTask OverwriteAsync(BareJid account, LastSeen seen, CancellationToken ct)
    {
        _seen[account] = seen;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<long> CountAfterAsync(string domain, DateTimeOffset moment, CancellationToken ct) =>
        new(_seen.LongCount(pair => pair.Key.Domain == domain && pair.Value.Moment > moment));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<BareJid, DateTimeOffset>> ListAsync(string domain, CancellationToken ct) =>
        new(_seen.Where(pair => pair.Key.Domain == domain).ToDictionary(pair => pair.Key, pair => pair.Value.Moment));

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        _seen.TryRemove(account, out _);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        foreach (var account in _seen.Keys.Where(account => account.Domain == domain))
        {
            _seen.TryRemove(account, out _);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await FindAsync(account, ct) is { } seen)
        {
            yield return LastActivityExport.Section(seen);
        }
    }
}
