using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Storage;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>The writes of some owners, in order. What waits while the one before is committed shares the next transaction, so that a flood for one owner costs few commits.</summary>
/// <remarks>A group that fails is undone, and each of its operations run alone: the one at fault fails alone. So there are no savepoints, each of which would be two round trips.</remarks>
internal sealed class WriteLane(ConnectionPool pool, TimeProvider time)
{
    private const int GroupSize = 128;

    private readonly Lock _gate = new();
    private readonly Queue<LaneWrite> _waiting = new();
    private bool _isRunning;

    public Task<T> RunAsync<T>(Func<SqlSession, ValueTask<T>> operation)
    {
        var write = new LaneWrite<T>(operation);
        lock (_gate)
        {
            _waiting.Enqueue(write);
            if (_isRunning)
            {
                return write.Task;
            }

            _isRunning = true;
        }

        _ = DrainAsync(); // on this thread until the first packet is under way
        return write.Task;
    }

    private async Task DrainAsync()
    {
        var group = new List<LaneWrite>();
        while (TryTake(group))
        {
            await CommitAsync(group);
        }
    }

    private bool TryTake(List<LaneWrite> group)
    {
        group.Clear();
        lock (_gate)
        {
            while (group.Count < GroupSize && _waiting.TryDequeue(out var write))
            {
                group.Add(write);
            }

            return _isRunning = group.Count > 0;
        }
    }

    private async Task CommitAsync(List<LaneWrite> group)
    {
        if (await TryCommitAsync(group))
        {
            return;
        }

        foreach (var write in group)
        {
            await TryCommitAsync([write]);
        }
    }

    /// <returns>False when a group failed for the sake of one of its operations, and nobody has been told yet.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever went wrong is told to every caller of the group; the lane must go on for the next.")]
    private async Task<bool> TryCommitAsync(List<LaneWrite> group)
    {
        var began = time.GetTimestamp();
        Exception? failure = null;
        try
        {
            await pool.RunAsync(
                session => session.TransactAsync(async inside =>
                {
                    foreach (var write in group)
                    {
                        await write.RunAsync(inside);
                    }

                    return 0;
                }),
                CancellationToken.None);
            StorageMetrics.Committed(group.Count, time.GetElapsedTime(began));
        }
        catch (Exception e) when (group.Count == 1 || e is StorageBusyException or StorageUnavailableException or ObjectDisposedException)
        {
            failure = e;
        }
        catch (Exception)
        {
            return false;
        }

        foreach (var write in group)
        {
            write.Complete(failure);
        }

        return true;
    }

    private abstract class LaneWrite
    {
        public abstract Task RunAsync(SqlSession session);

        public abstract void Complete(Exception? failure);
    }

    private sealed class LaneWrite<T>(Func<SqlSession, ValueTask<T>> operation) : LaneWrite
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Task => _completion.Task;

        public override async Task RunAsync(SqlSession session) => _result = await operation(session);

        public override void Complete(Exception? failure)
        {
            if (failure is null)
            {
                _completion.SetResult(_result);
            }
            else
            {
                _completion.SetException(failure);
            }
        }
    }
}
