using Meerkat.Core.Streams;
using Meerkat.Core.Tracing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>What leaves on one stream: one bounded queue, one writer at a time. Safe for concurrent use.</summary>
/// <remarks>
/// Whoever finds the transport idle writes and flushes at once, without a thread hop; who finds it busy leaves the stanza to the one who is
/// flushing, so that a burst leaves in one flush. A queue that is full, or a peer that takes nothing for <see cref="SendTimeout"/>
/// (CORE-011), ends the transport; what is still queued is handed back by <see cref="Close"/>.
/// </remarks>
/// <param name="transport">Where the bytes go.</param>
/// <param name="time">The clock of the send time-out.</param>
/// <param name="shown">Is shown what is written: a <see cref="Stanza"/>, an <see cref="XmlElement"/>, a <see cref="StreamHeader"/>, and an object of its own for the end; null where nobody can watch.</param>
public sealed class Outbox(ITransport transport, TimeProvider time, Action<object>? shown = null)
{
    /// <summary>How many elements may wait for a slow peer.</summary>
    public const int MaxQueued = 16384;

    /// <summary>How many payload bytes may wait for a slow peer.</summary>
    public const int MaxQueuedBytes = 8 * 1024 * 1024;

    /// <summary>How long a peer may take nothing (CORE-011).</summary>
    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(15);

    // One burst is cut into flushes of this size, so that a queue never sits in the transport's buffer as a whole.
    private const int FlushAt = 32 * 1024;

    private readonly Lock _gate = new();
    private Queue<object>? _queue;
    private long _queuedBytes;
    private TaskCompletionSource? _ready;
    private List<Stanza>? _unwritten; // the transport ended before them, or in the middle of one
    private FlushScope? _claimedBy;
    private bool _writing;
    private bool _ending;
    private bool _closed;
    private bool _countedOnly;
    private SentStanzas _sent; // the writer's alone: since the last flush

    /// <summary>How many elements wait to be written.</summary>
    public int Queued
    {
        get
        {
            if (_queue is null)
            {
                return 0;
            }

            lock (_gate)
            {
                return _queue?.Count ?? 0;
            }
        }
    }

    /// <summary>The transport.</summary>
    public ITransport Transport => transport;

    /// <summary>Sends a stanza.</summary>
    /// <returns>False when the stanza was not taken: the outbox is closed or full, or takes only stanzas that are counted (<see cref="CountFromHere"/>).</returns>
    public bool Send(Stanza stanza) => Send(stanza, stanza.Element.Raw.Length);

    /// <summary>Sends an element that is no stanza.</summary>
    /// <returns>False when the outbox is closed.</returns>
    public bool Send(XmlElement element) => Send((object)element, element.Raw.Length);

    /// <summary>Sends a stanza that stream management has counted, in the order of the counting.</summary>
    internal bool SendCounted(Stanza stanza) => Send(stanza, stanza.Element.Raw.Length, counted: true);

    /// <summary>From here on only counted stanzas are taken: one that somebody sends past the counting meanwhile is refused, and comes back counted.</summary>
    /// <param name="marker">Tells the client so: what it gets behind this is what it counts too. Null when it knows already.</param>
    internal void CountFromHere(XmlElement? marker)
    {
        if (marker is { } element)
        {
            Send(element, element.Raw.Length, counted: true, seal: true);
            return;
        }

        lock (_gate)
        {
            _countedOnly = true;
        }
    }

    /// <summary>Sends a stream header.</summary>
    public bool Send(StreamHeader header) => Send(header, 0);

    /// <summary>Sends the end of the stream and then ends the transport; nothing is taken any more. Where several end it at once, the first one does.</summary>
    /// <param name="error">Sent first; null for none. Nothing comes between it and the end (RFC 6120 §4.9.1.1).</param>
    public void Finish(StreamError? error) => Send(error is null ? EndOfStream.WithoutError : new EndOfStream(error.ToElement()), 0);

