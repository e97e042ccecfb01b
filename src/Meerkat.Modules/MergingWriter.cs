using System.Diagnostics;
using Meerkat.Core.Tracing;

namespace Meerkat.Modules;

/// <summary>Writes changes behind the messages that they came with: those of one thing that wait together are merged into one.</summary>
/// <remarks>
/// Lanes work side by side, each with one write at a time; while it runs the next batch gathers. Bound: <see cref="Limit"/> waiting changes in a lane; beyond it a change waits for the lane's write.
/// Safe for concurrent use.
/// </remarks>
/// <typeparam name="TKey">What a change is about.</typeparam>
/// <typeparam name="TChange">A change.</typeparam>
internal abstract class MergingWriter<TKey, TChange>
    where TKey : notnull
{
    /// <summary>How many changes may wait in a lane.</summary>
    public const int Limit = 10_000;

    private readonly Lane[] _lanes;

    protected MergingWriter(int lanes)
    {
        _lanes = new Lane[lanes];
        for (var i = 0; i < lanes; i++)
        {
            _lanes[i] = new Lane(this);
        }
    }

    /// <summary>How many changes wait.</summary>
    public int Count => _lanes.Sum(lane => lane.Count);

    /// <summary>Queues changes; waits only where a lane is full.</summary>
    public async ValueTask AddAsync(IReadOnlyList<TChange> changes, CancellationToken ct)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            var lane = _lanes[(uint)LaneHash(changes[i]) % (uint)_lanes.Length];
            while (lane.Count >= Limit)
            {
                await lane.FlushAsync().WaitAsync(ct);
            }

            lane.Add(changes[i]);
        }
    }

    /// <summary>Waits until everything that was queued before is written, well or not.</summary>
    public Task FlushAsync() => Task.WhenAll(_lanes.Select(lane => lane.FlushAsync()));

    /// <summary>The name of a batch in traces.</summary>
    protected abstract string TraceName { get; }

    /// <summary>What a change is about.</summary>
    protected abstract TKey KeyOf(TChange change);

    /// <summary>Changes of one hash go through one lane, in order: all of one key have the same.</summary>
    protected abstract int LaneHash(TChange change);

    /// <summary>Makes one change of two of the same key; false when only both do what both do.</summary>
    protected abstract bool TryMerge(TChange waiting, TChange then, out TChange merged);

    /// <summary>Writes a batch, in this order. It tells nobody of failures but the log.</summary>
    protected abstract Task WriteAsync(IReadOnlyList<TChange> batch);

    private sealed class Lane(MergingWriter<TKey, TChange> writer)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<TKey, int> _places = [];
        private List<TChange> _waiting = [];
        private List<Activity>? _traces;
        private TaskCompletionSource _next = NewSource();
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

        public void Add(TChange change)
        {
            lock (_gate)
            {
                var key = writer.KeyOf(change);
                if (_places.TryGetValue(key, out var place) && writer.TryMerge(_waiting[place], change, out var merged))
                {
                    _waiting[place] = merged;
                }
                else
                {
                    _places[key] = _waiting.Count;
                    _waiting.Add(change);
                }

                if (StanzaTrace.Current is { } trace)
                {
                    (_traces ??= []).Add(trace);
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

        private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        private async Task RunAsync()
        {
            while (true)
            {
                List<TChange> batch;
                List<Activity>? traces;
                TaskCompletionSource written;
                lock (_gate)
                {
                    if (_waiting.Count == 0)
                    {
                        _isBusy = false;
                        return;
                    }

                    (batch, _waiting) = (_waiting, []);
                    (traces, _traces) = (_traces, null);
                    _places.Clear();
                    written = _next;
                    _current = written.Task;
                    _next = NewSource();
                }

                using (StanzaTrace.StartBatch(writer.TraceName, traces)?.SetTag("meerkat.batch", batch.Count))
                {
                    await writer.WriteAsync(batch);
                }

                written.SetResult();
            }
        }
    }
}
