using System.Collections.Concurrent;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Core.Streams;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>The rosters of a host type's accounts: changed one at a time per account, pushed to the account's clients, and of accounts with sessions the contacts are at hand.</summary>
/// <remarks>
/// Shared by all sessions of an account: read once, dropped when the last one ends. Nothing is routed while an account's gate is held, because a contact may share the
/// gate. Safe for concurrent use.
/// </remarks>
internal sealed class RosterAccounts(IRosterStore store, RosterOptions options, HostType host)
{
    private const int Attempts = 8;

    private readonly ConcurrentDictionary<BareJid, ContactTable> _tables = new();
    private readonly DistantAccounts _distant = new();
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    private ISessionDirectory Sessions => host.Server.Sessions;

    /// <summary>The contacts of an account.</summary>
    public ValueTask<ContactTable> FindAsync(BareJid account, CancellationToken ct) =>
        _tables.TryGetValue(account, out var table) ? new(table) : LoadAsync(account, ct);

    /// <summary>The whole roster, with what other modules add to it (ROS-011).</summary>
    public async ValueTask<StoredRoster> ReadAsync(BareJid account, CancellationToken ct)
    {
        var roster = await store.GetAsync(account, ct);
        if (host.Hooks.IsEmpty(RosterHooks.Reading))
        {
            return roster;
        }

        var reading = new RosterReading(host, account, roster.Items.ToDictionary(item => item.Contact));
        await host.Hooks.RunAsync(RosterHooks.Reading, reading, ct);
        return roster with { Items = [.. reading.Items.Values] };
    }

    /// <summary>The whole roster and, with versioning, its version.</summary>
    /// <param name="account">The account.</param>
    /// <param name="isVersioned">Whether the version is asked for: finding it out means hashing all items.</param>
    /// <param name="ct">Cancels waits.</param>
    public async ValueTask<(StoredRoster Roster, string? Version)> GetAsync(BareJid account, bool isVersioned, CancellationToken ct)
    {
        var gate = await EnterAsync(account, ct);
        StoredRoster roster;
        try
        {
            roster = await ReadAsync(account, ct);
            if (!_tables.ContainsKey(account))
            {
                await KeepAsync(account, ContactTable.Of(roster.Items), ct);
            }
        }
        finally
        {
            gate.Release();
        }

        return (roster, isVersioned ? VersionOf(roster) : null);
    }

    /// <summary>Changes one item and pushes the change to the account's clients.</summary>
    /// <param name="account">The account.</param>
    /// <param name="contact">The contact.</param>
    /// <param name="change">
    /// Makes the new item of the old one (null when there is none); the same object changes nothing, null removes it. May run again when somebody else changed the item meanwhile.
    /// </param>
    /// <param name="ct">Cancels waits before the write.</param>
    /// <returns>The change; null when there was none.</returns>
    /// <exception cref="RosterFullException">A new item would be one too many; nothing changed.</exception>
    public async ValueTask<RosterChange?> ChangeAsync(BareJid account, Jid contact, Func<RosterItem?, RosterItem?> change, CancellationToken ct)
    {
        var changed = await WriteAsync(account, contact, change, ct);
        if (changed is not null)
        {
            // Not under the gate: two nodes that change one roster would wait for each other.
            await host.Server.Events.TellAsync(new ClusterEvent(ClusterTopics.Roster, account));
        }

        return changed;
    }

    /// <summary>The roster was changed, or removed, on another node: it is read again when somebody asks for it.</summary>
    public async ValueTask ForgetAsync(BareJid account)
    {
        // Behind whoever reads it in this moment.
        var gate = await EnterAsync(account, CancellationToken.None);
        _tables.TryRemove(account, out _);
        gate.Release();
    }

