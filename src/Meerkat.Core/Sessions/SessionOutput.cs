using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>What a session sends: first held back for an inactive client (XEP-0352), then counted (XEP-0198), then queued (CORE-134). Safe for concurrent use.</summary>
/// <param name="time">The clock.</param>
public sealed class SessionOutput(TimeProvider time)
{
    private static readonly XmlElement s_ackRequest = new XmlBuilder("r", Ns.StreamManagement).Build();

    private readonly Lock _gate = new();
    private Outbox? _outbox;
    private AckQueue? _acks;
    private StreamManagementSettings? _settings;
    private List<Stanza>? _held;
    private int _maxHeld;
    private uint _sinceRequest;
    private bool _closed;
    private ITimer? _grace;

    /// <summary>Called when too many stanzas have waited for acknowledgement for too long (CORE-213).</summary>
    internal Action? Overflowed { get; set; }

    /// <summary>Called for each message that is queued while there is no transport, or that is left when the transport is lost.</summary>
    internal Action<Stanza>? Unreached { get; set; }

    /// <summary>Whether stanzas are counted.</summary>
    public bool IsManaged => _acks is not null;

    /// <summary>Whether there is a transport.</summary>
    public bool IsAttached => _outbox is not null;

    /// <summary>Settings of stream management; null while it is off.</summary>
    public StreamManagementSettings? Settings => _settings;

    /// <summary>Sends a stanza.</summary>
    /// <returns>False when the session has ended, or has lost its transport and cannot be resumed.</returns>
    public bool Send(Stanza stanza)
    {
        if (_acks is null && _held is null && _outbox is { } direct)
        {
            return direct.Send(stanza);
        }

        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            if (_held is null)
            {
                return SendCounted(stanza);
            }

            _held.Add(stanza);
            if (_held.Count > _maxHeld)
            {
                SendHeld();
            }

            return true;
        }
    }

    /// <summary>Sends an element that is no stanza, past everything that is held back.</summary>
    public bool Send(XmlElement element) => _outbox?.Send(element) ?? false;

    /// <summary>Waits while the transport is far behind.</summary>
    public ValueTask ReadyAsync(CancellationToken ct) => _outbox?.ReadyAsync(ct) ?? ValueTask.CompletedTask;

    /// <summary>A transport is there.</summary>
    internal void Attach(Outbox outbox)
    {
        lock (_gate)
        {
            _outbox = outbox;
        }
    }

    /// <summary>Stanzas are counted from here on.</summary>
    internal void Manage(StreamManagementSettings settings, AckQueue acks)
    {
        lock (_gate)
        {
            _settings = settings;
            _acks = acks;
        }
    }

    /// <summary>The client has got everything up to <paramref name="h"/>.</summary>
    /// <param name="h">What the client says.</param>
    /// <param name="sent">How many were sent, for the error.</param>
    /// <returns>False when that is more than was sent.</returns>
    internal bool TryAcknowledge(uint h, out uint sent)
    {
        lock (_gate)
        {
            sent = _acks?.Sent ?? 0;
            return _acks is null || !_settings!.Keep || _acks.TryAcknowledge(h);
        }
    }

    /// <summary>Holds stanzas back, up to a number; one more lets all of them go (CORE-226).</summary>
    public void Hold(int max)
    {
        lock (_gate)
        {
            _maxHeld = max;
            _held ??= [];
        }
    }

    /// <summary>Lets go what is held back, and holds nothing any more.</summary>
    public void Release()
    {
        lock (_gate)
        {
            SendHeld();
            _held = null;
        }
    }

    /// <summary>The transport is gone. What is held back is counted now, so that it is sent on resumption (CORE-227).</summary>
    /// <returns>False when stanzas are not counted: there is nothing to resume.</returns>
    internal bool Detach()
    {
        List<Stanza> unreached;
        lock (_gate)
        {
            if (_acks is null || _closed)
            {
                return false;
            }

            _outbox?.Close();
            _outbox = null;
            unreached = _acks.Waiting.Select(waiting => waiting.Stanza).ToList();
            foreach (var stanza in _held ?? [])
            {
                _acks.Add(stanza, time.GetUtcNow());
                unreached.Add(stanza);
            }

            _held = null;
        }

        unreached.ForEach(stanza => Unreached?.Invoke(stanza));
        return true;
    }

    /// <summary>Takes nothing any more.</summary>
    /// <returns>What the client did not get, in order: unacknowledged, then held back, then queued.</returns>
    internal (AckQueue? Acks, IReadOnlyList<Stanza> Others) Close()
    {
        lock (_gate)
        {
            _closed = true;
            _grace?.Dispose();
            var queued = _outbox?.Close() ?? [];
            var held = _held ?? [];
            _held = null;
            var acks = _acks;
            _acks = null;
            _outbox = null;

            // What stream management counted is in its queue already.
            return (acks, acks is null ? [.. held, .. queued] : held);
        }
    }

    /// <summary>Ends the stream with an error and takes nothing any more on this transport.</summary>
    internal void Finish(StreamError? error) => _outbox?.Finish(error);

    // Under the lock.
    private bool SendCounted(Stanza stanza)
    {
        if (_acks is null)
        {
            return _outbox?.Send(stanza) ?? false;
        }

        // CORE-214: probes are neither kept nor counted.
        if (stanza is Presence { Type: PresenceType.Probe })
        {
            _outbox?.Send(stanza);
            return true;
        }

        var settings = _settings!;
        if (settings.Keep)
        {
            _acks.Add(stanza, time.GetUtcNow());
            WatchOverflow(settings);
        }

        if (_outbox is null)
        {
            Unreached?.Invoke(stanza);
            return true;
        }

        _outbox.Send(stanza);
        if (settings.RequestEvery > 0 && ++_sinceRequest >= settings.RequestEvery)
        {
            _sinceRequest = 0;
            _outbox.Send(s_ackRequest);
        }

        return true;
    }

    private void SendHeld()
    {
        if (_held is null)
        {
            return;
        }

        foreach (var stanza in _held)
        {
            SendCounted(stanza);
        }

        _held.Clear();
    }

    // CORE-213: over the limit starts a grace time; whoever is still over it then is ended.
    private void WatchOverflow(StreamManagementSettings settings)
    {
        if (settings.MaxWaiting is { } max && _acks!.Count > max && _grace is null && _outbox is not null)
        {
            _grace = time.CreateTimer(_ => CheckOverflow(max), null, settings.Grace, Timeout.InfiniteTimeSpan);
        }
    }

    private void CheckOverflow(int max)
    {
        lock (_gate)
        {
            _grace?.Dispose();
            _grace = null;
            if (_closed || _outbox is null || _acks is null || _acks.Count <= max)
            {
                return;
            }
        }

        Overflowed?.Invoke();
    }
}
