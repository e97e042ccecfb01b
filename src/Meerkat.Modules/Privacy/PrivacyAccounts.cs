using System.Collections.Concurrent;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>The lists of a host type's accounts: changed one at a time per account, and in memory while an account has sessions, because filters cannot wait.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class PrivacyAccounts(IPrivacyStore store, HostType host, IContacts? contacts, IPresenceBroadcast broadcast) : IPrivacyLists
{
    private readonly ConcurrentDictionary<BareJid, AccountPrivacy> _accounts = new();
    private readonly DistantAccounts _distant = new();
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];
    private int _withLists;

    /// <summary>Whether an account with sessions keeps no list, which is the rule.</summary>
    public bool IsWithout(BareJid account) => _accounts.TryGetValue(account, out var known) && !known.Any;

    /// <summary>What is known of an account with sessions; null when it keeps no list. Costs one comparison while nobody does.</summary>
    public AccountPrivacy? FindLoaded(BareJid account) =>
        Volatile.Read(ref _withLists) > 0 && _accounts.TryGetValue(account, out var known) && known.Any ? known : null;

    /// <summary>The lists of an account, wherever they are; null when it keeps none.</summary>
    public async ValueTask<AccountPrivacy?> FindPrivacyAsync(BareJid account, CancellationToken ct)
    {
        var known = _accounts.TryGetValue(account, out var loaded) ? loaded : await LoadAsync(account, ct);
        return known.Any ? known : null;
    }

    /// <inheritdoc/>
    public async ValueTask<PrivacyLists> FindAsync(BareJid account, CancellationToken ct) => (await FindPrivacyAsync(account, ct))?.Lists ?? PrivacyLists.Empty;

    /// <summary>A session of the account opens: its lists are at hand from now on.</summary>
    public async ValueTask EnterAsync(BareJid account, CancellationToken ct)
    {
        if (!_accounts.ContainsKey(account))
        {
            using (await LockAsync(account, ct))
            {
                if (!_accounts.ContainsKey(account))
                {
                    Keep(account, await ReadAsync(account, ct));
                }
            }
        }
    }

    /// <summary>A session of the account closed: with the last one its lists are forgotten.</summary>
    public async ValueTask LeaveAsync(BareJid account, CancellationToken ct)
    {
        // Looked for under the gate: a session that opens meanwhile is in the directory before it waits at the gate.
        using (await LockAsync(account, ct))
        {
            if ((await host.Server.Sessions.FindAsync(account, ct)).Count == 0)
            {
                Keep(account, null);
                return;
            }
        }

        await BoundAsync(account, ct);
    }

    /// <summary>The lists, or the roster that they go by, were changed on another node.</summary>
    public async ValueTask ReadAgainAsync(BareJid account)
    {
        using (await LockAsync(account, CancellationToken.None))
        {
            if (_accounts.ContainsKey(account))
            {
                Keep(account, await ReadAsync(account, CancellationToken.None));
            }
        }
    }

    /// <summary>The roster of the account changed.</summary>
    public async ValueTask RefreshAsync(BareJid account, CancellationToken ct)
    {
        if (FindLoaded(account) is { Roster: not null })
        {
            using (await LockAsync(account, ct))
            {
                if (_accounts.ContainsKey(account))
                {
                    Keep(account, await ReadAsync(account, ct));
                }
            }
        }
    }

    /// <summary>Changes what an account keeps and tells those contacts who may see less or more of its sessions from now on.</summary>
    /// <param name="account">The account.</param>
    /// <param name="change">Writes to the store; false when nothing changed.</param>
    /// <param name="ct">Cancels waits before the write.</param>
    /// <returns>What <paramref name="change"/> returned.</returns>
    public async ValueTask<bool> ChangeAsync(BareJid account, Func<PrivacyLists, ValueTask<bool>> change, CancellationToken ct)
    {
        AccountPrivacy before;
        AccountPrivacy after;
        using (await LockAsync(account, ct))
        {
            before = await ReadAsync(account, ct);
            if (!await change(before.Lists))
            {
                return false;
            }

            after = await ReadAsync(account, CancellationToken.None);
            if (_accounts.ContainsKey(account))
            {
                Keep(account, after);
            }
        }

        await host.Server.Events.TellAsync(new ClusterEvent(ClusterTopics.Privacy, account)); // not under the gate: two nodes that change one account's lists would wait for each other
        await TellContactsAsync(before, after);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask ChangeDefaultAsync(BareJid account, string name, Func<IReadOnlyList<PrivacyItem>, IReadOnlyList<PrivacyItem>> change, CancellationToken ct) =>
        await ChangeAsync(
            account,
            async lists =>
            {
                var items = lists.Find(name)?.Items ?? [];
                var changed = change(items);
                if (ReferenceEquals(items, changed) && (lists.Default == name || items.Count == 0))
                {
                    return false;
                }

                await (changed.Count == 0 ? store.RemoveAsync(account, name, CancellationToken.None) : store.SetAsync(account, new PrivacyList(name, changed), true, CancellationToken.None));
                return true;
            },
            ct);

    /// <summary>A session goes by another list from now on; null: by the default one.</summary>
    /// <returns>False when there is no list of that name.</returns>
    public async ValueTask<bool> TryActivateAsync(Session session, string? name, CancellationToken ct)
    {
        var privacy = await FindPrivacyAsync(session.Jid.Bare, ct);
        if (name is not null && privacy?.Lists.Find(name) is null)
        {
            return false;
        }

        var before = privacy?.ListOf(session);
        session.Set(PrivacyState.Key, name is null ? null : new PrivacyState(name));
        if (privacy is not null)
        {
            await TellContactsAsync(session, before, privacy, privacy.ListOf(session), privacy);
        }

        return true;
    }

    private async ValueTask TellContactsAsync(AccountPrivacy before, AccountPrivacy after)
    {
        foreach (var session in await host.Server.Sessions.FindAsync(after.Account, CancellationToken.None))
        {
            await TellContactsAsync(session, before.ListOf(session), before, after.ListOf(session), after);
        }
    }

    // PRV-010, BLK-005: sent past the lists, because they are what has just changed.
    private async ValueTask TellContactsAsync(IBoundSession session, PrivacyList? listBefore, AccountPrivacy before, PrivacyList? listAfter, AccountPrivacy after)
    {
        if (session.Presence is null || ReferenceEquals(listBefore, listAfter))
        {
            return;
        }

        foreach (var contact in await broadcast.FindAudienceAsync(session, CancellationToken.None))
        {
            var (saw, sees) = (before.ShowsPresence(listBefore, contact), after.ShowsPresence(listAfter, contact));
            if (saw && !sees)
            {
                await broadcast.SendUnavailableAsync(session, contact, CancellationToken.None);
            }
            else if (sees && !saw)
            {
                await broadcast.SendAvailableAsync(session, contact, CancellationToken.None);
            }
        }
    }

    // Of an account with sessions on other nodes, what comes for them passes here: its lists are at hand then.
    private async ValueTask<AccountPrivacy> LoadAsync(BareJid account, CancellationToken ct)
    {
        if ((await host.Server.Sessions.FindAsync(account, ct)).Count == 0)
        {
            return await ReadAsync(account, ct);
        }

        AccountPrivacy privacy;
        using (await LockAsync(account, ct))
        {
            if (_accounts.TryGetValue(account, out var known))
            {
                return known;
            }

            privacy = await ReadAsync(account, ct);
            Keep(account, privacy);
        }

        await LeaveAsync(account, ct); // the last session may have ended meanwhile
        return privacy;
    }

    // So many accounts without a session here, and no more.
    private async ValueTask BoundAsync(BareJid account, CancellationToken ct)
    {
        if (await IsHereAsync(account, ct) || _distant.Add(account) is not { } oldest)
        {
            return;
        }

        using (await LockAsync(oldest, ct))
        {
            if (!await IsHereAsync(oldest, ct))
            {
                Keep(oldest, null);
            }
        }
    }

    private async ValueTask<bool> IsHereAsync(BareJid account, CancellationToken ct) => (await host.Server.Sessions.FindAsync(account, ct)).Any(session => session is Session);

    private async ValueTask<AccountPrivacy> ReadAsync(BareJid account, CancellationToken ct)
    {
        var lists = await store.GetAsync(account, ct);
        Dictionary<Jid, RosterItem>? roster = null;
        if (contacts is not null && lists.Lists.Any(list => list.NeedsRoster))
        {
            roster = [];
            foreach (var item in await contacts.ListAsync(account, ct))
            {
                roster[item.Contact] = item;
            }
        }

        return new AccountPrivacy(account, lists, roster);
    }

    // Under the account's gate.
    private void Keep(BareJid account, AccountPrivacy? privacy)
    {
        var had = _accounts.TryGetValue(account, out var old) && old.Any;
        if (privacy is null)
        {
            _accounts.TryRemove(account, out _);
        }
        else
        {
            _accounts[account] = privacy;
        }

        Interlocked.Add(ref _withLists, (privacy?.Any is true ? 1 : 0) - (had ? 1 : 0));
    }

    private async ValueTask<Gate> LockAsync(BareJid account, CancellationToken ct)
    {
        var gate = _gates[(uint)account.GetHashCode() % (uint)_gates.Length];
        await gate.WaitAsync(ct);
        return new Gate(gate);
    }

    private readonly struct Gate(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