    private async ValueTask<RosterChange?> WriteAsync(BareJid account, Jid contact, Func<RosterItem?, RosterItem?> change, CancellationToken ct)
    {
        var gate = await EnterAsync(account, ct);
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var before = await store.FindAsync(account, contact, ct);
                var after = change(before);
                if (ReferenceEquals(before, after))
                {
                    return null;
                }

                if (before is null && await CountAsync(account, ct) >= RosterLimits.Items)
                {
                    throw new RosterFullException();
                }

                var version = options.StoreCurrentId ? RandomId.Create() : null;
                var written = after is null
                    ? await store.TryRemoveAsync(account, before!, version, ct)
                    : await store.TryWriteAsync(account, after with { Revision = before?.Revision ?? 0 }, version, ct);
                if (written)
                {
                    Remember(account, contact, after);
                    await PushAsync(account, before, after, version, ct);
                    return new RosterChange(host, account, before, after);
                }
            }
        }
        finally
        {
            gate.Release();
        }

        throw new StorageBusyException("a roster item was changed by others again and again");
    }

    /// <summary>A session of the account ended: with the last one its contacts are forgotten, with the last one of this node some time later.</summary>
    public async ValueTask LeaveAsync(BareJid account, CancellationToken ct)
    {
        var sessions = await Sessions.FindAsync(account, ct);
        if (sessions.Count == 0)
        {
            _tables.TryRemove(account, out _);
        }
        else if (!sessions.Any(session => session is Session) && _distant.Add(account) is { } oldest && !(await Sessions.FindAsync(oldest, ct)).Any(session => session is Session))
        {
            _tables.TryRemove(oldest, out _);
        }
    }

    private async ValueTask<ContactTable> LoadAsync(BareJid account, CancellationToken ct)
    {
        var gate = await EnterAsync(account, ct);
        try
        {
            if (!_tables.TryGetValue(account, out var table))
            {
                table = ContactTable.Of((await ReadAsync(account, ct)).Items);
                await KeepAsync(account, table, ct);
            }

            return table;
        }
        finally
        {
            gate.Release();
        }
    }

    // Only while the account has sessions; the last one may end between the look and the entry, and finds nothing to forget then.
    private async ValueTask KeepAsync(BareJid account, ContactTable table, CancellationToken ct)
    {
        if (await Sessions.FindAsync(account, ct) is [var session, ..])
        {
            _tables[session.Jid.Bare] = table;
            await LeaveAsync(account, ct);
        }
    }

    private void Remember(BareJid account, Jid contact, RosterItem? item)
    {
        if (_tables.TryGetValue(account, out var table))
        {
            // Not back into the dictionary when the last session has ended meanwhile.
            _tables.TryUpdate(account, item is null ? table.Without(contact) : table.With(contact, item.State), table);
        }
    }

    private async ValueTask<int> CountAsync(BareJid account, CancellationToken ct) =>
        _tables.TryGetValue(account, out var table) ? table.Count : (await store.GetAsync(account, ct)).Items.Count;

    // To all of the account's clients, whether or not they asked for the roster (CORE-199).
    private async ValueTask PushAsync(BareJid account, RosterItem? before, RosterItem? after, string? version, CancellationToken ct)
    {
        var sessions = await Sessions.FindAsync(account, ct);
        if (sessions.Count == 0 || IsInvisible(before, after))
        {
            return;
        }

        if (options.Versioning && version is null)
        {
            version = VersionOf(await ReadAsync(account, ct));
        }

        var push = Iq.Create(IqType.Set, account, null, $"push{RandomId.Create()}", RosterXml.Push(before, after, options.Versioning ? version : null));
        foreach (var session in sessions)
        {
            session.Deliver(push.Readdress(account, session.Jid));
        }

        RosterMetrics.Pushed(sessions.Count);
    }

    // CORE-192: a request alone is no item for clients, neither when it comes nor when it goes.
    private static bool IsInvisible(RosterItem? before, RosterItem? after) =>
        after is null
            ? before!.IsHidden
            : after.State is SubscriptionState.PendingIn && (before?.State ?? SubscriptionState.None) is SubscriptionState.None;

    // With store_current_id, a roster that was never changed has no version yet: the hash stands in for it.
    private string? VersionOf(StoredRoster roster) =>
        !options.Versioning ? null : (options.StoreCurrentId ? roster.Version : null) ?? RosterXml.Hash(roster.Items);

    private async ValueTask<SemaphoreSlim> EnterAsync(BareJid account, CancellationToken ct)
    {
        var gate = _gates[(uint)account.GetHashCode() % (uint)_gates.Length];
        await gate.WaitAsync(ct);
        return gate;
    }
}
