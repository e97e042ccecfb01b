using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>The reference implementation of <see cref="IRosterStore"/>, in memory.</summary>
public sealed class MemoryRosterStore : IRosterStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BareJid, Account> _accounts = [];
    private long _revision;

    /// <inheritdoc/>
    public ValueTask<StoredRoster> GetAsync(BareJid owner, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_accounts.TryGetValue(owner, out var account) ? new StoredRoster([.. account.Items.Values], account.Version) : StoredRoster.Empty);
        }
    }

    /// <inheritdoc/>
    public ValueTask<RosterItem?> FindAsync(BareJid owner, Jid contact, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_accounts.GetValueOrDefault(owner)?.Items.GetValueOrDefault(contact));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(BareJid owner, RosterItem item, string? version, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(owner, out var account))
            {
                account = _accounts[owner] = new Account();
            }

            if ((account.Items.GetValueOrDefault(item.Contact)?.Revision ?? 0) != item.Revision)
            {
                return new(false);
            }

            account.Items[item.Contact] = item with { Revision = ++_revision };
            account.Version = version ?? account.Version;
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryRemoveAsync(BareJid owner, RosterItem item, string? version, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(owner, out var account) || account.Items.GetValueOrDefault(item.Contact)?.Revision != item.Revision)
            {
                return new(false);
            }

            account.Items.Remove(item.Contact);
            account.Version = version ?? account.Version;
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        lock (_gate)
        {
            _accounts.Remove(account);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        lock (_gate)
        {
            foreach (var account in _accounts.Keys.Where(account => account.Domain == domain).ToArray())
            {
                _accounts.Remove(account);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        var roster = await GetAsync(account, ct);
        if (roster.Items.Count > 0)
        {
            yield return RosterExport.Of(roster.Items);
        }
    }

    private sealed class Account
    {
        public Dictionary<Jid, RosterItem> Items { get; } = [];

        public string? Version { get; set; }
    }
}
