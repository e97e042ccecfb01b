using System.Diagnostics.CodeAnalysis;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Inbox;

/// <summary>Writes inboxes behind their messages (<c>rdbms_async</c>, INB-041): changes of one conversation that wait are merged into one.</summary>
/// <remarks>
/// Lanes work side by side, each with one transaction at a time; a conversation is always in the same lane. Bound: <see cref="Limit"/> waiting conversations in a lane; beyond it a change waits for
/// the lane's transaction. Safe for concurrent use.
/// </remarks>
internal sealed class InboxWriter
{
    /// <summary>How many changes may wait in a lane.</summary>
    public const int Limit = 10_000;

    private readonly IInboxStore _store;
    private readonly ILogger _log;
    private readonly Lane[] _lanes;

    public InboxWriter(IInboxStore store, int lanes, ILogger log)
    {
        _store = store;
        _log = log;
        _lanes = new Lane[lanes];
        for (var i = 0; i < lanes; i++)
        {
            _lanes[i] = new Lane(this);
        }
    }

    /// <summary>Queues changes; waits only where a lane is full.</summary>
    public async ValueTask AddAsync(IReadOnlyList<InboxTask> tasks, CancellationToken ct)
    {
        for (var i = 0; i < tasks.Count; i++)
        {
            var lane = LaneOf(tasks[i]);
            while (lane.Count >= Limit)
            {
                await lane.FlushAsync().WaitAsync(ct);
            }

            lane.Add(tasks[i]);
        }
    }

    /// <summary>Waits until everything that was queued is written.</summary>
    public Task FlushAsync() => Task.WhenAll(_lanes.Select(lane => lane.FlushAsync()));

    private Lane LaneOf(InboxTask task) => _lanes[(uint)HashCode.Combine(task.Owner, task.Remote) % (uint)_lanes.Length];

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: counted and logged.")]
    private async Task WriteAsync(IReadOnlyList<InboxTask> tasks)
    {
        try
        {
            await _store.ApplyAsync(tasks, CancellationToken.None);
            InboxMetrics.Written(tasks.Count);
        }
        catch (Exception failure)
        {
            InboxMetrics.Failed(tasks.Count);
            InboxLog.NotWritten(_log, failure, tasks.Count);
        }
    }

    private sealed class Lane(InboxWriter writer)
    {
        private readonly Lock _gate = new();
        private List<InboxTask> _waiting = [];
        private readonly Dictionary<(BareJid, BareJid), int> _places = [];
        private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _current = Task.CompletedTask;
        private bool _isBusy;

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _waiting.Count;
                }
            }
        }

        public void Add(InboxTask task)
        {
            lock (_gate)
            {
                var key = (task.Owner, task.Remote);
                if (_places.TryGetValue(key, out var place) && InboxChanges.Merge(_waiting[place].Change, task.Change) is { } merged)
                {
                    _waiting[place] = task with { Change = merged };
                }
                else
                {
                    _places[key] = _waiting.Count;
                    _waiting.Add(task);
                }

                if (_isBusy)
                {
                    return;
                }

                _isBusy = true;
            }

            _ = Task.Run(RunAsync);
        }

        public Task FlushAsync()
        {
            lock (_gate)
            {
                return _waiting.Count > 0 ? _next.Task : _current;
            }
        }

        private async Task RunAsync()
        {
            while (true)
            {
                List<InboxTask> tasks;
                TaskCompletionSource written;
                lock (_gate)
                {
                    if (_waiting.Count == 0)
                    {
                        _isBusy = false;
                        return;
                    }

                    (tasks, _waiting) = (_waiting, []);
                    _places.Clear();
                    written = _next;
                    _current = written.Task;
                    _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                await writer.WriteAsync(tasks);
                written.SetResult();
            }
        }
    }
}
