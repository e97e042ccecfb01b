using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>The reference implementation of <see cref="IPrivacyStore"/>, in memory.</summary>
public sealed class MemoryPrivacyStore : IPrivacyStore
{
    private readonly ConcurrentDictionary<BareJid, PrivacyLists> _accounts = new();

    /// <inheritdoc/>
    public ValueTask<PrivacyLists> GetAsync(BareJid account, CancellationToken ct) => new(_accounts.GetValueOrDefault(account, PrivacyLists.Empty));

    /// <inheritdoc/>
    public ValueTask SetAsync(BareJid account, PrivacyList list, bool makeDefault, CancellationToken ct) => Change(
        account,
        lists => new PrivacyLists(
            makeDefault ? list.Name : lists.Default,
            [.. lists.Lists.Where(known => known.Name != list.Name).Append(list).OrderBy(known => known.Name, StringComparer.Ordinal)]));

    /// <inheritdoc/>
    public ValueTask RemoveAsync(BareJid account, string name, CancellationToken ct) => Change(
        account,
        lists => new PrivacyLists(lists.Default == name ? null : lists.Default, [.. lists.Lists.Where(known => known.Name != name)]));

    /// <inheritdoc/>
    public ValueTask SetDefaultAsync(BareJid account, string? name, CancellationToken ct) => Change(account, lists => lists with { Default = name });

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        _accounts.TryRemove(account, out _);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        foreach (var account in _accounts.Keys.Where(account => account.Domain == domain))
        {
            _accounts.TryRemove(account, out _);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (PrivacyExport.Section(await GetAsync(account, ct)) is { } section)
        {
            yield return section;
        }
    }

    private ValueTask Change(BareJid account, Func<PrivacyLists, PrivacyLists> change)
    {
        _accounts.AddOrUpdate(account, _ => change(PrivacyLists.Empty), (_, lists) => change(lists));
        return ValueTask.CompletedTask;
    }
}
