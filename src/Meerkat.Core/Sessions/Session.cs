using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Streams;
using Meerkat.Core.Tracing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Sessions;

/// <summary>A client with a bound resource on this node.</summary>
/// <remarks>
/// Stanzas from the client come in strictly in order, from one reader (<see cref="SessionInput"/>). Stanzas to it may come from any thread.
/// A session outlives its connection when stream management is on (XEP-0198); it ends once, in <see cref="EndAsync"/>.
/// </remarks>
public sealed class Session : IBoundSession
{
    private const int NoPriority = int.MinValue;

    // How long the client, or its next connection, waits for what is not durable.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static long s_order;

    private readonly Lock _stateGate = new();
    private readonly HandledReport _report;
    private volatile Dictionary<string, object>? _states; // copied on change, so that a look takes no lock
    private int _priority;
    private int _ended;
    private ITimer? _expiry;
    private volatile IBoundSession? _successor;
    private long _lastReceived;
    private int _wasDetached;
    private long _opened;

    /// <summary>A new session. It is nowhere known before it is bound in the directory.</summary>
    /// <param name="jid">Its address.</param>
    /// <param name="host">Its host type.</param>
    /// <param name="info">What is known of it.</param>
    /// <param name="outbox">Its transport's outbox.</param>
    public Session(FullJid jid, HostType host, SessionInfo info, Outbox outbox)
        : this(jid, host, info) => Output.Attach(outbox);

    private Session(FullJid jid, HostType host, SessionInfo info)
    {
        Jid = jid;
        Host = host;
        Info = info;
        _opened = host.Server.Time.GetUtcNow().UtcTicks;
        Order = NextOrder(_opened);
        Output = new SessionOutput(host.Server.Time)
        {
            Overflowed = Overflow,
            Unreached = host.Hooks.IsEmpty(MessageHooks.Unreached) ? null : TellUnreached,
        };
        _report = new HandledReport(Watermark, Output, host.Server.Time);
        Touch();
    }

    /// <inheritdoc/>
    public FullJid Jid { get; }

    /// <summary>Its host type.</summary>
    public HostType Host { get; }

    /// <summary>What is known of it.</summary>
    public SessionInfo Info { get; }

    /// <inheritdoc/>
    public long Order { get; private init; }

    /// <summary>What it sends.</summary>
    public SessionOutput Output { get; }

    /// <summary>How many of the client's stanzas are handled for good.</summary>
    public Watermark Watermark { get; } = new();

    /// <summary>When the client sent something last, as <see cref="TimeProvider.GetTimestamp"/> has it; at first when the session was made.</summary>
    public long LastReceived => Volatile.Read(ref _lastReceived);

    /// <summary>When the resource was bound; a resumption does not change it.</summary>
    public DateTimeOffset Opened => new(_opened, TimeSpan.Zero);

    /// <inheritdoc/>
    public Presence? Presence { get; private set; }

    /// <summary>Id under which it can be resumed; null when stream management is off.</summary>
    public string? ResumptionId { get; private set; }

    /// <summary>Whether it has no transport and waits for resumption.</summary>
    public bool IsDetached => !Output.IsAttached && !HasEnded;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Volatile.Read(ref _ended) != 0;

    /// <inheritdoc/>
    public int? Priority => Volatile.Read(ref _priority) is var priority && priority == NoPriority ? null : priority;

    /// <summary>The client said that it is available.</summary>
    public void SetAvailable(Presence presence)
    {
        Presence = presence;
        Volatile.Write(ref _priority, presence.Priority);
        TellChanged();
    }

    /// <summary>Takes messages to the bare JID without being available to anybody: nobody sees a presence.</summary>
    internal void SetPriority(int priority) => Volatile.Write(ref _priority, priority);

    /// <summary>The client said that it is not available.</summary>
    public void SetUnavailable()
    {
        Presence = null;
        Volatile.Write(ref _priority, NoPriority);
        TellChanged();
    }

    /// <summary>Something has changed that other nodes know of the session: a record that was changed in its place, for one. What is set by <see cref="Set{T}"/> needs no word.</summary>
    public void TellChanged() => Host.Server.Sessions.Changed(this);

    /// <inheritdoc/>
    public object? GetState(SessionStateKey key) => _states is { } states && states.TryGetValue(key.Name, out var state) ? state : null;

