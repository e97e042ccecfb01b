using Meerkat.Core.Tracing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>What a session sends: first held back for an inactive client (XEP-0352), then counted (XEP-0198), then queued (CORE-134). Safe for concurrent use.</summary>
/// <param name="time">The clock.</param>
public sealed class SessionOutput(TimeProvider time)
{
    private static readonly XmlElement s_ackRequest = new XmlBuilder("r", Ns.StreamManagement).Build();

    private readonly Lock _gate = new();
    private volatile Outbox? _outbox;
    private volatile AckQueue? _acks;
    private volatile List<Stanza>? _held;
    private StreamManagementSettings? _settings;
    private int _maxHeld;
    private int _sinceRequest;
    private bool _closed;
    private ITimer? _grace;

    /// <summary>Called when too many stanzas have waited for acknowledgement for too long (CORE-213).</summary>
    internal Action? Overflowed { get; set; }

    /// <summary>Called for each message that is queued while there is no transport, or that is left when the transport is lost (CORE-215). Under a lock: quick.</summary>
    internal Action<Message>? Unreached { get; set; }

    /// <summary>Whether stanzas are counted.</summary>
    public bool IsManaged => _acks is not null;

    /// <summary>Whether there is a transport.</summary>
    public bool IsAttached => _outbox is not null;

    /// <summary>Settings of stream management; null while it is off.</summary>
    public StreamManagementSettings? Settings => _settings;

    /// <summary>How many stanzas wait for acknowledgement.</summary>
    public int Unacknowledged
    {
        get
        {
            lock (_gate)
            {
                return _acks?.Count ?? 0;
            }
        }
    }

    /// <summary>How many elements wait to be written.</summary>
    public int Queued => _outbox?.Queued ?? 0;

    /// <summary>Sends a stanza.</summary>
    /// <returns>False when the session has ended, or has lost its transport and cannot be resumed.</returns>
    public bool Send(Stanza stanza)
    {
        // Nothing is counted or held back. Who looked just before that changed is refused by the outbox and goes the long way.
        if (_acks is null && _held is null && _outbox is { } direct && direct.Send(stanza))
        {
            return true;
        }

        // Before the lock, here and below: a clock may run what is due while it is asked (that of the tests does), and that may close this output.
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            if (_held is null)
            {
                return SendCounted(stanza, now);
            }

            StanzaTrace.Current?.SetTag("meerkat.held", true); // for an inactive client
            _held.Add(stanza);
            if (_held.Count > _maxHeld)
            {
                SendHeld(now);
            }

            return true;
        }
    }

    /// <summary>Sends an element that is no stanza, past everything that is held back.</summary>
    public bool Send(XmlElement element) => _outbox?.Send(element) ?? false;

    /// <summary>Waits while the transport is far behind.</summary>
    public ValueTask ReadyAsync(CancellationToken ct) => _outbox?.ReadyAsync(ct) ?? ValueTask.CompletedTask;

    /// <summary>A transport is there.</summary>
    internal void Attach(Outbox outbox) => _outbox = outbox;

    /// <summary>Stanzas are counted from here on.</summary>
    /// <param name="settings">How.</param>
    /// <param name="acks">What waits for acknowledgement already.</param>
    /// <param name="marker">Tells the client: what it gets behind this is counted, what came before is not. Null when the client is told otherwise.</param>
    internal void Manage(StreamManagementSettings settings, AckQueue acks, XmlElement? marker)
    {
        lock (_gate)
        {
            _settings = settings;
            _acks = acks;
            _outbox?.CountFromHere(marker);
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
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (SendHeld(now))
            {
                _held = null;
            }
        }
    }

    /// <summary>The transport is gone. What is held back is counted now, so that it is sent on resumption (CORE-227).</summary>
    /// <returns>False when stanzas are not counted: there is nothing to resume.</returns>
    internal bool Detach()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_acks is null || _closed)
            {
                return false;
            }

            var queued = _outbox?.Close() ?? [];
            _outbox = null;
            KeepUnsent(queued, now);
            if (Unreached is not null)
            {
                foreach (var waiting in _acks.Waiting)
                {
                    TellUnreached(waiting.Stanza);
                }
            }
        }

        return true;
    }

    /// <summary>Takes nothing any more.</summary>
    /// <returns>What the client did not get, in order: unacknowledged, then held back; without stream management queued, then held back.</returns>
    internal (AckQueue? Acks, IReadOnlyList<Stanza> Others) Close()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            _closed = true;
            _grace?.Dispose();
            var queued = _outbox?.Close() ?? [];
            _outbox = null;
            if (_acks is { } acks)
            {
                KeepUnsent(queued, now);
                _acks = null;
                return (acks, []);
            }

            var held = _held ?? [];
            _held = null;
            return (null, [.. queued, .. held]);
        }
    }

    /// <summary>Ends the stream with an error and takes nothing any more on this transport.</summary>
    internal void Finish(StreamError? error) => _outbox?.Finish(error);

    // Under the lock.
    private bool SendCounted(Stanza stanza, DateTimeOffset now)
    {
        if (_acks is null)
        {
            return _outbox?.Send(stanza) ?? false;
        }

        // CORE-214: a probe is never shown to a client (CORE-166), which would count it.
        if (stanza is Presence { Type: PresenceType.Probe })
        {
            return true;
        }

        var settings = _settings!;
        var outbox = _outbox;
        if (settings.Keep || outbox is null)
        {
            _acks.Add(stanza, now);
            WatchOverflow(settings);
        }

        if (outbox is null)
        {
            StanzaTrace.Current?.SetTag("meerkat.detached", true); // until the client resumes
            TellUnreached(stanza);
            return true;
        }

        var taken = outbox.SendCounted(stanza);
        if (settings.RequestEvery > 0 && ++_sinceRequest >= settings.RequestEvery)
        {
            _sinceRequest = 0;
            outbox.Send(s_ackRequest);
        }

        return taken || settings.Keep;
    }

    // Under the lock. False when the transport takes no more: what is left stays held, and goes elsewhere when the session ends.
    private bool SendHeld(DateTimeOffset now)
    {
        for (var i = 0; i < _held?.Count; i++)
        {
            if (!SendCounted(_held[i], now))
            {
                _held.RemoveRange(0, i);
                return false;
            }
        }

        _held?.Clear();
        return true;
    }

    // Under the lock, without a transport: what was held back waits behind what was sent. Without a buffer (CORE-213), what had not left yet is all that there is.
    private void KeepUnsent(IReadOnlyList<Stanza> queued, DateTimeOffset now)
    {
        foreach (var stanza in _settings!.Keep ? [] : queued)
        {
            _acks!.Add(stanza, now);
        }

        foreach (var stanza in _held ?? [])
        {
            if (stanza is not Presence { Type: PresenceType.Probe })
            {
                _acks!.Add(stanza, now);
            }
        }

        _held = null;
    }

    private void TellUnreached(Stanza stanza)
    {
        if (stanza is Message message)
        {
            Unreached?.Invoke(message);
        }
    }

    // CORE-213: over the limit starts a grace time; whoever is still over it then is ended, with a transport or without.
    private void WatchOverflow(StreamManagementSettings settings)
    {
        if (settings.MaxWaiting is { } max && _acks!.Count > max && _grace is null)
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
            if (_closed || _acks is null || _acks.Count <= max)
            {
                return;
            }
        }

        Overflowed?.Invoke();
    }
}
