using System.IO.Pipelines;
using Meerkat.Connections.Streams;
using Meerkat.Core.Hosts;
using Meerkat.Core.Shaping;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Clients;

/// <summary>Starts TLS over the pipes of a connection.</summary>
/// <returns>The encrypted pipes and what is known of them now; null when the handshake failed (CORE-051).</returns>
public delegate Task<(IDuplexPipe Pipe, TransportFacts Facts)?> TlsUpgrade(IDuplexPipe pipe, CancellationToken ct);

/// <summary>One client connection framed by RFC 6120: reads, cuts frames, hands them to the stream, strictly in order.</summary>
/// <remarks>One reader. The loop is here; the policy for its failures is in <see cref="RunAsync"/>; what is negotiated is the <see cref="ClientStream"/>'s.</remarks>
public sealed class ClientConnection
{
    // How long a peer may take to close its side after we closed ours.
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(5);

    private readonly ServerContext _server;
    private readonly ClientProfile _profile;
    private readonly TlsUpgrade? _upgrade;
    private readonly TokenBucket? _shaper;
    private readonly Action? _abort;
    private readonly ILogger _log;
    private readonly XmlFramer _framer;
    private readonly FlushScope _burst = new();
    private readonly ClientStream _stream;
    private IDuplexPipe _pipe;
    private PipeTransport _transport;
    private ITimer? _stateTimer;
    private TimeSpan _leftOfStep;
    private long _waitsSince;
    private int _progress;
    private StreamError? _interruption;
    private bool _isPeerDone;

    /// <summary>A fresh connection.</summary>
    /// <param name="server">The server.</param>
    /// <param name="profile">What the listener lays down.</param>
    /// <param name="limits">Limits of one top-level element.</param>
    /// <param name="pipe">The pipes.</param>
    /// <param name="facts">Facts of the connection.</param>
    /// <param name="upgrade">Starts TLS; null when it is not offered or already active.</param>
    /// <param name="shaper">Delays reading; null for none.</param>
    /// <param name="abort">Ends the connection below the pipes; null when they are all there is.</param>
    public ClientConnection(
        ServerContext server,
        ClientProfile profile,
        XmlLimits limits,
        IDuplexPipe pipe,
        TransportFacts facts,
        TlsUpgrade? upgrade = null,
        TokenBucket? shaper = null,
        Action? abort = null)
    {
        _server = server;
        _profile = profile;
        _upgrade = upgrade;
        _shaper = shaper;
        _abort = abort;
        _log = server.Loggers.CreateLogger<ClientConnection>();
        _framer = new XmlFramer(limits);
        _pipe = pipe;
        _transport = new PipeTransport(pipe, facts, upgrade is not null, abort);
        _stream = new ClientStream(server, profile, _transport);
        _stateTimer = StartStateTimer();
        _waitsSince = server.Time.GetTimestamp();
    }

    /// <summary>The stream.</summary>
    public ClientStream Stream => _stream;

    /// <summary>Ends the connection with a stream error as soon as what is being handled is done. From any thread.</summary>
    public void Interrupt(StreamError error)
    {
        Interlocked.CompareExchange(ref _interruption, error, null);
        _pipe.Input.CancelPendingRead();
    }

    /// <summary>Serves the connection until it ends. Does not throw.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        _transport.Traffic.Opened();
        try
        {
            await ReadLoopAsync(ct);
        }
        catch (StreamErrorException refused)
        {
            await _stream.FailAsync(refused.Error, CancellationToken.None);
        }
        catch (XmlFormatException malformed)
        {
            await _stream.FailAsync(ErrorFor(malformed), CancellationToken.None);
        }
        catch (Exception lost) when (lost is IOException or OperationCanceledException or Microsoft.AspNetCore.Connections.ConnectionResetException or Microsoft.AspNetCore.Connections.ConnectionAbortedException)
        {
            ClientLog.Lost(_log, _stream.Id, lost.Message);
        }
        catch (Exception failure)
        {
            // Our own mistake outside of any stanza: this connection cannot go on, the others can.
            ClientLog.Broken(_log, failure, _stream.Id);
            await _stream.FailAsync(StreamError.InternalServerError, CancellationToken.None);
        }

