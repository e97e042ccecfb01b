using System.Diagnostics;
using Meerkat.Core.Streams;
using Meerkat.Core.Tracing;

namespace Meerkat.Core.Placement;

/// <summary>One key with its writer. Whoever finds the writer idle runs it at once, without a thread hop; who finds it busy queues.</summary>
internal sealed class LocalPlace<TCommand, TReply>(LocalPlaces<TCommand, TReply> all, string key) : IThreadPoolWorkItem
{
    // So many queued commands are handled before what they sent is flushed: a burst leaves in few sends.
    private const int Burst = 32;

    private readonly Lock _gate = new();
    private Queue<Waiting>? _queue;
    private IPlacedWriter<TCommand, TReply>? _writer;
    private bool _busy;
    private bool _removed;

    public string Key => key;

    /// <returns>False when this place was removed meanwhile: the key has another one, or none.</returns>
    public bool TryAsk(TCommand command, CancellationToken ct, out ValueTask<TReply> reply)
    {
        reply = default;
        lock (_gate)
        {
            if (_removed)
            {
                return false;
            }

            if (_busy)
            {
                if (_queue?.Count >= all.Kind.MaxWaiting)
                {
                    throw new PlacementBusyException(all.Kind.Name, key);
                }

                var waiting = new Waiting(command);
                (_queue ??= new Queue<Waiting>()).Enqueue(waiting);
                reply = new ValueTask<TReply>(ct.CanBeCanceled ? waiting.Reply.Task.WaitAsync(ct) : waiting.Reply.Task);
                return true;
            }

            _busy = true;
        }

        reply = Run(command);
        if (ct.CanBeCanceled && !reply.IsCompleted)
        {
            reply = new ValueTask<TReply>(reply.AsTask().WaitAsync(ct)); // the wait ends, the command does not
        }

        return true;
    }

    /// <summary>Handles what is queued.</summary>
    public void Execute() => _ = DrainAsync();

    private ValueTask<TReply> Run(TCommand command)
    {
        ValueTask<TReply> handling;
        try
        {
            _writer ??= all.Activate(key);
            handling = _writer.HandleAsync(command, CancellationToken.None);
            if (!handling.IsCompleted)
            {
                return RunAsync(handling);
            }
        }
        catch (Exception)
        {
            Leave();
            throw;
        }

        Leave();
        return handling;
    }

    private async ValueTask<TReply> RunAsync(ValueTask<TReply> handling)
    {
        try
        {
            return await handling;
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (_queue is not { Count: > 0 })
            {
                Rest();
                return;
            }
        }

        // Others wait: not on the time of the one who was first.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    // Under the lock.
    private void Rest()
    {
        _busy = false;
        _queue = null;
        if (_writer is null or { IsDone: true })
        {
            _removed = true;
            all.Remove(this);
        }
    }

    private async Task DrainAsync()
    {
        var scope = new FlushScope();
        while (true)
        {
            Waiting? pending = null;
            var handling = default(ValueTask<TReply>);
            scope.Begin();
            try
            {
                for (var left = Burst; left > 0 && TryTake(out var next); left--)
                {
                    try
                    {
                        StanzaTrace.Resume(next.Trace);
                        _writer ??= all.Activate(key);
                        handling = _writer.HandleAsync(next.Command, CancellationToken.None);
                    }
                    catch (Exception failure)
                    {
                        next.Reply.SetException(failure); // it is the asker's
                        continue;
                    }

                    if (!handling.IsCompletedSuccessfully)
                    {
                        pending = next;
                        break;
                    }

                    next.Reply.SetResult(handling.Result);
                }
            }
            finally
            {
                scope.End();
            }

            if (pending is not null)
            {
                await CompleteAsync(pending, handling);
            }

            lock (_gate)
            {
                if (_queue is not { Count: > 0 })
                {
                    Rest();
                    return;
                }
            }
        }
    }

    private static async Task CompleteAsync(Waiting waiting, ValueTask<TReply> handling)
    {
        try
        {
            waiting.Reply.SetResult(await handling);
        }
        catch (Exception failure)
        {
            waiting.Reply.SetException(failure); // it is the asker's
        }
    }

    private bool TryTake(out Waiting next)
    {
        lock (_gate)
        {
            next = null!;
            return _queue is not null && _queue.TryDequeue(out next!);
        }
    }

    private sealed class Waiting(TCommand command)
    {
        public TCommand Command => command;

        /// <summary>What was under way when it came; null for nothing.</summary>
        public Activity? Trace { get; } = StanzaTrace.Current;

        public TaskCompletionSource<TReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
