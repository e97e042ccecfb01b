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
/// <para>This is the order of the steps. What lives here is in <see cref="LivingSessions"/>, what is known of others in <see cref="AccountCopies"/>, who is told in <see cref="CopyHolders"/>; what is told to
/// sessions over the link is in <see cref="SessionTraffic"/>, the end of nodes in <see cref="LostSessions"/>.</para>
/// </remarks>
public sealed class ClusterSessionDirectory : ISessionDirectory, IAsyncDisposable
{
    private readonly LivingSessions _living;
    private readonly AccountCopies _copies;
    private readonly CopyHolders _holders;
    private readonly ISessionRegistry _registry;
    private readonly IClusterMembers _members;
    private readonly INodeLink _link;
    private readonly ClusterSessionOptions _options;
    private readonly TimeProvider _time;
    private readonly SessionTraffic _traffic;
    private readonly LostSessions _lost;
    private readonly SessionChanges _changes;
    private readonly SessionReports _reports;
    private readonly ILogger _log;
    private ClusterView _view;
    private ITimer? _forgetting;

    /// <summary>Nothing is asked or told before <see cref="Start"/>.</summary>
    /// <param name="registry">The authority.</param>
    /// <param name="link">The way to other nodes.</param>
    /// <param name="members">Which nodes there are.</param>
    /// <param name="options">How.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of nodes that go.</param>
    public ClusterSessionDirectory(ISessionRegistry registry, INodeLink link, IClusterMembers members, ClusterSessionOptions options, TimeProvider time, ILogger<ClusterSessionDirectory> log)
    {
        ClusterMetrics.Begin();
        _registry = registry;
        _members = members;
        _link = link;
        _options = options;
        _time = time;
        _log = log;
        _view = members.View;
        _living = new LivingSessions(members.Self, time);
        _copies = new AccountCopies(_living, registry, link, members, time) { Learned = Heal };
        _holders = new CopyHolders(registry, link, members, _copies.IsGone, time, log);
        _traffic = new SessionTraffic(this, link, log);
        _copies.Returned = _traffic.Return;
        _lost = new LostSessions(registry, members, options, time, log);
        _changes = new SessionChanges(this, registry, time, log);
        _reports = new SessionReports(this, link, members, time, log);
    }

    /// <inheritdoc/>
    public event Action? SessionsLost;

    /// <inheritdoc/>
    public int Count => _living.Count;

    /// <inheritdoc/>
    public IEnumerable<Session> Local => _living.Bound;

    /// <inheritdoc/>
    public string Node => Self.Name;

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
        _reports.Start();
        _lost.Start(server);
        _forgetting = _time.CreateTimer(_ => _ = _copies.ForgetUnusedAsync(accounts => _holders.ReleaseAsync(accounts, Self)), null, _options.Forget, _options.Forget);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IBoundSession>> FindAsync(BareJid account, CancellationToken ct) => _copies.FindAsync(account, ct);

    /// <inheritdoc/>
    public ValueTask<IBoundSession?> FindAsync(FullJid jid, CancellationToken ct) => _copies.FindAsync(jid, ct);

    /// <inheritdoc/>
    /// <exception cref="StorageUnavailableException">The authority, or a node that holds a copy of the account, did not answer in time; or this node does not know whether it is a member.</exception>
    public async ValueTask<IBoundSession?> BindAsync(Session session, CancellationToken ct)
    {
        // From here on it is found by those who were told of it first.
        _living.Add(session);
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        SessionRecord? replaced;
        try
        {
            await _copies.TakeTurn(session.Jid.Bare, turn.Task);
            replaced = await RegisterAsync(session, ct);
        }
        catch
        {
            // Nobody knows whether it was bound.
            _living.TryRemove(session);
            await _living.UnbindAsync(session);
            _copies.Rebuild(session.Jid.Bare);
            _changes.Remove(_living.ToRecord(session));
            throw;
        }
        finally
        {
            _copies.EndTurn(session.Jid.Bare, turn.Task);
            turn.SetResult();
        }

        if (replaced is not null && _copies.IsGone(replaced.Node))
        {
            _lost.End(replaced);
            return null;
        }

        return replaced is null ? null
            : replaced.Node == Self ? _living.Find(replaced.Order)
            : new RemoteSession(replaced, _link) { Lost = _lost.End };
    }

    /// <inheritdoc/>
    public async ValueTask<bool> UnbindAsync(Session session, CancellationToken ct)
    {
        if (!_living.TryRemove(session))
        {
            return false;
        }

        var was = await _living.UnbindAsync(session);
        _copies.Rebuild(session.Jid.Bare);
        await _changes.RemoveAsync(_living.ToRecord(session), _options.ChangePatience);
        return was;
    }

