using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
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
    private static long s_order;

    private readonly Lock _stateGate = new();
    private Dictionary<string, object>? _states;
    private int _priority;
    private int _ended;
    private ITimer? _expiry;
    private Session? _successor;

    /// <summary>A new session. It is nowhere known before it is bound in the directory.</summary>
    /// <param name="jid">Its address.</param>
    /// <param name="host">Its host type.</param>
    /// <param name="info">What is known of it.</param>
    /// <param name="outbox">Its transport's outbox.</param>
    public Session(FullJid jid, HostType host, SessionInfo info, Outbox outbox)
    {
        Jid = jid;
        Host = host;
        Info = info;
        Order = Interlocked.Increment(ref s_order);
        Output = new SessionOutput(host.Server.Time)
        {
            Overflowed = () => Kick(StreamError.ResourceConstraint("too many unacked stanzas")),
        };
        Output.Attach(outbox);
    }

    /// <inheritdoc/>
    public FullJid Jid { get; }

    /// <summary>Its host type.</summary>
    public HostType Host { get; }

    /// <summary>What is known of it.</summary>
    public SessionInfo Info { get; }

    /// <inheritdoc/>
    public long Order { get; }

    /// <summary>What it sends.</summary>
    public SessionOutput Output { get; }

    /// <summary>How many of the client's stanzas are handled for good.</summary>
    public Watermark Watermark { get; } = new();

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
    }

    /// <summary>The client said that it is not available.</summary>
    public void SetUnavailable()
    {
        Presence = null;
        Volatile.Write(ref _priority, NoPriority);
    }

    /// <inheritdoc/>
    public T? Get<T>(SessionStateKey<T> key)
        where T : class
    {
        if (_states is null)
        {
            return null;
        }

        lock (_stateGate)
        {
            return _states.TryGetValue(key.Name, out var state) ? (T)state : null;
        }
    }

    /// <summary>Keeps a record on the session; null removes it.</summary>
    public void Set<T>(SessionStateKey<T> key, T? state)
        where T : class
    {
        lock (_stateGate)
        {
            if (state is null)
            {
                _states?.Remove(key.Name);
            }
            else
            {
                (_states ??= [])[key.Name] = state;
            }
        }
    }

    /// <inheritdoc/>
    public bool Deliver(Stanza stanza)
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
    public bool Reply(Stanza stanza) => Output.Send(stanza) || (_successor?.Reply(stanza) ?? false);

    /// <inheritdoc/>
    public void Kick(StreamError error) =>
        EndInBackground(new SessionEnd(error == StreamError.SystemShutdown ? SessionEndReason.Shutdown : SessionEndReason.Kicked, error));

    /// <summary>Another session took its full JID (CORE-124).</summary>
    internal void Replace() => EndInBackground(new SessionEnd(SessionEndReason.Replaced, StreamError.Replaced));

    /// <summary>Turns stream management on.</summary>
    /// <param name="settings">How it works.</param>
    /// <param name="resumptionId">Id under which the session can be resumed.</param>
    public void Manage(StreamManagementSettings settings, string resumptionId)
    {
        ResumptionId = resumptionId;
        Watermark.Start(0);
        Output.Manage(settings, new AckQueue());
        Host.Server.Resumptions.Add(this);
    }

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

        _expiry = Host.Server.Time.CreateTimer(_ => EndInBackground(SessionEnd.Expired), null, settings.ResumeTimeout, Timeout.InfiniteTimeSpan);
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

        _expiry?.Dispose();
        Host.Server.Resumptions.Remove(this);
        if (end.Reason is not (SessionEndReason.Lost or SessionEndReason.Expired))
        {
            Output.Finish(end.Error);
        }

        await Host.Server.Sessions.UnbindAsync(this, ct);
        var (acks, others) = Output.Close();
        await Host.Hooks.RunAsync(SessionHooks.Closed, new SessionClosed(this, end), ct);
        await Host.Server.Router.RerouteAsync(this, acks, others, ct);
        SessionLog.Ended(Host.Server.Loggers.CreateLogger<Session>(), Jid, Info.StreamId, end.Reason);
    }

    /// <summary>Takes everything out for another session that goes on with it (XEP-0198 §5). This one takes nothing any more and ends without a sound.</summary>
    /// <returns>Null when the session has ended meanwhile.</returns>
    internal SessionSnapshot? MoveOut()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return null;
        }

        _expiry?.Dispose();
        Output.Finish(StreamError.Conflict());
        var (acks, held) = Output.Close();
        var waiting = acks ?? new AckQueue();
        Dictionary<string, XmlElement> states = [];
        lock (_stateGate)
        {
            foreach (var (name, state) in _states ?? [])
            {
                states[name] = Host.SessionStates[name].Encode(state);
            }
        }

        return new SessionSnapshot(Jid, ResumptionId!, Priority, Presence, Watermark.Handled, waiting.Acknowledged, [.. waiting.Waiting], held, states);
    }

    /// <summary>Goes on with what another session was. Nothing is sent by this.</summary>
    internal AckQueue MoveIn(SessionSnapshot snapshot, StreamManagementSettings settings)
    {
        ResumptionId = snapshot.ResumptionId;
        Presence = snapshot.Presence;
        Volatile.Write(ref _priority, snapshot.Priority ?? NoPriority);
        Watermark.Start(snapshot.Handled);
        foreach (var (name, state) in snapshot.States)
        {
            if (Host.SessionStates.TryGetValue(name, out var key))
            {
                (_states ??= [])[name] = key.Decode(state);
            }
        }

        var acks = new AckQueue(snapshot.Acknowledged);
        foreach (var waiting in snapshot.Waiting)
        {
            acks.Restore(waiting);
        }

        return acks;
    }

    /// <summary>Whoever still holds this session reaches the one that goes on with it.</summary>
    internal void SucceedBy(Session successor) => _successor = successor;

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async void EndInBackground(SessionEnd end)
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
}
