namespace Meerkat.Core.Sessions;

/// <summary>How many of a client's stanzas are handled for good: the <c>h</c> of stream management (XEP-0198 §4).</summary>
/// <remarks>
/// A stanza counts once it was processed and everything that had to be written for it is written, and so were all before it: delivery does not wait for a
/// commit, the acknowledgement does (architecture §2, durability). One writer, the session's reader, which brackets each stanza in
/// <see cref="TryBegin"/> and <see cref="Complete"/> or <see cref="Abandon"/>; any thread may look.
/// </remarks>
public sealed class Watermark
{
    /// <summary>How many stanzas may wait for a commit before the session's reader does.</summary>
    public const int MaxPending = 256;

    private readonly Lock _gate = new();
    private readonly Queue<(uint Stanza, Task Written)> _pending = new();
    private uint _received;
    private bool _isBusy;
    private bool _isStopped;
    private bool _isSettled;
    private int _finishing;
    private TaskCompletionSource? _idle;
    private TaskCompletionSource? _finished;

    /// <summary>The <c>h</c> to tell the client now; modulo 2^32.</summary>
    public uint Handled
    {
        get
        {
            lock (_gate)
            {
                Settle();
                return _pending.TryPeek(out var waiting) ? waiting.Stanza : _received;
            }
        }
    }

    /// <summary>Starts at a count: 0 when stream management is enabled, the old session's when it is resumed.</summary>
    public void Start(uint count)
    {
        lock (_gate)
        {
            _received = count;
            _pending.Clear();
        }
    }

    /// <summary>A stanza is going to be processed.</summary>
    /// <returns>False when the session takes none any more: the stanza is not processed and not counted.</returns>
    internal bool TryBegin()
    {
        lock (_gate)
        {
            _isBusy = !_isStopped;
            return _isBusy;
        }
    }

    /// <summary>The stanza was processed: it counts as soon as what was written for it is durable.</summary>
    internal void Complete() => End(1);

    /// <summary>The stanza broke the stream: it does not count.</summary>
    internal void Abandon() => End(0);

    /// <summary>The stanza that is being processed counts once <paramref name="written"/> has completed, successfully or not: who writes also reports failure.</summary>
    /// <returns>At once complete, unless too many already wait.</returns>
    public ValueTask HoldAsync(Task written)
    {
        if (written.IsCompleted)
        {
            return ValueTask.CompletedTask;
        }

        lock (_gate)
        {
            Settle();
            _pending.Enqueue((_received, written));
            return _pending.Count > MaxPending ? new ValueTask(CompletionOf(_pending.Peek().Written)) : ValueTask.CompletedTask;
        }
    }

    /// <summary>As <see cref="HoldAsync"/>, for those who must not wait, a room among them: where too many wait, the session's reader does, before its next stanza.</summary>
    public void Hold(Task written)
    {
        if (written.IsCompleted)
        {
            return;
        }

        lock (_gate)
        {
            Settle();
            _pending.Enqueue((_received, written));
        }
    }

    /// <summary>Whether the count is told for good: what has waited until now (<see cref="Hold"/>) is not in it, and the client sends it again.</summary>
    public bool IsSettled => Volatile.Read(ref _isSettled);

    /// <summary>A stanza that was kept back is going to be processed after all: <see cref="FinishHeld"/> follows when everything that had to be written for it is.</summary>
    /// <returns>False when it must not be, because the client sends it again (<see cref="IsSettled"/>).</returns>
    public bool TryBeginHeld()
    {
        lock (_gate)
        {
            _finishing += _isSettled ? 0 : 1;
            return !_isSettled;
        }
    }

    /// <summary>The stanza that was kept back is processed, and its task has completed.</summary>
    public void FinishHeld()
    {
        TaskCompletionSource? finished;
        lock (_gate)
        {
            finished = --_finishing == 0 ? _finished : null;
        }

        finished?.TrySetResult();
    }

    /// <summary>Whether more wait than may; a look that costs nothing and may be a moment late.</summary>
    internal bool IsFull => _pending.Count > MaxPending;

    /// <summary>Completes when the first of those that wait is durable.</summary>
    internal Task RoomAsync()
    {
        lock (_gate)
        {
            Settle();
            return _pending.Count > MaxPending ? CompletionOf(_pending.Peek().Written) : Task.CompletedTask;
        }
    }

    /// <summary>Completes when everything that has been processed so far counts. Never fails.</summary>
    public Task CaughtUpAsync()
    {
        lock (_gate)
        {
            Settle();
            return _pending.Count == 0 ? Task.CompletedTask : CompletionOf(Task.WhenAll(_pending.Select(pending => pending.Written)));
        }
    }

    /// <summary>Takes no stanza any more, waits for the one that is being processed, and for what is not durable yet: then <see cref="Handled"/> can be told.</summary>
    /// <param name="patience">How long it waits for what is not durable, a message that a room keeps back among it; what comes later is not told, and the client sends it again.</param>
    /// <param name="time">The clock.</param>
    internal async Task StopAsync(TimeSpan patience, TimeProvider time)
    {
        Task idle;
        lock (_gate)
        {
            _isStopped = true;
            idle = _isBusy ? (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }

        await idle;
        try
        {
            await CaughtUpAsync().WaitAsync(patience, time);
        }
        catch (TimeoutException)
        {
            // Handled says how far it came.
        }

        await SettleAsync().WaitAsync(patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes no stanza any more, and tells no count.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            _isSettled = true;
        }
    }

    // From here on nothing that was kept back is begun; what was begun before is finished, and counts.
    private Task SettleAsync()
    {
        lock (_gate)
        {
            _isSettled = true;
            return _finishing == 0 ? Task.CompletedTask : (_finished ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private void End(uint counted)
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            _received += counted;
            _isBusy = false;
            idle = _idle;
        }

        idle?.TrySetResult();
    }

    // Under the lock: what is durable waits no more.
    private void Settle()
    {
        while (_pending.TryPeek(out var first) && first.Written.IsCompleted)
        {
            _pending.Dequeue();
        }
    }

    private static async Task CompletionOf(Task written) => await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
