using System.Collections.Concurrent;
using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Core.Tls;
using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>A bounded number of connections to one server, opened when they are needed and kept, each with its prepared statements; what breaks is replaced, and what ran on it is run again.</summary>
internal sealed class ConnectionPool : IAsyncDisposable
{
    /// <summary>How often an operation is run before its failure is believed, when others are in the way.</summary>
    private const int Attempts = 8;

    private readonly ServerDialect _dialect;
    private readonly RdbmsPoolOptions _options;
    private readonly ClientTls? _tls;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentStack<ServerSession> _idle = new(); // a stack: what is not needed falls idle, and is found dead by the keepalive, not by a request
    private readonly Outage _outage;
    private readonly ITimer? _keepalive;
    private volatile bool _disposed;

    public ConnectionPool(string name, ServerDialect dialect, RdbmsPoolOptions options, TimeProvider time, ILogger logger)
    {
        Name = name;
        _dialect = dialect;
        _options = options;
        _time = time;
        _logger = logger;
        _tls = options.Connection.Tls is { } tls ? new ClientTls(tls, options.Connection.Host!) : null;
        _slots = new SemaphoreSlim(options.Workers, options.Workers);
        _outage = new Outage(name, async ct => _idle.Push(await ConnectAsync(ct)), options.Connection.MaxStartInterval, time, logger);
        if (options.Connection.KeepaliveInterval is { } interval)
        {
            _keepalive = time.CreateTimer(_ => _ = CheckIdleAsync(interval), null, interval, interval);
        }
    }

    public string Name { get; }

    /// <summary>How long a request waits for a database that is gone.</summary>
    public TimeSpan Patience => _options.Connection.QueryTimeout > TimeSpan.Zero ? _options.Connection.QueryTimeout : TimeSpan.FromSeconds(5);

    public int Busy => _options.Workers - _slots.CurrentCount;

    public int Idle => _idle.Count;

    public bool IsReachable => !_outage.IsOn;

    /// <summary>Why a connection could not be opened, other than by a mistake of this program.</summary>
    public static bool IsConnectFailure(Exception e) => e is DbException or SocketException or IOException or TimeoutException or AuthenticationException;

