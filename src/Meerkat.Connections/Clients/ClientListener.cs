using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Meerkat.Connections.Proxy;
using Meerkat.Connections.Tls;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Shaping;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Clients;

/// <summary>Accepts clients on one address and port (CORE §2): our own loop over Kestrel's socket transport, because a listener that is full leaves new connections in its backlog (CORE-006).</summary>
/// <param name="server">The server.</param>
/// <param name="options">The listener's table.</param>
/// <param name="tls">TLS; null when the listener offers none.</param>
/// <param name="shaper">Bytes a second of one connection; null without a shaper.</param>
[Xep(368, "1.1.0", Partial = "the server's side of client connections")]
public sealed class ClientListener(ServerContext server, ClientListenerOptions options, TlsServer? tls, ShaperOptions? shaper) : IAsyncDisposable
{
    // Balancers send the header at once: also where steps of the negotiation may take for ever, nobody occupies a place by keeping it back.
    private static readonly TimeSpan s_longestProxyWait = TimeSpan.FromSeconds(30);

    // How long the last bytes to a peer that does not read may take.
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(2);

    private readonly ILogger _log = server.Loggers.CreateLogger<ClientListener>();
    private readonly ConcurrentDictionary<ClientConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim? _places = options.MaxConnections is { } max ? new SemaphoreSlim(max) : null;
    private readonly ClientProfile _profile = new()
    {
        Access = options.Access,
        OffersSession = options.BackwardsCompatibleSession,
        AllowedAuthMethods = options.AllowedAuthMethods,
        RequiresTls = options.Tls?.Mode is TlsMode.StartTlsRequired,
        StateTimeout = options.StateTimeout,
    };

