using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Core.Tls;
using Meerkat.Storage.Cassandra.Protocol;
using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Cassandra.Connections;

/// <summary>One of the servers, and the connections to it: one task keeps as many open as are wanted, with growing pauses while the server is gone.</summary>
internal sealed class CassandraNode : IAsyncDisposable
{
    /// <summary>The longest pause between two attempts.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private const int MaxPrepared = 1000; // texts are few; a bound for what has gone wrong
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_steady = TimeSpan.FromSeconds(2); // a server that throws us out sooner is left alone for a while

    private readonly string _pool;
    private readonly CassandraServerOptions _server;
    private readonly CassandraPoolOptions _options;
    private readonly ClientTls? _tls;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _changed;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _lost = new(0);
    private readonly int _wanted;
    private readonly ConcurrentDictionary<string, PreparedStatement> _prepared = new(StringComparer.Ordinal);
    private volatile CqlConnection[] _open = [];
    private volatile Exception? _cause;
    private long _lastOpened;
    private Task _keeping = Task.CompletedTask;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="pool">The pool, for people.</param>
    /// <param name="server">The server.</param>
    /// <param name="wanted">How many connections.</param>
    /// <param name="options">The pool's options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told when the server goes and comes.</param>
    /// <param name="changed">Called when a connection was opened, or could not be.</param>
    public CassandraNode(string pool, CassandraServerOptions server, int wanted, CassandraPoolOptions options, TimeProvider time, ILogger logger, Action changed)
    {
        _pool = pool;
        _server = server;
        _wanted = wanted;
        _options = options;
        _time = time;
        _logger = logger;
        _changed = changed;
        _tls = options.Connection.Tls is { } tls ? new ClientTls(tls, server.Host) : null;
    }

    /// <summary>Its name, for people.</summary>
    public string Name => $"{_server.Host}:{_server.Port}";

    /// <summary>The connections that are open.</summary>
    public IReadOnlyList<CqlConnection> Open => _open;

    /// <summary>Why it could not be reached when it was last tried; null when it was.</summary>
    public Exception? Cause => _cause;

    /// <summary>Begins to connect.</summary>
    public void Start() => _keeping = Task.Run(KeepAsync);

    /// <summary>A statement that this server has learnt; it learns it now where it has not.</summary>
    public async ValueTask<PreparedStatement> PrepareAsync(CqlConnection connection, string text, TimeSpan patience, CancellationToken ct)
    {
        if (_prepared.TryGetValue(text, out var known))
        {
            return known;
        }

        if (!await connection.ReserveAsync(patience, ct))
        {
            throw new TimeoutException("All streams are busy.");
        }

        var prepared = Response.ReadPrepared(await connection.SendAsync(Requests.Prepare(text), patience, ct));
        if (_prepared.Count >= MaxPrepared)
        {
            _prepared.Clear();
        }

        return _prepared[text] = prepared;
    }

    /// <summary>The server has forgotten statements: it is asked to learn them again.</summary>
    public void Forget() => _prepared.Clear();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _keeping;
        foreach (var connection in _open)
        {
            await connection.DisposeAsync();
        }

        _closing.Dispose();
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: told to the log and to who waits for a server, and tried again.")]
    private async Task KeepAsync()
    {
        var pause = s_firstPause;
        long? since = null;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                while (_open.Length < _wanted)
                {
                    await OpenOneAsync();
                    if (since is { } began)
                    {
                        CassandraLog.Back(_logger, _pool, Name, _time.GetElapsedTime(began));
                        since = null;
                    }
                }

                await _lost.WaitAsync(_closing.Token);
                await DropAsync();
                if (_time.GetElapsedTime(_lastOpened) >= s_steady)
                {
                    pause = s_firstPause;
                }
                else
                {
                    await PauseAsync(pause);
                    pause = Longer(pause);
                }
            }
            catch (Exception e)
            {
                await DropAsync();
                if (_closing.IsCancellationRequested)
                {
                    return;
                }

                _cause = e;
                _changed();
                if (_open.Length == 0 && since is null)
                {
                    since = _time.GetTimestamp();
                    CassandraLog.Gone(_logger, _pool, Name, e.Message);
                }
                else
                {
                    CassandraLog.StillGone(_logger, _pool, Name, e.Message);
                }

                await PauseAsync(pause);
                pause = Longer(pause);
            }
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private async Task OpenOneAsync()
    {
        using var patience = new CancellationTokenSource(_options.CallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _closing.Token);
        CqlConnection connection;
        try
        {
            connection = await CqlConnection.OpenAsync(_server, _options.Connection.Auth?.Plain, _tls, _time, either.Token);
        }
        catch (OperationCanceledException) when (!_closing.IsCancellationRequested)
        {
            throw new TimeoutException($"{Name} did not let us in within {_options.CallTimeout.TotalMilliseconds} ms.");
        }

        CassandraMetrics.Connected(_pool);
        _cause = null;
        _lastOpened = _time.GetTimestamp();
        _open = [.. _open, connection];
        _ = TellAsync(connection);
        _changed();
    }

    private async Task TellAsync(CqlConnection connection)
    {
        await connection.Closed;
        _lost.Release();
    }

    private async Task DropAsync()
    {
        foreach (var connection in _open.Where(connection => !connection.IsOpen).ToArray())
        {
            _open = [.. _open.Where(open => open != connection)];
            if (_open.Length == 0)
            {
                _cause = await connection.Closed;
                _prepared.Clear(); // a server that starts anew knows nothing
            }

            await connection.DisposeAsync();
        }
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause * (0.75 + (Random.Shared.NextDouble() / 2)), _time, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // The loop ends.
        }
    }
}