    /// <inheritdoc/>
    public void Changed(Session session)
    {
        if (_living.Has(session))
        {
            _changes.Add(session);
        }
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(Session session, CancellationToken ct)
    {
        try
        {
            if (_living.Has(session))
            {
                await _changes.PublishAsync(session, _options.ChangePatience);
            }
        }
        catch (StorageUnavailableException)
        {
            // It is tried again until it was told.
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionReport>> ListElsewhereAsync(BareJid? of, CancellationToken ct) => _reports.ListAsync(of, ct);

    /// <inheritdoc/>
    public ValueTask<int> CountElsewhereAsync(BareJid? of, CancellationToken ct) => _reports.CountAsync(of, ct);

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
        _living.Add(session);
        var way = _copies.Hold(old);
        SessionSnapshot? snapshot = null;
        try
        {
            return snapshot = await _traffic.TakeOverAsync(old, session.Order, ct);
        }
        finally
        {
            if (snapshot is null)
            {
                _living.TryRemove(session);
                way.Open(old.Node);
            }
            else
            {
                way.OpenTo(session);
            }
        }
    }

    /// <summary>What became of it: the other node keeps what the client has not acknowledged until it knows.</summary>
    internal void TookOver(RemoteSession old, Session session, bool lives)
    {
        if (!lives)
        {
            _living.TryRemove(session);
            foreach (var stanza in session.Output.Close().Others)
            {
                _traffic.Return(Self, new SessionStanza(session.Order, session.Jid, stanza, false));
            }
        }

        _link.TryPost(old.Node, NodeVerb.SessionTaken, SessionCommands.Taken(old, lives));
    }

    /// <summary>The sessions that live here, those that are being bound among them.</summary>
    public IReadOnlyList<SessionRecord> Living() => _living.ToRecords();

    /// <summary>Whether a session lives here, or is being bound.</summary>
    internal bool Has(Session session) => _living.Has(session);

    internal Session? FindHere(long order) => _living.Find(order);

    /// <summary>A session of this node lives on another one now.</summary>
    internal async ValueTask LeaveToOtherAsync(Session session)
    {
        _living.TryRemove(session);
        await _living.UnbindAsync(session);
        _copies.Rebuild(session.Jid.Bare);
        session.Host.Server.Resumptions.Remove(session);
    }

    internal SessionRecord ToRecord(Session session) => _living.ToRecord(session);

    /// <summary>Tells those who hold copies. False when one of them is a member and did not answer in time.</summary>
    internal ValueTask<bool> TellAsync(RegistryChange change, TimeSpan patience) => _holders.TellAsync(change, patience);

    /// <summary>The authority said what an account's sessions are.</summary>
    internal void Learn(AccountSessions view) => _copies.Learn(view);

    internal bool IsGone(ClusterNode node) => _copies.IsGone(node);

    /// <summary>A node is gone: nobody looks its sessions up any more.</summary>
    internal void Give(ClusterNode node)
    {
        if (!_copies.TryGiveUp(node))
        {
            return;
        }

        _ = Task.Run(() =>
        {
            _copies.Remove(node);
            _traffic.Give(node);
            _lost.Clean(node);
            SessionsLost?.Invoke();
        });
    }

    // Into the authority, to all who hold copies, into what lives here; again, when all that was told was forgotten meanwhile.
    private async ValueTask<SessionRecord?> RegisterAsync(Session session, CancellationToken ct)
    {
        SessionRecord? replaced = null;
        long generation;
        var isRepeated = false;
        do
        {
            await _copies.LeaseAsync(ct);
            generation = _copies.Generation;
            ClusterMetrics.Asked("bind");
            var change = await _registry.BindAsync(_living.ToRecord(session), again: isRepeated, ct);
            isRepeated = true; // from here on it may have been replaced by a younger one, whose place it does not take
            replaced ??= change.Replaced;
            if (!await _holders.TellAsync(change, _options.BindPatience))
            {
                throw new StorageUnavailableException($"not all nodes that know of {session.Jid.Bare} have answered");
            }

            // In this order: what is seen from here on is either this or newer, and says whether the session is still there.
            _copies.Learn(change.Now, holdsNow: true);
            await _living.BindAsync(session, ct);
            if (_copies.Known(session.Jid.Bare) is { } known && known.Version > change.Now.Version)
            {
                Heal(known);
            }
        }
        while (generation != _copies.Generation);

        if (!_living.Has(session))
        {
            _changes.Remove(_living.ToRecord(session)); // it was replaced and has ended, and its end may have come before it was told again
        }

        return replaced;
    }

    private ValueTask<ReadOnlyMemory<byte>> HearAsync(ReadOnlyMemory<byte> body)
    {
        _copies.Learn(RegistryCodec.DecodeAccount(body.Span));
        return new(ReadOnlyMemory<byte>.Empty);
    }

    // What is bound here and the authority does not have was replaced by another node's session, or forgotten with a part of the authority.
    private void Heal(AccountSessions view)
    {
        foreach (var session in _living.Find(view.Account))
        {
            if (session.HasEnded || !_living.Has(session) || view.Sessions.Any(record => record.Order == session.Order && record.Node == Self))
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

    private void Forget(bool mustBindAgain)
    {
        _copies.Clear();
        foreach (var session in mustBindAgain ? Local : [])
        {
            _changes.AddAgain(session);
        }
    }

    private void EndAll()
    {
        _copies.Lose();
        _copies.Clear();
        ClusterLog.Lost(_log, Count);
        foreach (var session in Local)
        {
            session.Kick(StreamError.SystemShutdown);
        }
    }
}
