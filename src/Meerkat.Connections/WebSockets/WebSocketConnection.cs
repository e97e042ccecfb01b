using System.Buffers;
using System.Net.WebSockets;
using Meerkat.Core.Hosts;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.WebSockets;

/// <summary>One client over a WebSocket (RFC 7395, CORE §24): each text message is one element, handed to the same stream as over TCP, strictly in order.</summary>
public sealed class WebSocketConnection : IDisposable
{
    private readonly WebSocket _socket;
    private readonly WebSocketTransport _transport;
    private readonly ClientStream _stream;
    private readonly XmlLimits _limits;
    private readonly TimeProvider _time;
    private readonly TimeSpan? _idleTimeout;
    private readonly ILogger _log;
    private readonly FlushScope _burst = new();
    private readonly CancellationTokenSource _interrupt = new();
    private StreamError? _interruption;
    private int _progress;
    private long _progressAt;
    private Task<ValueWebSocketReceiveResult>? _receiving;

    /// <summary>An accepted WebSocket.</summary>
    /// <param name="server">The server.</param>
    /// <param name="profile">What the handler lays down.</param>
    /// <param name="limits">Limits of one message.</param>
    /// <param name="idleTimeout">How long nothing may come; null for ever (CORE-272).</param>
    /// <param name="socket">The WebSocket.</param>
    /// <param name="facts">Facts of the connection.</param>
    public WebSocketConnection(ServerContext server, ClientProfile profile, XmlLimits limits, TimeSpan? idleTimeout, WebSocket socket, TransportFacts facts)
    {
        _socket = socket;
        _limits = limits;
        _idleTimeout = idleTimeout;
        _time = server.Time;
        _progressAt = _time.GetTimestamp();
        _log = server.Loggers.CreateLogger<WebSocketConnection>();
        _transport = new WebSocketTransport(socket, facts);
        _stream = new ClientStream(server, profile, _transport);
    }

    /// <summary>Ends the connection with a stream error. From any thread.</summary>
    public void Interrupt(StreamError error)
    {
        Interlocked.CompareExchange(ref _interruption, error, null);
        _interrupt.Cancel();
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
            await _stream.FailAsync(
                malformed.Fault is XmlFault.TooBig ? StreamError.PolicyViolation("element too big") : StreamError.NotWellFormed(malformed.Message), CancellationToken.None);
        }
        catch (Exception lost) when (lost is WebSocketException or IOException or OperationCanceledException)
        {
            WebSocketLog.Lost(_log, _stream.Id, lost.Message);
        }
        catch (Exception failure)
        {
            // Our own mistake outside of any stanza: this connection cannot go on, the others can.
            WebSocketLog.Broken(_log, failure, _stream.Id);
            await _stream.FailAsync(StreamError.InternalServerError, CancellationToken.None);
        }

        _transport.Traffic.Closed();
        await _stream.LoseAsync(CancellationToken.None);
        await CloseAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _transport.Dispose();
    }

    private async Task ReadLoopAsync(CancellationToken ct)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        var isFirst = true;
        while (!_transport.IsFinished && await ReceiveAsync(buffer, ct) is { } isText)
        {
            if (!isText)
            {
                continue; // CORE-271: binary messages are ignored
            }

            if (await HandleAsync(buffer.WrittenMemory, isFirst, ct) is StreamStep.Close)
            {
                return;
            }

            isFirst = false;
        }
    }

    private async ValueTask<StreamStep> HandleAsync(ReadOnlyMemory<byte> message, bool isFirst, CancellationToken ct)
    {
        _transport.Traffic.Received(message.Length);

        // RFC 7395 §3.3.3: whoever leaves the namespace of a stanza out means jabber:client (CORE-271).
        var element = XmlElement.Parse(message.Span, Ns.Client, _limits);
        var kind = element.Is("open", Ns.Framing) ? XmlFrameKind.StreamStart
            : element.Is("close", Ns.Framing) ? XmlFrameKind.StreamEnd
            : XmlFrameKind.Element;
        if (isFirst && kind is not XmlFrameKind.StreamStart)
        {
            return StreamStep.Close; // CORE-270
        }

        _burst.Begin();
        try
        {
            var handling = _stream.HandleAsync(new XmlFrame(kind, element), Ns.Client, ct);
            if (handling.IsCompleted)
            {
                return handling.Result;
            }

            _burst.End();
            return await handling;
        }
        finally
        {
            _burst.End();
        }
    }

    // One whole message. Null: the peer closed; false: it was binary.
    private async ValueTask<bool?> ReceiveAsync(ArrayBufferWriter<byte> buffer, CancellationToken ct)
    {
        buffer.ResetWrittenCount();
        var patience = _stream.IsEstablished ? _idleTimeout : RestOfStep();
        using var timeout = patience is { } limit ? new CancellationTokenSource(limit, _time) : new CancellationTokenSource();
        using var any = CancellationTokenSource.CreateLinkedTokenSource(ct, _interrupt.Token, _transport.Aborted, timeout.Token);
        try
        {
            while (true)
            {
                var received = await ReceiveAsync(buffer.GetMemory(512), ct, any.Token);
                if (received.MessageType is WebSocketMessageType.Close)
                {
                    return null;
                }

                buffer.Advance(received.Count);
                if (buffer.WrittenCount > _limits.MaxElementBytes)
                {
                    throw new StreamErrorException(StreamError.PolicyViolation("element too big"));
                }

                if (received.EndOfMessage)
                {
                    return received.MessageType is WebSocketMessageType.Text;
                }
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            if (_interruption is { } interruption)
            {
                throw new StreamErrorException(interruption);
            }

            if (timeout.IsCancellationRequested && !_stream.IsEstablished)
            {
                throw new StreamErrorException(StreamError.ConnectionTimeout); // CORE-013
            }

            return null;
        }
    }

    // CORE-013: what is no step of the negotiation wins no time.
    private TimeSpan? RestOfStep()
    {
        if (_stream.Progress != _progress)
        {
            _progress = _stream.Progress;
            _progressAt = _time.GetTimestamp();
        }

        return _stream.StepTimeout is { } step ? TimeSpan.FromTicks(Math.Max(0, (step - _time.GetElapsedTime(_progressAt)).Ticks)) : null;
    }

    // Giving up waiting does not give up reading: a receive that is cancelled takes the whole WebSocket with it, and the stream's error could not be sent.
    private async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> into, CancellationToken abort, CancellationToken giveUp)
    {
        _receiving ??= _socket.ReceiveAsync(into, abort).AsTask();
        var received = await _receiving.WaitAsync(giveUp);
        _receiving = null;
        return received;
    }

    // Our close, then the peer's (RFC 6455 §7.1.2); what still comes before it is not for anybody.
    private async Task CloseAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time);
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
            }

            var scratch = new byte[512];
            while (_socket.State is WebSocketState.CloseSent)
            {
                await ReceiveAsync(scratch, timeout.Token, timeout.Token);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // It is closed either way.
        }
    }
}
