using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Meerkat.Core.Hosts;
using Meerkat.Core.Tls;
using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Connections;

/// <summary>One connection to one server. Many requests are under way on it at once, each on a stream of its own (native protocol v4, section 2.3). Safe for concurrent use.</summary>
/// <remarks>
/// <para>A stream whose request was given up is used again when its answer has come, so that no answer is taken for that of another request.</para>
/// <para>While requests wait, or after <see cref="Quiet"/>, a server that has said nothing since the last look is asked whether it is there (OPTIONS). One that is silent for another
/// <see cref="Looks"/> looks is gone: what waits fails and may be asked of another.</para>
/// </remarks>
internal sealed class CqlConnection : IAsyncDisposable
{
    /// <summary>Most requests under way at a time: enough to keep a server busy, and a bound for what it must hold. The protocol has 32 768 streams.</summary>
    public const int MaxInFlight = 256;

    /// <summary>How often the connection is looked at.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may have nothing to do before the server is asked for a sign of life.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_greeting = TimeSpan.FromMinutes(1); // who opens a connection gives up sooner
    private const int Looks = 2;
    private const int MaxBody = 64 << 20;

    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly PipeReader _input;
    private readonly SemaphoreSlim _write = new(1, 1);
    private readonly SemaphoreSlim _free = new(MaxInFlight, MaxInFlight);
    private readonly Lock _gate = new();
    private readonly Stack<short> _ids = new(Enumerable.Range(0, MaxInFlight).Select(id => (short)(MaxInFlight - 1 - id)));
    private readonly TaskCompletionSource<Frame>?[] _pending = new TaskCompletionSource<Frame>?[MaxInFlight];
    private readonly TaskCompletionSource<Exception> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _looks;
    private Task _reading = Task.CompletedTask;
    private Exception? _cause;
    private long _heard;
    private long _seen;
    private long _lastHeard;
    private int _silent;