    /// <summary>Keeps a record on the session; null removes it.</summary>
    public void Set<T>(SessionStateKey<T> key, T? state)
        where T : class
    {
        lock (_stateGate)
        {
            var states = _states is null ? [] : new Dictionary<string, object>(_states);
            if (state is null)
            {
                states.Remove(key.Name);
            }
            else
            {
                states[key.Name] = state;
            }

            _states = states.Count == 0 ? null : states;
        }

        TellChanged();
    }

    /// <summary>The record that a module keeps on the session; one is made when there is none.</summary>
    public T GetOrMake<T>(SessionStateKey<T> key, Func<T> make)
        where T : class
    {
        lock (_stateGate)
        {
            if (this.Get(key) is not { } state)
            {
                Set(key, state = make());
            }

            return state;
        }
    }

    /// <inheritdoc/>
    public bool Deliver(Stanza stanza) => StanzaTrace.Current is null ? Hand(stanza) : DeliverTraced(stanza);

    private bool DeliverTraced(Stanza stanza)
    {
        using var span = StanzaTrace.Start("deliver");
        span?.SetTag("xmpp.to", Jid.Bare.ToString());
        span?.SetTag("xmpp.stream.id", Info.StreamId);
        var isTaken = Hand(stanza);
        span?.SetTag("meerkat.taken", isTaken);
        return isTaken;
    }

    private bool Hand(Stanza stanza)
    {
        if (_successor is { } successor)
        {
            return successor.Deliver(stanza);
        }

        foreach (var filter in Host.DeliveryFilters)
        {
            if (!filter(this, stanza))
            {
                return true;
            }
        }

        // The session may have been resumed elsewhere between the look and the send.
        return Output.Send(stanza) || (_successor?.Deliver(stanza) ?? false);
    }

    /// <summary>Hands the session a stanza past every filter: an answer of the server itself.</summary>
    public bool Reply(Stanza stanza) => Output.Send(stanza) || _successor switch
    {
        Session successor => successor.Reply(stanza),
        RemoteSession successor => successor.Reply(stanza),
        _ => false,
    };

    /// <inheritdoc/>
    public void Kick(StreamError error) =>
        EndInBackground(new SessionEnd(error == StreamError.SystemShutdown ? SessionEndReason.Shutdown : SessionEndReason.Kicked, error));

    /// <summary>Another session took its full JID (CORE-124). Nobody waits for the end of this one; when it takes long, a warning says so (CORE-123).</summary>
    internal void Replace() => _ = WatchAsync(EndGuardedAsync(new SessionEnd(SessionEndReason.Replaced, StreamError.Replaced)));

    /// <summary>Turns stream management on.</summary>
    /// <param name="settings">How it works.</param>
    /// <param name="resumptionId">Id under which the session can be resumed.</param>
    /// <param name="enabled">Tells the client so: what leaves behind it is counted. Null when the client is told by other means before anything leaves.</param>
    public void Manage(StreamManagementSettings settings, string resumptionId, XmlElement? enabled = null)
    {
        ResumptionId = resumptionId;
        Watermark.Start(0);
        Host.Server.Resumptions.Add(this);
        Output.Manage(settings, new AckQueue(), enabled);
        TellChanged();
    }

    /// <summary>The client asks what was handled (CORE-210).</summary>
    public void ReportHandled() => _report.Ask();

    /// <summary>The client has got everything up to <paramref name="h"/>.</summary>
    /// <exception cref="StreamErrorException">That is more than was sent (CORE-043).</exception>
    public void Acknowledge(uint h)
    {
        if (!Output.TryAcknowledge(h, out var sent))
        {
            throw new StreamErrorException(StreamManagementErrors.HandledCountTooHigh(h, sent));
        }
    }

    /// <summary>The transport is gone.</summary>
    /// <param name="ct">Cancels hooks.</param>
    /// <returns>Whether the session waits for resumption now; else the caller ends it.</returns>
    public async ValueTask<bool> DetachAsync(CancellationToken ct)
    {
        if (HasEnded || Output.Settings is not { } settings || !Output.Detach())
        {
            return false;
        }

        _wasDetached = 1;
        SessionMetrics.Detached(1);
        _expiry = Host.Server.Time.CreateTimer(_ => EndInBackground(SessionEnd.Expired), null, settings.ResumeTimeout, Timeout.InfiniteTimeSpan);
        if (HasEnded)
        {
            Leave(); // resumed or ended in this moment, before there was a timer to stop
            return true;
        }

        TellChanged();
        await Host.Hooks.RunAsync(SessionHooks.Detached, this, ct);
        return true;
    }

