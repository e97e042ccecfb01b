using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>Accounts in memory: the reference of the contract, and for tests.</summary>
public sealed class MemoryAccountStore(TimeProvider? time = null) : IAccountStore
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<BareJid, Entry> _accounts = new();

    /// <inheritdoc/>
    public ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct) => new(_accounts.GetValueOrDefault(account)?.Password);

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => new(_accounts.ContainsKey(account));

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(BareJid account, AccountPassword password, CancellationToken ct) =>
        new(_accounts.TryAdd(account, new Entry(password, DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds()))));

    /// <inheritdoc/>
    public ValueTask<bool> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct)
    {
        while (_accounts.TryGetValue(account, out var entry))
        {
            if (_accounts.TryUpdate(account, entry with { Password = password }, entry))
            {
                return new(true);
            }
        }

        return new(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(BareJid account, CancellationToken ct) => new(_accounts.TryRemove(account, out _));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Account>> ListAsync(string domain, AccountListing listing, CancellationToken ct)
    {
        var found = _accounts
            .Where(a => a.Key.Domain == domain && a.Key.Local!.StartsWith(listing.Prefix, StringComparison.Ordinal))
            .Select(a => new Account(a.Key, a.Value.CreatedAt))
            .Order(Comparer<Account>.Create(static (a, b) => CompareNames(a, b)))
            .Skip(listing.Offset);
        return new([.. listing.Limit is { } limit ? found.Take(limit) : found]);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Account>> ListCreatedAsync(string domain, DateTimeOffset until, Account? after, int limit, CancellationToken ct) =>
        new([.. _accounts
            .Where(a => a.Key.Domain == domain && a.Value.CreatedAt <= until)
            .Select(a => new Account(a.Key, a.Value.CreatedAt))
            .Where(a => after is null || Compare(a, after) > 0)
            .Order(Comparer<Account>.Create(Compare))
            .Take(limit)]);

    /// <inheritdoc/>
    public ValueTask<bool> TryReplacePlainAsync(BareJid account, string plain, AccountPassword password, CancellationToken ct) =>
        new(_accounts.TryGetValue(account, out var entry) && entry.Password.Plain == plain && _accounts.TryUpdate(account, entry with { Password = password }, entry));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AccountPassword>> SampleAsync(int limit, CancellationToken ct) => new([.. _accounts.Values.Select(a => a.Password).Take(limit)]);

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(string domain, CancellationToken ct) => new(_accounts.LongCount(a => a.Key.Domain == domain));

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        _accounts.TryRemove(account, out _);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        foreach (var account in _accounts.Keys.Where(a => a.Domain == domain))
        {
            _accounts.TryRemove(account, out _);
        }

        return default;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        if (_accounts.TryGetValue(account, out var entry))
        {
            yield return AccountExport.Section(new Account(account, entry.CreatedAt));
        }
    }

    private static int Compare(Account a, Account b) => a.CreatedAt != b.CreatedAt ? a.CreatedAt.CompareTo(b.CreatedAt) : CompareNames(a, b);

    private static int CompareNames(Account a, Account b) => Encoding.UTF8.GetBytes(a.Jid.Local!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b.Jid.Local!));

    private sealed record Entry(AccountPassword Password, DateTimeOffset CreatedAt);
}