        _transport.Traffic.Closed();
        _stateTimer?.Dispose();
        await _stream.LoseAsync(CancellationToken.None);
        await CloseAsync();
    }

    /// <summary>Reads until the peer closes, the transport ends, or the stream is over.</summary>
    private async Task ReadLoopAsync(CancellationToken ct)
    {
        ReadResult read;
        do
        {
            read = await _pipe.Input.ReadAsync(ct);
            StopStateTimer();
            if (_interruption is { } interruption)
            {
                throw new StreamErrorException(interruption);
            }

            if (_transport.IsFinished)
            {
                return;
            }

            var step = await HandleAsync(read.Buffer, ct);
            if (step is StreamStep.StartTls)
            {
                _pipe.Input.AdvanceTo(read.Buffer.End); // what came behind <starttls/> in the clear is thrown away, never parsed (RFC 6120 §5.4.3.3)
                if (!await UpgradeAsync(ct))
                {
                    return;
                }

                continue;
            }

            var length = read.Buffer.Length;
            _transport.Traffic.Received(length);
            _pipe.Input.AdvanceTo(read.Buffer.End);
            if (step is StreamStep.Close)
            {
                return;
            }

            await ShapeAsync(length, ct);
            RestartStateTimer();
        }
        while (!read.IsCompleted);
    }

    // What a peer sent at once is one burst: whoever gets several stanzas of it gets them in one send.
    private async ValueTask<StreamStep> HandleAsync(System.Buffers.ReadOnlySequence<byte> unread, CancellationToken ct)
    {
        var step = StreamStep.Continue;
        _burst.Begin();
        try
        {
            // One at a time: the order in is the order of processing (RFC 6120 §10.1).
            while (step is StreamStep.Continue && !_transport.IsFinished && _framer.TryRead(ref unread, out var frame))
            {
                _isPeerDone |= frame.Kind is XmlFrameKind.StreamEnd;
                var handling = _stream.HandleAsync(frame, _framer.DefaultNamespace, ct);
                if (!handling.IsCompleted)
                {
                    _burst.End(); // nothing may stay unsent while we wait
                    step = await handling;
                    _burst.Begin();
                }
                else
                {
                    step = handling.Result;
                }

                if (step is StreamStep.Restart)
                {
                    _framer.Reset();
                    step = StreamStep.Continue;
                }
            }
        }
        finally
        {
            _burst.End();
        }

        return step;
    }

    private async Task<bool> UpgradeAsync(CancellationToken ct)
    {
        if (await _upgrade!(_pipe, ct) is not { } encrypted)
        {
            return false;
        }

        _pipe = encrypted.Pipe;
        _transport.Traffic.Closed();
        _transport = new PipeTransport(encrypted.Pipe, encrypted.Facts, canStartTls: false, _abort);
        _transport.Traffic.Opened();
        _framer.Reset();
        _stream.ReplaceTransport(_transport); // a step
        RestartStateTimer();
        return true;
    }

    private async ValueTask ShapeAsync(long bytes, CancellationToken ct)
    {
        if (_shaper?.Take(bytes) is { } delay && delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, _server.Time, ct); // CORE-015: the read is delayed, nothing is dropped
        }
    }

    private ITimer? StartStateTimer()
    {
        if (_profile.StateTimeout is not { } timeout)
        {
            return null;
        }

        _leftOfStep = timeout;
        return _server.Time.CreateTimer(_ => OnStateTimeout(), null, timeout, Timeout.InfiniteTimeSpan);
    }

    // What the server needs for a step, with a cold start or a slow store, is not the client's time.
    private void StopStateTimer()
    {
        if (_stateTimer is not null)
        {
            _stateTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _leftOfStep -= _server.Time.GetElapsedTime(_waitsSince);
        }
    }

    // Only a step of the negotiation wins time: a slow writer does not.
    private void RestartStateTimer()
    {
        if (_stateTimer is null)
        {
            return;
        }

        if (_stream.IsEstablished)
        {
            _stateTimer.Dispose();
            _stateTimer = null;
            return;
        }

        if (_stream.Progress != _progress)
        {
            _progress = _stream.Progress;
            _leftOfStep = _stream.StepTimeout!.Value;
        }

        _waitsSince = _server.Time.GetTimestamp();
        _stateTimer.Change(_leftOfStep > TimeSpan.Zero ? _leftOfStep : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void OnStateTimeout()
    {
        if (!_stream.IsEstablished)
        {
            Interrupt(StreamError.ConnectionTimeout); // CORE-013
        }
    }

    // What is still to be sent goes out when the connection below is disposed of: nothing is aborted that ended well.
    private async Task CloseAsync()
    {
        _transport.Finish();
        if (!_isPeerDone)
        {
            await LingerAsync();
        }

        await _pipe.Input.CompleteAsync();
    }

    // Our side is closed: the peer gets a moment to read what we sent and to close its own.
    private async Task LingerAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(s_linger, _server.Time);
            while (true)
            {
                var read = await _pipe.Input.ReadAsync(timeout.Token);
                _pipe.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception)
        {
            // Whatever happens to a connection that is over.
        }

        _abort?.Invoke();
    }

    private static StreamError ErrorFor(XmlFormatException malformed) => malformed.Fault switch
    {
        XmlFault.TooBig => StreamError.PolicyViolation("element too big"), // CORE-014
        XmlFault.TooDeep => StreamError.PolicyViolation("element too deep"),
        XmlFault.TooManyAttributes => StreamError.PolicyViolation("too many attributes"),
        XmlFault.NameTooLong => StreamError.PolicyViolation("name too long"),
        _ => StreamError.NotWellFormed(malformed.Message),
    };
}