    private readonly XmlLimits _limits = XmlLimits.Default with { MaxElementBytes = options.MaxStanzaSize ?? int.MaxValue };
    private IConnectionListener? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Where it listens; the port that was taken when 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; private set; } = options.EndPoint;

    /// <summary>Connections that are open.</summary>
    public int Count => _connections.Count;

    /// <summary>Binds the port and starts to accept.</summary>
    /// <exception cref="IOException">The port cannot be bound.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var transport = SocketTransport.Create(
            sockets =>
            {
                sockets.Backlog = options.Backlog;
                sockets.UnsafePreferInlineScheduling = true; // the one who flushes sends: no thread hop (architecture §2, step 10)
                sockets.CreateBoundListenSocket = endPoint => ListenSocket.Bind(endPoint, options.ReusePort);
            },
            server.Loggers);
        _listener = await transport.BindAsync(options.EndPoint, ct);
        EndPoint = (IPEndPoint)_listener.EndPoint;
        _accepting = AcceptLoopAsync();
    }

    /// <summary>Accepts no more; what is open stays open (OPS-005).</summary>
    public async Task SuspendAsync()
    {
        await _stopAccepting.CancelAsync();
        if (_listener is not null)
        {
            await _listener.UnbindAsync();
        }

        await _accepting;
    }

    /// <summary>Ends every connection with <c>system-shutdown</c> and waits until they are gone, or a while at most.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await SuspendAsync();
        foreach (var connection in _connections.Keys)
        {
            connection.Interrupt(StreamError.SystemShutdown);
        }

        try
        {
            await Task.WhenAll(_connections.Values).WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            // Peers that do not read: their connections are cut.
        }

        await _stop.CancelAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        _stop.Dispose();
        _stopAccepting.Dispose();
        _places?.Dispose();
    }

    private async Task AcceptLoopAsync()
    {
        while (!_stopAccepting.IsCancellationRequested)
        {
            try
            {
                if (_places is not null)
                {
                    await _places.WaitAsync(_stopAccepting.Token);
                }

                if (await _listener!.AcceptAsync(_stopAccepting.Token) is not { } context)
                {
                    return;
                }

                _ = ServeAsync(context);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failure) when (failure is IOException or SocketException)
            {
                // Out of file descriptors, say: those who are connected are served on, and new ones wait in the backlog.
                ListenerLog.AcceptFailed(_log, EndPoint, failure.Message);
                _places?.Release();
                await Task.Delay(TimeSpan.FromMilliseconds(100), server.Time);
            }
        }
    }

    private async Task ServeAsync(ConnectionContext context)
    {
        ClientConnection? connection = null;
        try
        {
            if (await OpenAsync(context) is { } opened)
            {
                connection = opened;
                var running = opened.RunAsync(_stop.Token);
                _connections[opened] = running;
                await running;
            }
        }
        catch (Exception failure)
        {
            // The boundary of one connection: nobody waits for this task.
            ListenerLog.ConnectionFailed(_log, failure, context.RemoteEndPoint);
        }
        finally
        {
            if (connection is not null)
            {
                _connections.TryRemove(connection, out _);
            }

            await CloseAsync(context);
            _places?.Release();
        }
    }

    // Disposing sends what is left first; aborting throws it away.
    private async Task CloseAsync(ConnectionContext context)
    {
        var closing = context.DisposeAsync();
        if (!closing.IsCompleted)
        {
            var patient = closing.AsTask();
            try
            {
                await patient.WaitAsync(s_closeTimeout, server.Time);
                return;
            }
            catch (TimeoutException)
            {
                context.Abort();
            }

            await patient;
            return;
        }

        await closing;
    }

    private async Task<ClientConnection?> OpenAsync(ConnectionContext context)
    {
        var pipe = context.Transport;
        var remote = context.RemoteEndPoint as IPEndPoint;
        if (options.ProxyProtocol)
        {
            if (await ReadProxyHeaderAsync(pipe.Input) is not (true, var source))
            {
                return null; // CORE-007
            }

            remote = source ?? remote;
        }

        if (server.Addresses.Refuses(remote?.Address))
        {
            return null; // CORE-012
        }

        var facts = new TransportFacts("tcp", Unmapped(remote), false);
        var isDirect = options.Tls?.Mode is TlsMode.Tls;
        if (isDirect)
        {
            if (await tls!.HandshakeAsync(pipe, facts, isDirect: true, _stop.Token) is not { } encrypted)
            {
                return null; // CORE-051
            }

            (pipe, facts) = encrypted;
        }

        var plain = facts;
        TlsUpgrade? upgrade = tls is null || isDirect ? null : (open, ct) => tls.HandshakeAsync(open, plain, isDirect: false, ct);
        var bucket = shaper is null ? null : new TokenBucket(shaper.MaxRate, server.Time);
        return new ClientConnection(server, _profile, _limits, pipe, facts, upgrade, bucket, context.Abort);
    }

    private async Task<(bool Found, IPEndPoint? Source)> ReadProxyHeaderAsync(PipeReader input)
    {
        var patience = options.StateTimeout is { } step && step < s_longestProxyWait ? step : s_longestProxyWait; // the first step of the negotiation (CORE-013)
        using var timeout = new CancellationTokenSource(patience, server.Time);
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync(timeout.Token);
            }
            catch (Exception lost) when (lost is OperationCanceledException or IOException)
            {
                return (false, null); // too late, or reset by the peer
            }

            var result = ProxyHeader.TryRead(read.Buffer, out var length, out var source);
            input.AdvanceTo(
                result is ProxyHeaderResult.Found ? read.Buffer.GetPosition(length) : read.Buffer.Start,
                result is ProxyHeaderResult.Found ? read.Buffer.GetPosition(length) : read.Buffer.End);
            if (result is not ProxyHeaderResult.Incomplete || read.IsCompleted)
            {
                return (result is ProxyHeaderResult.Found, source);
            }
        }
    }

    private static IPEndPoint? Unmapped(IPEndPoint? remote) =>
        remote is { Address.IsIPv4MappedToIPv6: true } ? new IPEndPoint(remote.Address.MapToIPv4(), remote.Port) : remote;
}
