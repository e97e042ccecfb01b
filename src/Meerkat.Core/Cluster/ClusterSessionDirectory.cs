using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>The directory of a node of a cluster: its own sessions as they are, and those of other nodes by what the authority (<see cref="ISessionRegistry"/>) says of their accounts.</summary>
/// <remarks>
/// <para>A look-up is answered from the copy that this node holds of the account, without a call; the first one of an account that nobody here asked for asks the authority. Whoever changes an account's
/// sessions tells all holders of copies and waits for them, so that a session that was bound is seen by every later look-up on every node. A copy is good while this node holds its membership's lease.</para>
/// <para>Other parts: what is told to sessions over the link is in <see cref="SessionTraffic"/>, the end of nodes in <see cref="LostSessions"/>.</para>
/// </remarks>
public sealed class ClusterSessionDirectory : ISessionDirectory, IAsyncDisposable
{
    private static readonly TimeSpan s_leasePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_leaseStep = TimeSpan.FromMilliseconds(50);

    private readonly LocalSessionDirectory _local = new();
    private readonly ConcurrentDictionary<BareJid, AccountCopy> _copies = new();
    private readonly ConcurrentDictionary<BareJid, Lazy<Task<AccountCopy>>> _lookUps = new();
    private readonly ConcurrentDictionary<BareJid, Task> _binding = new();
    private readonly ConcurrentDictionary<BareJid, Task> _releases = new();
    private readonly ConcurrentDictionary<long, Session> _byOrder = new();
    private readonly ConcurrentDictionary<ClusterNode, bool> _gone = new();
    private readonly Lock[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly ISessionRegistry _registry;
    private readonly IClusterMembers _members;
    private readonly INodeLink _link;
    private readonly ClusterSessionOptions _options;
    private readonly TimeProvider _time;
    private readonly SessionTraffic _traffic;
    private readonly LostSessions _lost;
    private readonly SessionChanges _changes;
    private readonly ILogger _log;
    private ClusterView _view;
    private ITimer? _forgetting;
    private long _generation;
    private long _revision;
    private int _round;

    /// <summary>Nothing is asked or told before <see cref="Start"/>.</summary>
    /// <param name="registry">The authority.</param>
    /// <param name="link">The way to other nodes.</param>
    /// <param name="members">Which nodes there are.</param>
    /// <param name="options">How.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of nodes that go.</param>
    public ClusterSessionDirectory(ISessionRegistry registry, INodeLink link, IClusterMembers members, ClusterSessionOptions options, TimeProvider time, ILogger<ClusterSessionDirectory> log)
    {
        _registry = registry;
        _members = members;
        _link = link;
        _options = options;
        _time = time;
        _log = log;
        _view = members.View;
        _revision = time.GetUtcNow().UtcTicks;
        _traffic = new SessionTraffic(this, link, log);
        _lost = new LostSessions(registry, members, options, time, log);
        _changes = new SessionChanges(this, registry, time, log);
    }

    /// <inheritdoc/>
    public int Count => _local.Count;

    /// <inheritdoc/>
    public IEnumerable<Session> Local => _local.Local;

    /// <summary>This node.</summary>
    public ClusterNode Self => _members.Self;

    /// <summary>Of how many accounts this node holds a copy.</summary>
    public int Copies => _copies.Count;

    /// <summary>Begins: what comes for this node's sessions reaches them from here on.</summary>
    /// <param name="server">The server whose sessions these are.</param>
    public void Start(ServerContext server)
    {
        _registry.Reset += Forget;
        _members.Changed += See;
        _members.Lost += EndAll;
        _link.Serve(NodeVerb.SessionsChanged, (_, body) => HearAsync(body));
        _traffic.Start(server);
        _changes.Start();
        _lost.Start(server);
        _forgetting = _time.CreateTimer(_ => _ = ForgetUnusedAsync(), null, _options.Forget, _options.Forget);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IBoundSession>> FindAsync(BareJid account, CancellationToken ct)
    {
        if (_copies.TryGetValue(account, out var copy) && _members.HoldsLease)
        {
            copy.Use(_round);
            return new(copy.Sessions);
        }

        return AskAsync(account, ct);
    }

    /// <inheritdoc/>
    public ValueTask<IBoundSession?> FindAsync(FullJid jid, CancellationToken ct)
    {
        if (_copies.TryGetValue(jid.Bare, out var copy) && _members.HoldsLease)
        {
            copy.Use(_round);
            return new(In(copy.Sessions, jid));
        }

        return AskAsync(jid, ct);
    }

    /// <inheritdoc/>
    /// <exception cref="StorageUnavailableException">The authority, or a node that holds a copy of the account, did not answer in time; or this node does not know whether it is a member.</exception>
    public async ValueTask<IBoundSession?> BindAsync(Session session, CancellationToken ct)
    {
        // From here on it is found by those who were told of it first.
        _byOrder[session.Order] = session;
        SessionRecord? replaced = null;

        // From the moment when the authority counts this node among the holders, what others tell of the account is heard, though the answer is still on its way. Binds of one account take turns here:
        // what is replaced in the authority is replaced in the same order in what lives here.
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = TakeTurn(session.Jid.Bare, turn.Task);
        try
        {
            await before;
            long generation;
            do
            {
                await LeaseAsync(ct);
                generation = Volatile.Read(ref _generation);
                ClusterMetrics.Asked("bind");
                var change = await _registry.BindAsync(ToRecord(session), again: false, ct);
                replaced ??= change.Replaced;
                if (!await TellAsync(change, _options.BindPatience))
                {
                    throw new StorageUnavailableException($"not all nodes that know of {session.Jid.Bare} have answered");
                }

                // In this order: what is seen from here on is either this or newer, and says whether the session is still there.
                Learn(change.Now, holdsNow: true);
                await _local.BindAsync(session, ct);
                if (!_byOrder.ContainsKey(session.Order))
                {
                    await _local.UnbindAsync(session, ct); // it was replaced and has ended, before it was bound altogether
                }

                if (_copies.TryGetValue(session.Jid.Bare, out var copy) && copy.View.Version > change.Now.Version)
                {
                    Heal(copy.View);
                }
            }
            while (generation != Volatile.Read(ref _generation));
        }
        catch
        {
            // Nobody knows whether it was bound.
            _byOrder.TryRemove(KeyValuePair.Create(session.Order, session));
            await _local.UnbindAsync(session, CancellationToken.None);
            Rebuild(session.Jid.Bare);
            _changes.Remove(ToRecord(session));
            throw;
        }
        finally
        {
            _binding.TryRemove(KeyValuePair.Create<BareJid, Task>(session.Jid.Bare, turn.Task));
            turn.SetResult();
        }

        return replaced is null ? null
            : replaced.Node != Self ? IsGone(replaced.Node) ? null : new RemoteSession(replaced, _link)
            : _byOrder.TryGetValue(replaced.Order, out var here) ? here : null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> UnbindAsync(Session session, CancellationToken ct)
    {
        if (!_byOrder.TryRemove(KeyValuePair.Create(session.Order, session)))
        {
            return false;
        }

        var was = await _local.UnbindAsync(session, ct);
        Rebuild(session.Jid.Bare);
        await _changes.RemoveAsync(ToRecord(session), _options.ChangePatience);
        return was;
    }

    /// <inheritdoc/>
    public void Changed(Session session)
    {
        if (_byOrder.ContainsKey(session.Order))
        {
            _changes.Add(session);
        }
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(Session session, CancellationToken ct)
    {
        try
        {
            if (_byOrder.ContainsKey(session.Order))
            {
                await _changes.PublishAsync(session, _options.ChangePatience);
            }
        }
        catch (StorageUnavailableException)
        {
            // It is tried again until it was told.
        }
    }

    /// <summary>The session with a resumption id, where it lives on another node.</summary>
    /// <returns>Null when the account has none such.</returns>
    public async ValueTask<RemoteSession?> FindResumableAsync(BareJid account, string resumptionId, CancellationToken ct)
    {
        foreach (var session in await FindAsync(account, ct))
        {
            if (session is RemoteSession remote && remote.Record.ResumptionId == resumptionId)
            {
                return remote;
            }
        }

        return null;
    }

    /// <summary>Stops. What is bound stays in the authority until it was unbound.</summary>
    public async ValueTask DisposeAsync()
    {
        _registry.Reset -= Forget;
        _members.Changed -= See;
        _members.Lost -= EndAll;
        if (_forgetting is not null)
        {
            await _forgetting.DisposeAsync();
        }

        await _changes.DisposeAsync();
        await _lost.DisposeAsync();
        await _traffic.DisposeAsync();
    }

    /// <summary>Takes the state of a session over that lives on another node; null when it has ended meanwhile, or its node cannot be asked.</summary>
    internal async ValueTask<SessionSnapshot?> TakeOverAsync(RemoteSession old, Session session, CancellationToken ct)
    {
        _byOrder[session.Order] = session;
        var snapshot = await _traffic.TakeOverAsync(old, session.Order, ct);
        if (snapshot is null)
        {
            _byOrder.TryRemove(session.Order, out _);
        }

        return snapshot;
    }

    /// <summary>What became of it: the other node keeps what the client has not acknowledged until it knows.</summary>
    internal void TookOver(RemoteSession old, Session session, bool lives)
    {
        if (!lives)
        {
            _byOrder.TryRemove(session.Order, out _);
            foreach (var stanza in session.Output.Close().Others)
            {
                _traffic.Return(Self, new SessionStanza(session.Order, session.Jid, stanza, false));
            }
        }

        _link.TryPost(old.Node, NodeVerb.SessionTaken, SessionCommands.Taken(old, lives));
    }

    /// <summary>The sessions that live here, those that are being bound among them.</summary>
    public IReadOnlyList<SessionRecord> Living() => [.. _byOrder.Values.Where(session => !session.HasEnded).Select(ToRecord)];

    internal Session? FindHere(long order) => _byOrder.GetValueOrDefault(order);

    /// <summary>A session of this node lives on another one now.</summary>
    internal async ValueTask LeaveToOtherAsync(Session session)
    {
        _byOrder.TryRemove(KeyValuePair.Create(session.Order, session));
        await _local.UnbindAsync(session, CancellationToken.None);
        Rebuild(session.Jid.Bare);
        session.Host.Server.Resumptions.Remove(session);
    }

    internal SessionRecord ToRecord(Session session)
    {
        // The number first: who has a greater one has seen what is at least as new.
        var revision = Interlocked.Increment(ref _revision);
        return session.ToRecord(Self, revision);
    }

    /// <summary>Tells those who hold copies.</summary>
    /// <returns>False when one of them is a member and did not answer in time.</returns>
    internal async ValueTask<bool> TellAsync(RegistryChange change, TimeSpan patience)
    {
        List<Task<bool>>? told = null;
        byte[]? body = null;
        foreach (var holder in change.Holders)
        {
            if (holder != Self && !IsGone(holder))
            {
                (told ??= []).Add(TellAsync(holder, change.Now.Account, body ??= RegistryCodec.Encode(change.Now), patience));
            }
        }

        return told is null || Array.TrueForAll(await Task.WhenAll(told), hasHeard => hasHeard);
    }

    /// <summary>The authority said what an account's sessions are.</summary>
    /// <param name="view">What it said.</param>
    /// <param name="holdsNow">Whether it counts this node among the holders because of that.</param>
    internal void Learn(AccountSessions view, bool holdsNow = false)
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
            Heal(view);
        }
    }

    // The one before ends in its finally, whatever became of it.
    private Task TakeTurn(BareJid account, Task mine)
    {
        lock (GateOf(account))
        {
            var before = _binding.GetValueOrDefault(account) ?? Task.CompletedTask;
            _binding[account] = mine;
            return before;
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

    private async ValueTask<IBoundSession?> AskAsync(FullJid jid, CancellationToken ct) => In((await LookUpAsync(jid.Bare, ct)).Sessions, jid);

    private async ValueTask<IReadOnlyList<IBoundSession>> AskAsync(BareJid account, CancellationToken ct) => (await LookUpAsync(account, ct)).Sessions;

    private Task<AccountCopy> LookUpAsync(BareJid account, CancellationToken ct) =>
        _lookUps.GetOrAdd(account, static (account, directory) => new Lazy<Task<AccountCopy>>(() => directory.LookUpAsync(account)), this).Value.WaitAsync(ct);

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

                var generation = Volatile.Read(ref _generation);
                ClusterMetrics.Asked("find");
                var view = await _registry.FindAsync(account, Self, CancellationToken.None);
                lock (GateOf(account))
                {
                    if (generation == Volatile.Read(ref _generation))
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

    private async Task<bool> TellAsync(ClusterNode holder, BareJid account, byte[] body, TimeSpan patience)
    {
        try
        {
            await _link.AskAsync(holder, NodeVerb.SessionsChanged, body, CancellationToken.None).AsTask().WaitAsync(patience, _time);
            return true;
        }
        catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            if (!IsGone(holder) && _members.View.Has(holder))
            {
                return false;
            }

            // It left, or it was gone before this node came: nobody has to wait for it again.
            _ = ReleaseAsync([account], holder);
            return true;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: what was not released costs a word at the next change.")]
    private async Task ReleaseAsync(IReadOnlyList<BareJid> accounts, ClusterNode holder)
    {
        try
        {
            await _registry.ReleaseAsync(accounts, holder, CancellationToken.None);
        }
        catch (Exception failure)
        {
            ClusterLog.RegistryAway(_log, failure.Message);
        }
    }

    private ValueTask<ReadOnlyMemory<byte>> HearAsync(ReadOnlyMemory<byte> body)
    {
        Learn(RegistryCodec.DecodeAccount(body.Span));
        return new(ReadOnlyMemory<byte>.Empty);
    }

    // Under the account's gate.
    private AccountCopy Put(AccountSessions view, AccountCopy? known)
    {
        var sessions = new List<IBoundSession>(view.Sessions.Count);
        foreach (var record in view.Sessions)
        {
            if (record.Node == Self)
            {
                if (_byOrder.TryGetValue(record.Order, out var here))
                {
                    sessions.Add(here);
                }
            }
            else if (!IsGone(record.Node))
            {
                sessions.Add(KnownAs(record, known) ?? new RemoteSession(record, _link));
            }
        }

        var copy = new AccountCopy(view, [.. sessions]);
        copy.Use(_round);
        _copies[view.Account] = copy;
        return copy;
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

    private void Rebuild(BareJid account)
    {
        lock (GateOf(account))
        {
            if (_copies.TryGetValue(account, out var known))
            {
                Put(known.View, known);
            }
        }
    }

    // What is bound here and the authority does not have was replaced by another node's session, or forgotten with a part of the authority.
    private void Heal(AccountSessions view)
    {
        foreach (var session in _local.Find(view.Account))
        {
            if (session.HasEnded || !_byOrder.ContainsKey(session.Order) || view.Sessions.Any(record => record.Order == session.Order && record.Node == Self))
            {
                continue;
            }

            if (view.Sessions.Any(record => record.Jid.Resource == session.Jid.Resource))
            {
                session.Replace();
            }
            else
            {
                _changes.AddAgain(session);
            }
        }
    }

    internal bool IsGone(ClusterNode node) => _gone.ContainsKey(node);

    private Lock GateOf(BareJid account) => _gates[(uint)account.GetHashCode() % (uint)_gates.Length];

    private async ValueTask LeaseAsync(CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; !_members.HoldsLease; waited += s_leaseStep)
        {
            if (waited >= s_leasePatience)
            {
                throw new StorageUnavailableException("this node does not know whether it is a member of the cluster");
            }

            await Task.Delay(s_leaseStep, _time, ct);
        }
    }

    private void See(ClusterView view)
    {
        var before = Interlocked.Exchange(ref _view, view);
        foreach (var node in before.Nodes)
        {
            if (node != Self && !view.Has(node))
            {
                Give(node);
            }
        }
    }

    /// <summary>A node is gone: nobody looks its sessions up any more.</summary>
    internal void Give(ClusterNode node)
    {
        if (!_gone.TryAdd(node, true))
        {
            return;
        }

        _ = Task.Run(() =>
        {
            foreach (var (account, copy) in _copies)
            {
                if (Array.Exists(copy.Sessions, session => session is RemoteSession remote && remote.Node == node))
                {
                    Rebuild(account);
                }
            }

            _traffic.Give(node);
            _lost.Clean(node);
        });
    }

    private void ForgetAll()
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

    private void Forget(bool mustBindAgain)
    {
        ForgetAll();
        foreach (var session in mustBindAgain ? Local : [])
        {
            _changes.AddAgain(session);
        }
    }

    private void EndAll()
    {
        ForgetAll();
        ClusterLog.Lost(_log, Count);
        foreach (var session in Local)
        {
            session.Kick(StreamError.SystemShutdown);
        }
    }

    private async Task ForgetUnusedAsync()
    {
        var round = Interlocked.Increment(ref _round);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var accounts = new List<BareJid>();
        foreach (var (account, copy) in _copies)
        {
            if (copy.Used < round - 1 && !copy.View.Sessions.Any(record => record.Node == Self))
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
            await ReleaseAsync(part, Self);
        }

        foreach (var account in accounts)
        {
            _releases.TryRemove(account, out _);
        }

        released.TrySetResult();
    }
}