    /// <summary>Waits while more than a quarter of the bound is queued: for those who send much at once (offline messages, an archive page).</summary>
    public ValueTask ReadyAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            if (_closed || _queue is null || (_queue.Count < MaxQueued / 4 && _queuedBytes < MaxQueuedBytes / 4))
            {
                return ValueTask.CompletedTask;
            }

            _ready ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_ready.Task.WaitAsync(SendTimeout, time, ct));
        }
    }

    /// <summary>Takes nothing any more. An end of the stream that is queued still goes out, with its error, behind what is being written.</summary>
    /// <returns>The stanzas that were queued and not written, in order.</returns>
    public IReadOnlyList<Stanza> Close()
    {
        lock (_gate)
        {
            _closed = true;
            Stanza[] left = [.. transport.TakeUnsent(), .. _unwritten ?? [], .. _queue?.OfType<Stanza>() ?? []];
            _unwritten = null;
            _queue = _ending && _queue is not null ? new Queue<object>(_queue.Where(item => item is not Stanza)) : null;
            _queuedBytes = 0;
            SignalReady();
            return left;
        }
    }

    /// <summary>The scope that had claimed the outbox is over.</summary>
    internal void Release()
    {
        lock (_gate)
        {
            _claimedBy = null;
        }

        Pump(flushFirst: true);
    }

    private bool Send(object item, int size, bool counted = false, bool seal = false) =>
        StanzaTrace.Current is null || item is not Stanza ? Put(item, size, counted, seal) : SendTraced(item, size, counted, seal);

    private bool SendTraced(object item, int size, bool counted, bool seal)
    {
        using var span = StanzaTrace.Start("send");
        span?.SetTag("meerkat.outbox", "written");
        span?.SetTag("meerkat.transport", transport.Facts.Kind);
        var isTaken = Put(item, size, counted, seal);
        if (!isTaken)
        {
            span?.SetTag("meerkat.outbox", "refused");
        }

        return isTaken;
    }

    private bool Put(object item, int size, bool counted, bool seal)
    {
        var scope = FlushScope.Current;
        lock (_gate)
        {
            if (_closed || _ending || (_countedOnly && !counted && item is Stanza))
            {
                return false;
            }

            _countedOnly |= seal;
            _ending = item is EndOfStream;

            // Nobody overtakes the queue: the order on the wire is the order of the calls, which stream management counts by.
            if (_writing && (_claimedBy is null || _claimedBy != scope || _queue is { Count: > 0 } || transport.Unflushed > FlushAt))
            {
                return Enqueue(item, size);
            }

            if (!_writing)
            {
                _writing = true;
                if (scope is not null)
                {
                    _claimedBy = scope;
                    scope.Claim(this);
                }
            }
        }

        if (Write(item) && scope is null)
        {
            Pump(flushFirst: true);
        }

        return true;
    }

    private bool Enqueue(object item, int size)
    {
        _queue ??= new Queue<object>();
        if (_queue.Count >= MaxQueued || _queuedBytes + size > MaxQueuedBytes)
        {
            // The answer to full: the peer is too slow to be served. The connection ends and its stanzas go elsewhere.
            transport.Abort();
            return false;
        }

        StanzaTrace.Current?.SetTag("meerkat.outbox", "queued"); // behind others, for whoever is writing
        _queue.Enqueue(item);
        _queuedBytes += size;
        return true;
    }

    /// <returns>False when the transport has ended: nobody writes any more, and what waits is handed back by <see cref="Close"/>.</returns>
    private bool Write(object item)
    {
        shown?.Invoke(item is EndOfStream { Error: { } before } ? before : item);
        try
        {
            switch (item)
            {
                case Stanza stanza:
                    transport.Write(stanza);
                    _sent.Add(stanza);
                    break;
                case XmlElement element:
                    transport.Write(element);
                    break;
                case StreamHeader header:
                    transport.WriteHeader(header);
                    break;
                default:
                    WriteEnd((EndOfStream)item);
                    break;
            }

            return true;
        }
        catch (Exception ended) when (ended is InvalidOperationException or ArgumentOutOfRangeException)
        {
            // The transport was ended meanwhile, before the element or in the middle of it: as when a flush fails, its reader closes the session.
            lock (_gate)
            {
                _claimedBy = null;
                if (item is Stanza stanza)
                {
                    (_unwritten ??= []).Add(stanza);
                }
            }

            transport.Abort();
            return false;
        }
    }

    private void WriteEnd(EndOfStream end)
    {
        if (end.Error is { } error)
        {
            transport.Write(error);
            shown?.Invoke(end);
        }

        transport.WriteEnd();
    }

    // The writer: flushes what was written, then writes and flushes what was queued meanwhile, until there is nothing left. A transport that has ended stays claimed, so that the rest is queued.
    private void Pump(bool flushFirst)
    {
        while (true)
        {
            if (flushFirst)
            {
                var flushing = FlushAsync();
                if (!flushing.IsCompletedSuccessfully)
                {
                    _ = ContinueAsync(flushing);
                    return;
                }

                if (!flushing.Result)
                {
                    transport.Abort();
                    return;
                }
            }

            if (!WriteQueued())
            {
                return;
            }

            flushFirst = true;
        }
    }

    private async Task ContinueAsync(ValueTask<bool> flushing)
    {
        using var timeout = new CancellationTokenSource(transport.SendTimeout, time);
        await using var abort = timeout.Token.Register(static state => ((ITransport)state!).Abort(), transport);
        var arrives = false;
        try
        {
            arrives = await flushing;
        }
        catch (Exception)
        {
            // As when it does not arrive.
        }

        if (!arrives)
        {
            // The peer is gone, or took nothing for too long. The one who reads from the transport sees its end and closes the session; what is queued is handed back then.
            transport.Abort();
            return;
        }

        Pump(flushFirst: false);
    }

    private bool WriteQueued()
    {
        var wrote = false;
        while (true)
        {
            object item;
            lock (_gate)
            {
                if (_queue is null || _queue.Count == 0)
                {
                    _queue = null;
                    _queuedBytes = 0;
                    if (!wrote)
                    {
                        _writing = false;
                    }

                    break;
                }

                item = _queue.Dequeue();
                _queuedBytes -= item switch
                {
                    Stanza stanza => stanza.Element.Raw.Length,
                    XmlElement element => element.Raw.Length,
                    _ => 0,
                };
                if (_ready is not null && _queue.Count < MaxQueued / 8 && _queuedBytes < MaxQueuedBytes / 8)
                {
                    SignalReady();
                }
            }

            if (!Write(item))
            {
                return false;
            }

            wrote = true;
            if (transport.Unflushed > FlushAt)
            {
                break;
            }
        }

        return wrote;
    }

    private void SignalReady()
    {
        _ready?.TrySetResult();
        _ready = null;
    }

    private ValueTask<bool> FlushAsync()
    {
        if (!_sent.IsEmpty)
        {
            ServerMetrics.StanzasSent(ref _sent);
        }

        try
        {
            var flushing = transport.FlushAsync(CancellationToken.None);
            return !_ending ? flushing : flushing.IsCompletedSuccessfully ? new ValueTask<bool>(flushing.Result && End()) : EndAsync(flushing);
        }
        catch (Exception)
        {
            // As in ContinueAsync: the reader of the transport closes the session.
            return new ValueTask<bool>(false);
        }
    }

    private bool End()
    {
        lock (_gate)
        {
            if (_queue is { Count: > 0 })
            {
                return true;
            }

            _closed = true;
        }

        transport.Finish();
        return true;
    }

    private async ValueTask<bool> EndAsync(ValueTask<bool> flushing) => await flushing && End();

    private sealed class EndOfStream(XmlElement? error)
    {
        public static readonly EndOfStream WithoutError = new(null);

        public XmlElement? Error => error;
    }
}