    /// <summary>Ends the session: out of the directory, contacts told, what the client did not get goes elsewhere (CORE-127). Only the first call does it.</summary>
    public async ValueTask EndAsync(SessionEnd end, CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return;
        }

        Leave();
        Watermark.Stop();
        Host.Server.Resumptions.Remove(this);
        if (end.Reason is not (SessionEndReason.Lost or SessionEndReason.Expired))
        {
            Output.Finish(end.Error);
        }

        await Host.Server.Sessions.UnbindAsync(this, ct);
        var (acks, others) = Output.Close();
        await LeaveBehindAsync(end, acks, others, ct);
        SessionLog.Ended(Host.Server.Loggers.CreateLogger<Session>(), Jid, Info.StreamId, end);
    }

    /// <summary>The transport is given up, with <c>connection-timeout</c>: a session with stream management waits for resumption then, another one ends.</summary>
    public void Disconnect() => Output.Finish(StreamError.ConnectionTimeout);

    /// <summary>A session was to go on with this one, and does not: what the client did not get goes elsewhere.</summary>
    internal async ValueTask AbandonAsync(AckQueue acks, IReadOnlyList<Stanza> others)
    {
        await Host.Server.Sessions.UnbindAsync(this, CancellationToken.None);
        Host.Server.Resumptions.Remove(this);
        await LeaveBehindAsync(SessionEnd.Lost, acks, others, CancellationToken.None);
    }

    /// <summary>Takes nothing any more and ends without a sound; whoever still holds it reaches the successor.</summary>
    /// <returns>What waits for acknowledgement; null when this session has ended meanwhile.</returns>
    internal AckQueue? TryGiveWay(IBoundSession successor)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return null;
        }

        // In this order: from the moment when this output refuses a stanza, there is somewhere to go.
        Leave();
        _successor = successor;
        Output.Finish(StreamError.Conflict());
        return Output.Close().Acks ?? new AckQueue();
    }

    /// <summary>What moves to a successor. A stanza that the old connection's reader has begun is finished first: the client must be told of it, and its state must move along.</summary>
    internal async ValueTask<SessionSnapshot> SettleAsync(AckQueue acks)
    {
        await Watermark.StopAsync(s_patience, Host.Server.Time);
        return Snapshot(acks);
    }

    /// <summary>A session of a node that is gone, as other nodes knew it: for the hooks that run at a session's end. It has ended, and takes nothing.</summary>
    internal static Session OfLost(SessionRecord record, HostType host)
    {
        var session = new Session(record.Jid, host, new SessionInfo("lost", null, "", "", record.Node.ToString())) { Order = record.Order };
        session._ended = 1;
        session.Watermark.Stop();
        session.Output.Close();
        session.Presence = record.Presence is { } presence ? StanzaReader.ReadTrusted(presence) as Presence : null;
        session._priority = record.Priority ?? NoPriority;
        session.DecodeStates(record.States);
        return session;
    }

    /// <summary>What other nodes may know of it.</summary>
    internal SessionRecord ToRecord(ClusterNode node, long revision) => new(Jid, node, Order)
    {
        Revision = revision,
        Priority = Priority,
        IsDetached = IsDetached,
        ResumptionId = Output.Settings is null ? null : ResumptionId,
        Presence = Presence?.ToElement(),
        States = EncodeStates(),
    };

    /// <summary>The client sent something.</summary>
    internal void Touch() => Volatile.Write(ref _lastReceived, Host.Server.Time.GetTimestamp());

    private SessionSnapshot Snapshot(AckQueue acks) =>
        new(Jid, ResumptionId!, Opened, Priority, Presence, Watermark.Handled, acks.Acknowledged, [.. acks.Waiting], EncodeStates());

    private Dictionary<string, XmlElement> EncodeStates()
    {
        Dictionary<string, XmlElement> states = [];
        foreach (var (name, state) in _states ?? [])
        {
            states[name] = Host.SessionStates.TryGetValue(name, out var key)
                ? key.Encode(state)
                : throw new InvalidOperationException($"session state {name} is not registered");
        }

        return states;
    }

    private void DecodeStates(IReadOnlyDictionary<string, XmlElement> encoded)
    {
        var states = new Dictionary<string, object>();
        foreach (var (name, state) in encoded)
        {
            if (Host.SessionStates.TryGetValue(name, out var key))
            {
                states[name] = key.Decode(state);
            }
        }

        _states = states.Count == 0 ? null : states;
    }

    // Rises, and is about the time: so that the sessions of several nodes have an order, and a node that was started again goes on behind its last run.
    private static long NextOrder(long now)
    {
        while (true)
        {
            var last = Volatile.Read(ref s_order);
            var next = Math.Max(last + 1, now);
            if (Interlocked.CompareExchange(ref s_order, next, last) == last)
            {
                return next;
            }
        }
    }

    // Nothing is sent by this.
    internal AckQueue MoveIn(SessionSnapshot snapshot)
    {
        ResumptionId = snapshot.ResumptionId;
        Presence = snapshot.Presence;
        _opened = snapshot.Opened.UtcTicks;
        Volatile.Write(ref _priority, snapshot.Priority ?? NoPriority);
        Watermark.Start(snapshot.Handled);
        DecodeStates(snapshot.States);
        var acks = new AckQueue(snapshot.Acknowledged);
        foreach (var waiting in snapshot.Waiting)
        {
            acks.Restore(waiting);
        }

        return acks;
    }

    // It waits for nobody any more.
    private void Leave()
    {
        _expiry?.Dispose();
        if (Interlocked.Exchange(ref _wasDetached, 0) != 0)
        {
            SessionMetrics.Detached(-1);
        }
    }

    // CORE-124, CORE-127: contacts are told, then what the client did not get goes elsewhere, whatever a module made of the news.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "What the session leaves behind must not be lost to a module's mistake: it is logged.")]
    private async ValueTask LeaveBehindAsync(SessionEnd end, AckQueue? acks, IReadOnlyList<Stanza> others, CancellationToken ct)
    {
        var heir = end.Reason is SessionEndReason.Replaced ? await Host.Server.Sessions.FindAsync(Jid, ct) : null;
        try
        {
            await Host.Hooks.RunAsync(SessionHooks.Closed, new SessionClosed(this, end), ct);
        }
        catch (Exception failure)
        {
            SessionLog.EndFailed(Host.Server.Loggers.CreateLogger<Session>(), failure, Jid, Info.StreamId);
        }

        await Host.Server.Router.RerouteAsync(this, heir, acks, others, ct);
        if (Info.AuthMethod == Login.Anonymous)
        {
            await Host.Auth.Accounts.AnonymousClosedAsync(Jid.Bare, CancellationToken.None); // AUTH-061: its data go with its last session
        }
    }

    private void Overflow()
    {
        SessionMetrics.Overflowed();
        Kick(StreamError.ResourceConstraint("too many unacked stanzas"));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private void TellUnreached(Message message) => _ = Task.Run(async () =>
    {
        try
        {
            await Host.Hooks.RunAsync(MessageHooks.Unreached, new UnreachedContext(this, message), CancellationToken.None);
        }
        catch (Exception failure)
        {
            SessionLog.StanzaFailed(Host.Server.Loggers.CreateLogger<Session>(), failure, message.Kind, message.Id, Jid, Info.StreamId);
        }
    });

    private void EndInBackground(SessionEnd end) => _ = EndGuardedAsync(end);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async Task EndGuardedAsync(SessionEnd end)
    {
        try
        {
            await EndAsync(end, CancellationToken.None);
        }
        catch (Exception failure)
        {
            SessionLog.EndFailed(Host.Server.Loggers.CreateLogger<Session>(), failure, Jid, Info.StreamId);
        }
    }

    private async Task WatchAsync(Task ending)
    {
        try
        {
            await ending.WaitAsync(Host.ReplacedWaitTimeout, Host.Server.Time);
        }
        catch (TimeoutException)
        {
            SessionLog.ReplacedLingers(Host.Server.Loggers.CreateLogger<Session>(), Jid, Info.StreamId, Host.ReplacedWaitTimeout.TotalMilliseconds);
        }
    }
}
