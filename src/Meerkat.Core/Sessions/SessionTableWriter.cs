using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Sessions;

/// <summary>Keeps what a table says of one node as the node is, behind the sessions' back.</summary>
/// <remarks>
/// One task writes, in the order in which it was told. At the start, after a failure, and when the table was away, it compares all that the table has of the node with what is there, until that has
/// succeeded. Bound: with more than <see cref="Limit"/> changes waiting it compares too. Safe for concurrent use.
/// </remarks>
/// <param name="table">The table.</param>
/// <param name="node">The node.</param>
/// <param name="isWanted">Whether an entry of the node belongs into the table. Changes before the writer is told.</param>
/// <param name="all">All entries of the node.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of failures, once each, and of their end.</param>
internal sealed class SessionTableWriter(
    ISessionTable table, string node, Func<SessionEntry, bool> isWanted, Func<IEnumerable<SessionEntry>> all, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>How many changes may wait.</summary>
    public const int Limit = 10_000;

    private const int LargestBatch = 500;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _leaving = NewSource();
    private readonly TaskCompletionSource _compared = NewSource();
    private readonly Queue<(SessionEntry Entry, bool IsAdded)> _waiting = new();
    private TaskCompletionSource _told = NewSource();
    private bool _mustCompare = true;
    private bool _isFailing;
    private Task _running = Task.CompletedTask;

    /// <summary>Begins, and waits for the first comparison, which takes away what an earlier run has left; but not for ever.</summary>
    public async Task StartAsync(TimeSpan patience, CancellationToken ct)
    {
        table.Returned += Compare;
        _running = Task.Run(RunAsync, CancellationToken.None);
        try
        {
            await _compared.Task.WaitAsync(patience, time, ct);
        }
        catch (TimeoutException)
        {
            SessionTableLog.StartedWithout(log, patience);
        }
    }

    public void Add(SessionEntry entry) => Tell(entry, isAdded: true);

    public void Remove(SessionEntry entry) => Tell(entry, isAdded: false);

    /// <summary>Writes what waits and ends: after a failure, or after five seconds, without having written all.</summary>
    public async ValueTask DisposeAsync()
    {
        table.Returned -= Compare;
        _leaving.TrySetResult();
        if (await Task.WhenAny(_running, Task.Delay(s_farewell, time)) != _running)
        {
            await _closing.CancelAsync();
        }

        await _running;
        _closing.Dispose();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Tell(SessionEntry entry, bool isAdded)
    {
        lock (_gate)
        {
            if (_waiting.Count < Limit)
            {
                _waiting.Enqueue((entry, isAdded));
            }
            else
            {
                _waiting.Clear();
                _mustCompare = true;
            }

            _told.TrySetResult();
        }
    }

    private void Compare()
    {
        lock (_gate)
        {
            _mustCompare = true;
            _told.TrySetResult();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: logged, and tried again.")]
    private async Task RunAsync()
    {
        var pause = s_firstPause;
        while (true)
        {
            List<SessionEntry> added = [];
            List<SessionEntry> removed = [];
            var compares = Take(added, removed);
            if (!compares && added.Count + removed.Count == 0)
            {
                if (_leaving.Task.IsCompleted)
                {
                    return;
                }

                await Task.WhenAny(_told.Task, _leaving.Task);
                continue;
            }

            try
            {
                if (compares)
                {
                    await CompareAsync();
                }
                else
                {
                    await table.WriteAsync(added, removed, _closing.Token);
                }

                pause = s_firstPause;
            }
            catch (Exception failure)
            {
                Compare();
                if (!_isFailing)
                {
                    _isFailing = true;
                    SessionTableLog.Failed(log, failure.Message);
                }

                if (_leaving.Task.IsCompleted)
                {
                    return; // the next run takes it away
                }

                await Task.WhenAny(Task.Delay(pause, time), _leaving.Task);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
    }

    // What to do next: a comparison, or the changes that wait.
    private bool Take(List<SessionEntry> added, List<SessionEntry> removed)
    {
        lock (_gate)
        {
            if (_mustCompare)
            {
                // What waits has happened already, so that the comparison sees it.
                _mustCompare = false;
                _waiting.Clear();
                return true;
            }

            while (added.Count + removed.Count < LargestBatch && _waiting.TryDequeue(out var change))
            {
                (change.IsAdded ? added : removed).Add(change.Entry);
            }

            if (_waiting.Count == 0 && _told.Task.IsCompleted)
            {
                _told = NewSource();
            }

            return false;
        }
    }

    private async Task CompareAsync()
    {
        var known = new HashSet<SessionEntry>();
        var removed = new List<SessionEntry>();
        await foreach (var entry in table.OfNodeAsync(node, _closing.Token))
        {
            if (isWanted(entry))
            {
                known.Add(entry);
            }
            else
            {
                removed.Add(entry);
            }
        }

        foreach (var part in removed.Chunk(LargestBatch))
        {
            await table.WriteAsync([], part, _closing.Token);
        }

        // One that ends in this moment is told of behind this.
        var added = all().Where(entry => !known.Contains(entry)).ToArray();
        foreach (var part in added.Chunk(LargestBatch))
        {
            await table.WriteAsync(part, [], _closing.Token);
        }

        if (removed.Count > 0 || added.Length > 0 || _isFailing)
        {
            SessionTableLog.Compared(log, removed.Count, added.Length);
        }

        _isFailing = false;
        _compared.TrySetResult();
    }
}
