using Meerkat.Core.Hosts;
using Meerkat.Core.Streams;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Bosh;

/// <summary>One client over BOSH (XEP-0124, XEP-0206, CORE §23): requests that come in any order, on any connection, more than once, make one stream in order.</summary>
/// <remarks>
/// Safe for concurrent use. One lock protects which requests are open, what was answered and what waits for an answer; a stanza is never handled under it.
/// What requests bring is handled one at a time, in their order, by whoever brings the next one in order.
/// </remarks>
internal sealed class BoshSession
{
    /// <summary>How many requests a client may have open (HTP-BOSH-05).</summary>
    public const int Requests = 2;

    /// <summary>How many of them are kept without an answer.</summary>
    public const int Hold = 1;

    // How long an ended session remembers its last answers for a client that has not got them.
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(30);

    private readonly ServerContext _server;
    private readonly BoshOptions _options;
    private readonly BoshStart _start;
    private readonly ClientStream _stream;
    private readonly BoshFeed _feed;
    private readonly Action<BoshSession> _forget;
    private readonly ILogger _log;
    private readonly long _born;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _gate = new();
    private readonly BoshWindow _window;
    private readonly BoshAnswers _answers;
    private readonly BoshBacklog _backlog = new();
    private readonly Queue<object> _work = [];
    private TimeSpan _alarm = TimeSpan.MaxValue;
    private TimeSpan _idleSince;
    private TimeSpan _progressAt;
    private TimeSpan? _patience;
    private (long Rid, TimeSpan Age)? _report;
    private int _progress;
    private bool _running;
    private bool _isOver;
    private bool _isForgotten;

