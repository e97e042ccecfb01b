using System.Collections.Concurrent;
using System.Text;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>What this node knows of accounts' sessions: a copy of what the authority says, for each account that somebody here asked for. Safe for concurrent use.</summary>
/// <remarks>A copy is good while this node holds its membership's lease: whoever changes the account tells this node before going on. What is older than what is known is never taken.</remarks>
internal sealed class AccountCopies
{
    private static readonly TimeSpan s_leasePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_fencePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_leaseStep = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<BareJid, AccountCopy> _copies = new();
    private readonly ConcurrentDictionary<BareJid, Lazy<Task<AccountCopy>>> _lookUps = new();
    private readonly ConcurrentDictionary<BareJid, Task> _binding = new();
    private readonly ConcurrentDictionary<BareJid, Task> _releases = new();
    private readonly ConcurrentDictionary<ClusterNode, bool> _gone = new();
    private readonly Lock[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly LivingSessions _living;
    private readonly ISessionRegistry _registry;
    private readonly INodeLink _link;
    private readonly IClusterMembers _members;
    private readonly TimeProvider _time;
    private volatile bool _isLost;
    private long _generation;
    private int _round;

    public AccountCopies(LivingSessions living, ISessionRegistry registry, INodeLink link, IClusterMembers members, TimeProvider time)
    {
        _living = living;
        _registry = registry;
        _link = link;
        _members = members;
        _time = time;
    }

    /// <summary>Of how many accounts there is a copy.</summary>
    public int Count => _copies.Count;

    /// <summary>Changes when all copies are forgotten: what was told before it is not known any more.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>Told of what is newer than what was known of an account. Set once.</summary>
    public Action<AccountSessions>? Learned { get; set; }

    /// <summary>Takes what was kept back for a session that has moved, and could not go there. Set once.</summary>
    public Action<ClusterNode, SessionStanza> Returned { get; set; } = static (_, _) => { };

    /// <summary>An account's sessions, oldest first.</summary>
    /// <exception cref="StorageUnavailableException">The authority did not answer, or this node does not know whether it is a member.</exception>
    public ValueTask<IReadOnlyList<IBoundSession>> FindAsync(BareJid account, CancellationToken ct)
    {
        if (_copies.TryGetValue(account, out var copy) && _members.HoldsLease)
        {
            copy.Use(_round);
            return new(copy.Sessions);
        }

        return AskAsync(account, ct);
    }

    /// <summary>The session of a full JID; null when it is not bound. Throws as <see cref="FindAsync(BareJid, CancellationToken)"/>.</summary>
    public ValueTask<IBoundSession?> FindAsync(FullJid jid, CancellationToken ct)
    {
        if (_copies.TryGetValue(jid.Bare, out var copy) && _members.HoldsLease)
        {
            copy.Use(_round);
            return new(In(copy.Sessions, jid));
        }

        return AskAsync(jid, ct);
    }

    /// <summary>What the authority said last of an account, as far as this node knows; null when it has no copy.</summary>
    public AccountSessions? Known(BareJid account) => _copies.TryGetValue(account, out var copy) ? copy.View : null;

    /// <summary>Whether a node has left: nobody looks its sessions up any more.</summary>
    public bool IsGone(ClusterNode node) => _gone.ContainsKey(node);

    /// <summary>A node has left.</summary>
    /// <returns>False when that was known.</returns>
    public bool TryGiveUp(ClusterNode node) => _gone.TryAdd(node, true);

    /// <summary>Takes the sessions of a node that has left out of the copies.</summary>
    public void Remove(ClusterNode node)
    {
        foreach (var (account, copy) in _copies)
        {
            if (Array.Exists(copy.Sessions, session => session is RemoteSession remote && remote.Node == node))
            {
                Rebuild(account);
            }
        }
    }

    /// <summary>A session of another node is about to move here: what is sent to it from here waits from now on.</summary>
    /// <returns>The one who lets it go on.</returns>
    public SessionWay Hold(RemoteSession session)
    {
        var way = new SessionWay(_link, Returned);
        lock (GateOf(session.Jid.Bare))
        {
            session.Way = way;
            if (_copies.TryGetValue(session.Jid.Bare, out var known))
            {
                foreach (var other in known.Sessions)
                {
                    if (other is RemoteSession remote && remote.Equals(session))
                    {
                        remote.Way = way;
                    }
                }
            }
        }

        return way;
    }

    /// <summary>Binds of one account take turns: what is replaced in the authority is replaced in the same order in what lives here. While one has its turn, what others tell of the account is heard,
    /// though there is no copy yet: from the moment when the authority counts this node among the holders, nobody tells it again.</summary>
    /// <param name="account">The account.</param>
    /// <param name="mine">Ends, whatever became of it, when the next one may go on; <see cref="EndTurn"/> before that.</param>
    /// <returns>To be waited for.</returns>
    public Task TakeTurn(BareJid account, Task mine)
    {
        lock (GateOf(account))
        {
            var before = _binding.GetValueOrDefault(account) ?? Task.CompletedTask;
            _binding[account] = mine;
            return before;
        }
    }

    /// <summary>The turn is over.</summary>
    public void EndTurn(BareJid account, Task mine) => _binding.TryRemove(KeyValuePair.Create(account, mine));

    /// <summary>The authority said what an account's sessions are.</summary>
    /// <param name="view">What it said.</param>
    /// <param name="holdsNow">Whether it counts this node among the holders because of that.</param>
    public void Learn(AccountSessions view, bool holdsNow = false)
    {
        bool isNewer;
        lock (GateOf(view.Account))
        {
            var known = _copies.GetValueOrDefault(view.Account);
            if (known is null ? !holdsNow && !_lookUps.ContainsKey(view.Account) && !_binding.ContainsKey(view.Account) : known.View.Version >= view.Version)
            {
                return;
            }

            Put(view, known);
            isNewer = known is not null || holdsNow;
        }

        // What comes while it is looked up may be older than what is bound here.
        if (isNewer)
        {
            Learned?.Invoke(view);
        }
    }

    /// <summary>What lives here of an account has changed, or which nodes there are.</summary>
    public void Rebuild(BareJid account)
    {
        lock (GateOf(account))
        {
            if (_copies.TryGetValue(account, out var known))
            {
                Put(known.View, known);
            }
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Interlocked.Increment(ref _generation);
        foreach (var gate in _gates)
        {
            lock (gate)
            {
                // whoever puts a copy down now has seen the new generation
            }
        }

        _copies.Clear();
    }

    /// <summary>Forgets what nobody asked for since the time before last, of accounts without a session here.</summary>
    /// <param name="release">Tells the authority.</param>
    public async Task ForgetUnusedAsync(Func<IReadOnlyList<BareJid>, Task> release)
    {
        var round = Interlocked.Increment(ref _round);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var accounts = new List<BareJid>();
        foreach (var (account, copy) in _copies)
        {
            if (copy.Used < round - 1 && !copy.View.Sessions.Any(record => record.Node == _link.Self))
            {
                lock (GateOf(account))
                {
                    if (!_lookUps.ContainsKey(account) && _releases.TryAdd(account, released.Task))
                    {
                        _copies.TryRemove(account, out _);
                        accounts.Add(account);
                    }
                }
            }
        }

        foreach (var part in accounts.Chunk(500))
        {
            await release(part);
        }

        foreach (var account in accounts)
        {
            _releases.TryRemove(account, out _);
        }

        released.TrySetResult();
    }

    /// <summary>This node was given up, and is no member again before it has begun anew: nobody waits for that.</summary>
    public void Lose() => _isLost = true;

    /// <summary>Waits until this node knows that it is a member.</summary>
    /// <exception cref="StorageUnavailableException">It does not in time.</exception>
    public async ValueTask LeaseAsync(CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; !_members.HoldsLease; waited += s_leaseStep)
        {
            if (_isLost || waited >= s_leasePatience)
            {
                throw new StorageUnavailableException("this node does not know whether it is a member of the cluster");
            }

            await Task.Delay(s_leaseStep, _time, ct);
        }
    }

    private static IBoundSession? In(IBoundSession[] sessions, FullJid jid)
    {
        foreach (var session in sessions)
        {
            if (session.Jid.Resource == jid.Resource)
            {
                return session;
            }
        }

        return null;
    }

    private static RemoteSession? KnownAs(SessionRecord record, AccountCopy? known)
    {
        foreach (var session in known?.Sessions ?? [])
        {
            if (session is RemoteSession remote && remote.Record.IsSame(record) && remote.Record.Revision == record.Revision)
            {
                return remote;
            }
        }

        return null;
    }

    private async ValueTask<IBoundSession?> AskAsync(FullJid jid, CancellationToken ct) => In((await LookUpAsync(jid.Bare, ct)).Sessions, jid);

    private async ValueTask<IReadOnlyList<IBoundSession>> AskAsync(BareJid account, CancellationToken ct) => (await LookUpAsync(account, ct)).Sessions;

    // Many who look one account up at once ask once.
    private Task<AccountCopy> LookUpAsync(BareJid account, CancellationToken ct) =>
        _lookUps.GetOrAdd(account, static (account, copies) => new Lazy<Task<AccountCopy>>(() => copies.LookUpAsync(account)), this).Value.WaitAsync(ct);

    private async Task<AccountCopy> LookUpAsync(BareJid account)
    {
        try
        {
            while (true)
            {
                await LeaseAsync(CancellationToken.None);
                while (_releases.TryGetValue(account, out var release))
                {
                    await release;
                }

                if (_copies.TryGetValue(account, out var known))
                {
                    return known; // it came meanwhile, or there was no lease
                }

                var generation = Generation;
                ClusterMetrics.Asked("find");
                var view = await _registry.FindAsync(account, _link.Self, CancellationToken.None);
                lock (GateOf(account))
                {
                    if (generation == Generation)
                    {
                        var newer = _copies.GetValueOrDefault(account);
                        return newer is not null && newer.View.Version >= view.Version ? newer : Put(view, newer);
                    }
                }
            }
        }
        finally
        {
            _lookUps.TryRemove(account, out _);
        }
    }

    // Under the account's gate.
    private AccountCopy Put(AccountSessions view, AccountCopy? known)
    {
        var sessions = new List<IBoundSession>(view.Sessions.Count);
        List<(SessionWay Way, ClusterNode Before, ClusterNode Now)>? closed = null;
        foreach (var record in view.Sessions)
        {
            if (record.Node == _link.Self)
            {
                if (_living.Find(record.Order) is { } here)
                {
                    sessions.Add(here);
                }
            }
            else if (!IsGone(record.Node))
            {
                sessions.Add(KnownAs(record, known) ?? Follow(record, known, ref closed));
            }
        }

        // Behind all that was sent by what was known before: nothing more goes there.
        foreach (var (way, before, now) in closed ?? [])
        {
            _ = Task.Run(() => OpenAsync(way, before, now));
        }

        var copy = new AccountCopy(view, [.. sessions]);
        copy.Use(_round);
        _copies[view.Account] = copy;
        return copy;
    }

    // A session that was known on another node is on its way, with all that was sent there: what comes from here directly does not overtake that. Who found the one that was known sends to this one from now on.
    private RemoteSession Follow(SessionRecord record, AccountCopy? known, ref List<(SessionWay Way, ClusterNode Before, ClusterNode Now)>? closed)
    {
        var session = new RemoteSession(record, _link);
        foreach (var other in known?.Sessions ?? [])
        {
            if (other is RemoteSession before && before.Jid.Resource == record.Jid.Resource)
            {
                if (before.Record.IsSame(record))
                {
                    session.Way = before.Way; // it has changed, not moved
                }
                else if (before.Node != record.Node && !IsGone(before.Node))
                {
                    session.Way = new SessionWay(_link, Returned);
                    (closed ??= []).Add((session.Way, before.Node, record.Node));
                }

                before.GiveWayTo(session);
                break;
            }
        }

        return session;
    }

    private async Task OpenAsync(SessionWay way, ClusterNode before, ClusterNode now)
    {
        try
        {
            await _link.AskAsync(before, NodeVerb.Fence, Encoding.UTF8.GetBytes(now.ToString()), CancellationToken.None).AsTask().WaitAsync(s_fencePatience, _time);
        }
        catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            // What went by that node comes late, or comes back.
        }

        way.Open(now);
    }

    private Lock GateOf(BareJid account) => _gates[(uint)account.GetHashCode() % (uint)_gates.Length];
}