    private CqlConnection(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16384));
        _lastHeard = time.GetTimestamp();
    }

    /// <summary>Whether requests can be sent.</summary>
    public bool IsOpen => Volatile.Read(ref _cause) is null;

    /// <summary>Requests under way, or given up and not answered yet.</summary>
    public int InFlight => MaxInFlight - _free.CurrentCount;

    /// <summary>Ends, with the cause, when the connection has.</summary>
    public Task<Exception> Closed => _closed.Task;

    /// <summary>Whether the server encrypts.</summary>
    public bool IsEncrypted => _stream is SslStream;

    /// <summary>Connects, negotiates TLS and says who we are.</summary>
    /// <param name="server">The server.</param>
    /// <param name="auth">Who we are; null for nobody in particular.</param>
    /// <param name="tls">Null for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="CqlException">The server refuses us.</exception>
    public static async Task<CqlConnection> OpenAsync(CassandraServerOptions server, CassandraPlainOptions? auth, ClientTls? tls, TimeProvider time, CancellationToken ct)
    {
        var stream = await ConnectAsync(server, tls, ct);
        var connection = new CqlConnection(stream, time);
        try
        {
            connection._reading = connection.ReadAsync();
            await connection.GreetAsync(auth, ct);
            connection._looks = time.CreateTimer(static self => ((CqlConnection)self!).LookAfter(), connection, Look, Look);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Why a connection could not be opened or has ended, other than by a mistake of this program.</summary>
    public static bool IsFailure(Exception e) => e is SocketException or IOException or AuthenticationException or TimeoutException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Takes a stream if one is free now.</summary>
    public bool TryReserve() => IsOpen && _free.Wait(0, CancellationToken.None);

    /// <summary>Waits for a stream.</summary>
    /// <returns>False when none became free in time.</returns>
    public Task<bool> ReserveAsync(TimeSpan patience, CancellationToken ct) => _free.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, ct);

    /// <summary>Sends a request on a stream that was reserved, and waits for its answer.</summary>
    /// <exception cref="IOException">The connection was lost; the request may have been carried out.</exception>
    /// <exception cref="TimeoutException">There was no answer in time.</exception>
    public async ValueTask<Frame> SendAsync(byte[] request, TimeSpan patience, CancellationToken ct)
    {
        var answer = new TaskCompletionSource<Frame>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_cause is { } cause)
            {
                _free.Release();
                throw Lost(cause);
            }

            var id = _ids.Pop();
            _pending[id] = answer;
            BodyWriter.SetStream(request, id);
        }

        // Not given up in the middle of a frame: what follows would be taken for its rest.
        try
        {
            await _write.WaitAsync(CancellationToken.None);
            try
            {
                await _stream.WriteAsync(request, CancellationToken.None);
            }
            finally
            {
                _write.Release();
            }
        }
        catch (Exception e) when (IsFailure(e))
        {
            Close(e);
        }

        return await answer.Task.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, _time, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Close(new ObjectDisposedException(nameof(CqlConnection)));
        await _reading;
        if (_looks is not null)
        {
            await _looks.DisposeAsync();
        }
    }

    /// <summary>Ends it: everything that waits fails.</summary>
    public void Close(Exception cause)
    {
        List<TaskCompletionSource<Frame>> waiting = [];
        lock (_gate)
        {
            if (_cause is not null)
            {
                return;
            }

            _cause = cause;
            for (short id = 0; id < MaxInFlight; id++)
            {
                if (_pending[id] is { } answer)
                {
                    waiting.Add(answer);
                    Free(id);
                }
            }
        }

        _looks?.Dispose();
        _stream.Dispose();
        foreach (var answer in waiting)
        {
            answer.TrySetException(Lost(cause));
        }

        _closed.TrySetResult(cause);
    }

    private static IOException Lost(Exception cause) => new($"The connection was lost: {cause.Message}", cause);

    private static async Task<Stream> ConnectAsync(CassandraServerOptions server, ClientTls? tls, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(server.Host, server.Port, ct);
            var plain = new NetworkStream(socket, ownsSocket: true);
            if (tls is null)
            {
                return plain;
            }

            var encrypted = new SslStream(plain);
            var handshake = new SslClientAuthenticationOptions();
            tls.Apply(handshake);
            await encrypted.AuthenticateAsClientAsync(handshake, ct);
            return encrypted;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task GreetAsync(CassandraPlainOptions? auth, CancellationToken ct)
    {
        var answer = await AskAsync(Requests.Startup(), ct);
        if (answer.Opcode is Opcode.Authenticate)
        {
            if (auth is null)
            {
                throw new CqlException(CqlError.BadCredentials, "The server asks for a name and a password; the pool's connection has no table \"auth\".");
            }

            Response.Expect(await AskAsync(Requests.Plain(auth.Username, auth.Password), ct), Opcode.AuthSuccess);
        }
        else
        {
            Response.Expect(answer, Opcode.Ready);
        }
    }

    private async ValueTask<Frame> AskAsync(byte[] request, CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        return await SendAsync(request, s_greeting, ct);
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                var result = await _input.ReadAsync();
                var buffer = result.Buffer;
                Interlocked.Increment(ref _heard);
                while (Frame.TryRead(ref buffer, MaxBody, out var frame))
                {
                    Take(frame);
                }

                _input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    throw new EndOfStreamException("The server has closed the connection.");
                }
            }
        }
        catch (Exception e) when (IsFailure(e) || e is InvalidOperationException)
        {
            Close(e);
        }
        finally
        {
            await _input.CompleteAsync();
        }
    }

    private void Take(in Frame frame)
    {
        if (!frame.IsResponse)
        {
            throw new CqlProtocolException("The server sent a request.");
        }

        if (frame.Stream < 0)
        {
            return; // an event; none is asked for
        }

        TaskCompletionSource<Frame>? answer;
        lock (_gate)
        {
            if (_cause is not null)
            {
                return;
            }

            if (frame.Stream >= MaxInFlight || (answer = _pending[frame.Stream]) is null)
            {
                throw new CqlProtocolException("The server answers what nobody asked.");
            }

            Free(frame.Stream);
        }

        answer.TrySetResult(frame);
    }

    // Under the lock.
    private void Free(short id)
    {
        _pending[id] = null;
        _ids.Push(id);
        _free.Release();
    }

    // One at a time: a timer's calls are a second apart and do nothing that waits.
    private void LookAfter()
    {
        var heard = Interlocked.Read(ref _heard);
        if (heard != _seen)
        {
            _seen = heard;
            _silent = 0;
            _lastHeard = _time.GetTimestamp();
            return;
        }

        if (InFlight == 0 && _time.GetElapsedTime(_lastHeard) < Quiet)
        {
            return;
        }

        if (++_silent > Looks)
        {
            Close(new TimeoutException("The server does not answer any more."));
        }
        else if (_silent == 1 && TryReserve())
        {
            _ = ProbeAsync();
        }
    }

    private async Task ProbeAsync()
    {
        try
        {
            await SendAsync(Requests.Options(), TimeSpan.FromMinutes(1), CancellationToken.None);
        }
        catch (Exception e) when (IsFailure(e))
        {
            // Said by Closed.
        }
    }
}