    /// <summary>A session, from its first request.</summary>
    /// <param name="server">The server.</param>
    /// <param name="options">BOSH's options.</param>
    /// <param name="start">What was agreed on.</param>
    /// <param name="facts">Facts of the connection on which it begins.</param>
    /// <param name="sid">Its id.</param>
    /// <param name="forget">Called once, when nobody needs to find it any more.</param>
    public BoshSession(ServerContext server, BoshOptions options, BoshStart start, TransportFacts facts, string sid, Action<BoshSession> forget)
    {
        _server = server;
        _options = options;
        _start = start;
        _forget = forget;
        _log = server.Loggers.CreateLogger<BoshSession>();
        _answers = new BoshAnswers(start.Acknowledges);
        _patience = options.Inactivity;
        _born = server.Time.GetTimestamp();
        _window = new BoshWindow(start.Request.Rid);
        Sid = sid;
        _stream = new ClientStream(server, new ClientProfile(), new BoshTransport(this, facts));
        _feed = new BoshFeed(_stream, start, _log);
        _timer = server.Time.CreateTimer(static session => ((BoshSession)session!).OnAlarm(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        BoshMetrics.Opened(1);
    }

    /// <summary>Its id.</summary>
    public string Sid { get; }

    /// <summary>Completes when the session is over and its client was told, or cannot be.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Bytes that wait for a request.</summary>
    internal int Waiting => _backlog.Size;

    /// <summary>Whether a request waits for its answer, or for one before it.</summary>
    internal bool IsWaiting
    {
        get
        {
            lock (_gate)
            {
                return _window.IsWaiting;
            }
        }
    }

    private TimeSpan Now => _server.Time.GetElapsedTime(_born);

    /// <summary>Takes a request. Its answer comes when there is one.</summary>
    public BoshExchange Accept(BoshRequest request)
    {
        var exchange = new BoshExchange();
        bool runs;
        lock (_gate)
        {
            Receive(request, exchange);
            SetAlarm();
            runs = TryStart();
        }

        if (runs)
        {
            _ = RunAsync();
        }

        return exchange;
    }

    /// <summary>The connection of a request broke before its answer was there.</summary>
    public void Lose(BoshExchange exchange)
    {
        lock (_gate)
        {
            exchange.IsLost = true;
            exchange.Complete(BoshWriter.Empty); // nobody reads it; what comes for the request is kept until it comes again
            if (_window.Oldest is null)
            {
                _idleSince = Now;
            }

            SetAlarm();
        }
    }

    /// <summary>The connection of a request broke while its answer was written.</summary>
    public void Miss(long rid)
    {
        lock (_gate)
        {
            if (_answers.Find(rid) is { } sent)
            {
                sent.IsLost = true;
            }
        }
    }

    /// <summary>Ends the stream with an error, when what is being handled is done.</summary>
    public void Interrupt(StreamError error) => Enqueue(error);

    /// <summary>The stream has ended; its session may wait for resumption.</summary>
    internal void Lose() => Enqueue(BoshFeed.Loss);

    /// <summary>Ends the session at once: the client broke the protocol, or takes nothing. The stream is lost by that.</summary>
    internal void End(string condition)
    {
        lock (_gate)
        {
            EndWith(condition);
        }
    }

    /// <summary>Ends and forgets the session, unless a resource is bound in it: too many others have begun since.</summary>
    internal void Displace()
    {
        lock (_gate)
        {
            if (_stream.Session is null)
            {
                EndWith(BoshCondition.PolicyViolation);
                Forget();
            }
        }
    }

    /// <summary>Something to send.</summary>
    internal void Write(object item, int size)
    {
        lock (_gate)
        {
            if (_isOver && item is not Stanza)
            {
                return; // a stanza goes back: the stream does not know yet that it is lost
            }

            _backlog.Add(item, size);
        }
    }

    /// <summary>The stream's end to send.</summary>
    internal void WriteEnd()
    {
        lock (_gate)
        {
            _backlog.End();
        }
    }

    /// <summary>Answers a request with what was written, if there is one; otherwise it waits, and the writer too when it is much.</summary>
    internal ValueTask FlushAsync()
    {
        lock (_gate)
        {
            Answer();
            return _isOver ? ValueTask.CompletedTask : new ValueTask(_backlog.ReadyAsync());
        }
    }

    /// <summary>Stanzas that the client did not get.</summary>
    internal IReadOnlyList<Stanza> TakeUnsent()
    {
        lock (_gate)
        {
            return [.. _answers.TakeLost(), .. _backlog.TakeStanzas()];
        }
    }

    // From here on under the lock, until the next such line.

    private void Receive(BoshRequest request, BoshExchange exchange)
    {
        var ahead = request.Rid - _window.Last;
        if (request.Fault is { } fault)
        {
            EndWith(fault);
            exchange.Complete(BoshWriter.Terminate(fault));
        }
        else if (ahead <= 0 || _isOver)
        {
            Repeat(request, exchange);
        }
        else if (ahead > BoshWindow.LimitFor(request))
        {
            Refuse(exchange, BoshCondition.ItemNotFound); // XEP-0124 §14.2
        }
        else if (ahead > 1)
        {
            _window.KeepEarly(request, exchange);
        }
        else
        {
            Admit(request, exchange);
            while (!_isOver && _window.TryTakeEarly(out var next))
            {
                Admit(next.Request, next.Exchange);
            }
        }
    }

    private void Repeat(BoshRequest request, BoshExchange exchange)
    {
        if (_window.Find(request) is { } held)
        {
            BoshMetrics.Repeated();
            held.Exchange.Complete(BoshWriter.Superseded);
            held.Exchange = exchange;
            Answer();
        }
        else if (_answers.Find(request.Rid) is { } sent && sent.Key == request.Key)
        {
            BoshMetrics.Repeated();
            sent.IsLost = false;
            _idleSince = Now;
            exchange.Complete(sent.Bytes);
        }
        else
        {
            Refuse(exchange, BoshCondition.ItemNotFound);
        }
    }

    private void Admit(BoshRequest request, BoshExchange exchange)
    {
        if (!_window.HasKey(request))
        {
            Refuse(exchange, BoshCondition.ItemNotFound);
            return;
        }

        // XEP-0124 §11; the answers to what is handled are given when that is done.
        if (_window.Count >= BoshWindow.LimitFor(request))
        {
            Refuse(exchange, BoshCondition.PolicyViolation);
            return;
        }

        _patience = _options.Inactivity;
        if (_start.Acknowledges && !ReferenceEquals(request, _start.Request))
        {
            TakeAcknowledgement(request);
        }

        _window.Hold(request, exchange, Now);
        if (request.Pause is null)
        {
            _work.Enqueue(request);
        }
        else if (BoshRequest.Number(request.Pause, int.MaxValue) is { } seconds && seconds <= _options.MaxPause.TotalSeconds)
        {
            _patience = TimeSpan.FromSeconds(seconds);
            while (_window.Count > 0)
            {
                AnswerEmpty(_window.First); // XEP-0124 §10: these have no payload
            }
        }
        else
        {
            EndWith(BoshCondition.PolicyViolation);
        }
    }

    // XEP-0124 §9.2, §9.3: who says nothing has all that was answered.
    private void TakeAcknowledgement(BoshRequest request)
    {
        var ack = request.Ack ?? request.Rid - 1;
        _answers.Acknowledge(ack);
        if (ack < _answers.Last && _answers.Find(ack + 1) is { } missing)
        {
            _report = (missing.Rid, _server.Time.GetElapsedTime(missing.At));
        }
    }

    private void Refuse(BoshExchange exchange, string condition)
    {
        EndWith(condition);
        exchange.Complete(BoshWriter.Terminate(condition));
    }

    private void EndWith(string condition)
    {
        if (_isOver)
        {
            return;
        }

        BoshLog.Ended(_log, _stream.Id, condition);
        BoshMetrics.Ended(condition);
        var terminate = BoshWriter.Terminate(condition);
        foreach (var held in _window.Held)
        {
            held.Exchange.Complete(terminate);
        }

        Finish();
    }

    // Told or not, nothing more is sent.
    private void Finish()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _window.Clear();
        _idleSince = Now;
        _backlog.Release();
        _work.Enqueue(BoshFeed.Loss);
        BoshMetrics.Opened(-1);
        _ended.TrySetResult();
        SetAlarm();
        StartElsewhere();
    }

    // Gives what waits to the oldest request that somebody reads; lost ones before it get nothing, and are kept for when they come again.
    private void Answer()
    {
        while (_backlog.IsReady && !_isOver && _window.Oldest is { } oldest)
        {
            if (_window.First != oldest)
            {
                AnswerEmpty(_window.First);
                continue;
            }

            if (_backlog.IsEnded)
            {
                Tell(oldest);
                return;
            }

            Answer(oldest, _backlog.Take());
        }
    }

    // XEP-0124 §13: the oldest request gets the end, with what came before it; the others nothing.
    private void Tell(BoshHeld oldest)
    {
        var condition = _backlog.HasError ? $" condition='{BoshCondition.RemoteStreamError}'" : "";
        var (items, size) = _backlog.Take();
        Complete(oldest, BoshWriter.Write($" type='terminate'{condition}", items, size), null);
        while (_window.Count > 0)
        {
            AnswerEmpty(_window.First);
        }

        Finish();
    }

    private void AnswerEmpty(BoshHeld held) => Complete(held, BoshWriter.Write(AttributesOf(held.Rid), [], 0), null);

    private void Answer(BoshHeld held, (List<object> Items, int Size) what)
    {
        Stanza[] stanzas = what.Items.Count == 1 && what.Items[0] is Stanza only ? [only] : [.. what.Items.OfType<Stanza>()];
        Complete(held, BoshWriter.Write(AttributesOf(held.Rid), what.Items, what.Size), stanzas);
    }

    private void Complete(BoshHeld held, byte[] bytes, IReadOnlyList<Stanza>? stanzas)
    {
        _window.Remove(held);
        _answers.Add(new BoshAnswers.Sent(held.Rid, bytes, held.Key, _server.Time.GetTimestamp()) { Stanzas = stanzas, IsLost = held.Exchange.IsLost });
        held.Exchange.Complete(bytes);
        if (_answers.IsFull)
        {
            EndWith(BoshCondition.PolicyViolation);
        }
        else if (_window.Count == 0)
        {
            _idleSince = Now;
            SetAlarm();
        }
    }

    private string? AttributesOf(long rid)
    {
        if (rid == _start.Request.Rid)
        {
            return _start.Attributes(Sid, _options);
        }

        if (_report is null && (!_options.ServerAcks || rid == _window.Last))
        {
            return null;
        }

        var attributes = "";
        if (_options.ServerAcks && rid != _window.Last)
        {
            attributes = BoshWriter.Attribute("ack", _window.Last); // XEP-0124 §9.1
        }

        if (_report is { } report)
        {
            attributes += BoshWriter.Attribute("report", report.Rid) + BoshWriter.Attribute("time", (long)report.Age.TotalMilliseconds);
            _report = null;
        }

        return attributes;
    }

    // What was handled has been answered as far as it could: more than one request is not kept, and none of a client that does not want to wait.
    private void Settle()
    {
        Answer();
        while (_window.Count > Hold || (_window.Count > 0 && _start.Wait == TimeSpan.Zero))
        {
            AnswerEmpty(_window.First);
        }
    }

    private TimeSpan? Deadline()
    {
        if (_isOver)
        {
            return _idleSince + s_linger;
        }

        // An end that nobody fetches is not waited for without end.
        var deadline = _window.Oldest is { } oldest ? oldest.Since + _start.Wait : _idleSince + (_backlog.IsEnded ? _patience ?? s_linger : _patience);
        var step = StepDeadline();
        return step < deadline || deadline is null ? step : deadline;
    }

    // What the server needs for a step is not the client's time.
    private TimeSpan? StepDeadline() => _stream.IsEstablished || _backlog.IsEnded || _running ? null : _progressAt + _stream.StepTimeout;

    // The timer is touched only when it would fire too late: a request that comes in time costs nothing.
    private void SetAlarm()
    {
        if (!_isForgotten && Deadline() is { } deadline && deadline < _alarm)
        {
            _alarm = deadline;
            var delay = deadline - Now;
            _timer.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void Ring()
    {
        if (Deadline() is not { } deadline || deadline > Now)
        {
            return;
        }

        if (_isOver)
        {
            Forget();
        }
        else if (StepDeadline() <= Now)
        {
            _progressAt = Now; // said once
            _work.Enqueue(StreamError.ConnectionTimeout); // CORE-013
        }
        else if (_window.Oldest is { } oldest)
        {
            // Nothing came in time. Any of these may be one answer too many, and end the session.
            while (!_isOver && _window.First != oldest)
            {
                AnswerEmpty(_window.First);
            }

            if (!_isOver)
            {
                AnswerEmpty(oldest);
            }
        }
        else
        {
            // CORE-264: nobody is there to be told, and from now on the session is not known (XEP-0124 §10).
            BoshLog.Ended(_log, _stream.Id, "inactivity");
            BoshMetrics.Ended("inactivity");
            Finish();
            Forget();
        }
    }

    private void Forget()
    {
        if (_isForgotten)
        {
            return;
        }

        _isForgotten = true;
        _timer.Dispose();
        _forget(this);
    }

    private bool TryStart()
    {
        if (_running || _work.Count == 0)
        {
            return false;
        }

        return _running = true;
    }

    private void StartElsewhere()
    {
        if (TryStart())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static session => _ = session.RunAsync(), this, preferLocal: false);
        }
    }

    // From here on not under the lock.

    private void Enqueue(object work)
    {
        lock (_gate)
        {
            _work.Enqueue(work);
            StartElsewhere();
        }
    }

    private void OnAlarm()
    {
        lock (_gate)
        {
            _alarm = TimeSpan.MaxValue;
            Ring();
            SetAlarm();
            StartElsewhere();
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            object? work;
            lock (_gate)
            {
                if (!_work.TryDequeue(out work))
                {
                    _running = false;
                    if (_stream.Progress != _progress)
                    {
                        _progress = _stream.Progress;
                        _progressAt = Now;
                    }

                    Settle();
                    SetAlarm();
                    return;
                }
            }

            await _feed.HandleAsync(work);
        }
    }
}
