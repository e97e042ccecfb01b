using Meerkat.Core.Storage;
using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>Whether a database is there. While it is not, one task tries to reach it, with pauses that grow, and everybody else waits for that task, but not for ever.</summary>
/// <param name="name">The pool, for people.</param>
/// <param name="connect">Tries; throws when it is still gone.</param>
/// <param name="longestPause">CONF-141.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of the beginning and the end.</param>
internal sealed class Outage(string name, Func<CancellationToken, Task> connect, TimeSpan longestPause, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private Task _end = Task.CompletedTask;
    private Exception? _cause;

    /// <summary>Whether there is one.</summary>
    public bool IsOn => !_end.IsCompleted;

    /// <summary>It has begun, if it had not.</summary>
    public void Begin(Exception cause)
    {
        lock (_gate)
        {
            if (!IsOn && !_closing.IsCancellationRequested)
            {
                _cause = cause;
                ServerLog.Gone(logger, name, cause.Message);
                _end = Task.Run(EndAsync);
            }
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="StorageUnavailableException">It did not end in time.</exception>
    public async ValueTask WaitAsync(TimeSpan patience, CancellationToken ct)
    {
        var end = _end;
        if (end.IsCompleted)
        {
            return;
        }

        try
        {
            await end.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, ct);
        }
        catch (TimeoutException)
        {
            throw new StorageUnavailableException($"The database {name} cannot be reached: {_cause?.Message}", _cause!);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _end;
        _closing.Dispose();
    }

    private async Task EndAsync()
    {
        var began = time.GetTimestamp();
        var pause = FirstPause;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, _closing.Token);
                await connect(_closing.Token);
                ServerLog.Back(logger, name, time.GetElapsedTime(began));
                return;
            }
            catch (Exception e) when (ConnectionPool.IsConnectFailure(e) || e is OperationCanceledException)
            {
                _cause = e;
                ServerLog.StillGone(logger, name, e.Message);
                pause = pause * 2 < longestPause ? pause * 2 : longestPause;
            }
        }
    }
}