    /// <summary>Runs a piece of work on a connection, again where it was undone by no fault of its own.</summary>
    /// <exception cref="StorageBusyException">No connection became free in time.</exception>
    /// <exception cref="StorageUnavailableException">The database is gone.</exception>
    public async ValueTask<T> RunAsync<T>(Func<ServerSession, ValueTask<T>> work, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(ServerDatabase));
        await _slots.EnterAsync(_options.CallTimeout, _time, "All database connections are busy.", ct);
        var began = _time.GetTimestamp();
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var session = await TakeAsync(began, ct);
                try
                {
                    var result = await work(session);
                    GiveBack(session);
                    return result;
                }
                catch (Exception failure)
                {
                    if (!await IsWorthAnotherAttemptAsync(session, failure, attempt, began))
                    {
                        throw;
                    }
                }
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Opens a connection outside the pool, waiting for the server as long as a start does.</summary>
    /// <exception cref="AccessRefusedException">The server is there and refuses what the configuration says.</exception>
    /// <exception cref="StorageUnavailableException">It did not come.</exception>
    public async Task<DbConnection> OpenPatientlyAsync(CancellationToken ct)
    {
        var began = _time.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(100); ; pause = pause * 2 < TimeSpan.FromSeconds(2) ? pause * 2 : TimeSpan.FromSeconds(2))
        {
            try
            {
                return await OpenAsync(ct);
            }
            catch (Exception e) when (IsConnectFailure(e) && _dialect.Refusal(e, _options.Connection) is { } why)
            {
                var on = _options.Connection;
                throw new AccessRefusedException($"{_dialect.Product} at {on.Host}:{on.Port ?? _dialect.DefaultPort} (pool {Name}) {why}.", e);
            }
            catch (Exception e) when (IsConnectFailure(e) && _time.GetElapsedTime(began) + pause < _options.CallTimeout)
            {
                ServerLog.Waiting(_logger, Name, e.Message);
                await Task.Delay(pause, _time, ct);
            }
            catch (Exception e) when (IsConnectFailure(e))
            {
                throw new StorageUnavailableException($"The database {Name} cannot be reached: {e.Message}", e);
            }
        }
    }

    public DbConnection CreateConnection() => _dialect.CreateConnection(_options.Connection, _tls);

    /// <summary>Waits for what runs, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        if (_keepalive is not null)
        {
            await _keepalive.DisposeAsync();
        }

        await _outage.DisposeAsync();
        for (var i = 0; i < _options.Workers; i++)
        {
            await _slots.WaitAsync();
        }

        await CloseIdleAsync();
    }

    private async ValueTask<ServerSession> TakeAsync(long began, CancellationToken ct)
    {
        while (true)
        {
            if (_idle.TryPop(out var session))
            {
                return session;
            }

            await _outage.WaitAsync(Patience - _time.GetElapsedTime(began), ct);
            try
            {
                return await ConnectAsync(ct);
            }
            catch (Exception e) when (IsConnectFailure(e))
            {
                _outage.Begin(e);
            }
        }
    }

    private void GiveBack(ServerSession session)
    {
        session.LastUsed = _time.GetTimestamp();
        _idle.Push(session);
    }

    private async ValueTask<bool> IsWorthAnotherAttemptAsync(ServerSession session, Exception failure, int attempt, long began)
    {
        // A query that took too long has left its connection in a state that is not worth finding out.
        var kind = failure switch
        {
            SocketException or IOException => FailureKind.Lost, // MySqlConnector lets them through where it is sending
            DbException error when error.InnerException is not TimeoutException => session.IsOpen ? _dialect.Judge(error) : FailureKind.Lost,
            _ => FailureKind.Own,
        };
        if (failure is DbException && kind is not FailureKind.Lost && session.IsOpen && failure.InnerException is not TimeoutException)
        {
            GiveBack(session);
        }
        else
        {
            await session.DisposeAsync();
        }

        switch (kind)
        {
            case FailureKind.Conflict when attempt < Attempts:
                ServerMetrics.Retried(Name, "conflict");
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 10 * attempt)), _time);
                return true;
            case FailureKind.Conflict:
                throw new StorageBusyException("Other writers were in the way again and again.", failure);
            case FailureKind.Lost:
                await CloseIdleAsync(); // they are likely to be dead, too
                if (session.WasCommitting)
                {
                    throw new StorageUnavailableException($"The database {Name} was lost during a commit, which may or may not have taken place.", failure);
                }

                ServerMetrics.Retried(Name, "lost");
                return _time.GetElapsedTime(began) < Patience ? true : throw new StorageUnavailableException($"The database {Name} was lost.", failure);
            default:
                return false;
        }
    }

    private async Task<ServerSession> ConnectAsync(CancellationToken ct)
    {
        var connection = await OpenAsync(ct);
        var session = new ServerSession(_dialect, connection);
        try
        {
            await session.AskAsync(_dialect.Greeting(Patience), Patience, ct);
            ServerMetrics.Connected(Name);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async Task<DbConnection> OpenAsync(CancellationToken ct)
    {
        var connection = CreateConnection();
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task CloseIdleAsync()
    {
        while (_idle.TryPop(out var session))
        {
            await session.DisposeAsync();
        }
    }

    // CONF-139
    private async Task CheckIdleAsync(TimeSpan interval)
    {
        var checkedOnes = new List<ServerSession>();
        while (!_disposed && _slots.Wait(0, CancellationToken.None))
        {
            try
            {
                if (!_idle.TryPop(out var session))
                {
                    break;
                }

                try
                {
                    if (_time.GetElapsedTime(session.LastUsed) >= interval)
                    {
                        await session.AskAsync("SELECT 1", Patience, CancellationToken.None);
                        session.LastUsed = _time.GetTimestamp();
                    }

                    checkedOnes.Add(session);
                }
                catch (Exception e) when (IsConnectFailure(e) || e is InvalidOperationException)
                {
                    await session.DisposeAsync();
                    _outage.Begin(e);
                }
            }
            finally
            {
                _slots.Release();
            }
        }

        checkedOnes.Reverse();
        foreach (var session in checkedOnes)
        {
            _idle.Push(session);
        }

        if (_disposed)
        {
            await CloseIdleAsync();
        }
    }
}
