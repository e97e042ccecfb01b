using System.Diagnostics.CodeAnalysis;

namespace Meerkat.Modules.Muc;

/// <summary>Writes a room's history: one write at a time, always of the newest state, so that a busy room shares its writes. Its room does not wait; acknowledgements to senders do (architecture §2).</summary>
/// <remarks>Called by its room only; writes go on beside it.</remarks>
internal sealed class HistoryWriter(RoomHost host, long epoch)
{
    private readonly Lock _gate = new();
    private RoomState? _newest;
    private Task? _running;
    private TaskCompletionSource? _next;

    /// <summary>Whether something is not durable yet.</summary>
    public bool IsBehind
    {
        get
        {
            lock (_gate)
            {
                return _newest is not null;
            }
        }
    }

    /// <summary>Takes a state to be written.</summary>
    /// <returns>Completes when it, or a newer one, is durable, or the write has failed: then it is tried again with the next one, or <see cref="FlushAsync"/>. Never fails.</returns>
    public Task WriteAsync(RoomState room)
    {
        lock (_gate)
        {
            _newest = room;
            if (_running is { IsCompleted: false })
            {
                return (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _running = Task.Run(() => RunAsync(first));
            return first.Task;
        }
    }

    /// <summary>Completes when everything is durable; what failed before is tried once more.</summary>
    public Task FlushAsync()
    {
        RoomState? failed;
        lock (_gate)
        {
            if (_running is { IsCompleted: false })
            {
                return _running;
            }

            failed = _newest;
        }

        return failed is null ? Task.CompletedTask : WriteAsync(failed);
    }

    /// <summary>Forgets what is not written and waits for what is under way.</summary>
    public async Task StopAsync()
    {
        Task? running;
        lock (_gate)
        {
            _newest = null;
            running = _running;
        }

        if (running is not null)
        {
            await running;
        }
    }

    private async Task RunAsync(TaskCompletionSource waiting)
    {
        while (true)
        {
            RoomState? room;
            lock (_gate)
            {
                room = _newest;
            }

            var isWritten = room is null || await TryWriteAsync(room);
            TaskCompletionSource? next;
            lock (_gate)
            {
                if (isWritten && ReferenceEquals(_newest, room))
                {
                    _newest = null;
                }

                next = _next;
                _next = null;
                if (next is null)
                {
                    _running = null;
                }
            }

            waiting.SetResult();
            if (next is null)
            {
                return;
            }

            waiting = next;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A late write: it is logged, and tried again.")]
    private async Task<bool> TryWriteAsync(RoomState room)
    {
        try
        {
            await host.Store.SaveHistoryAsync(room.Jid, RoomCodec.WriteHistory(room.History), epoch, CancellationToken.None);
            return true;
        }
        catch (Exception failure)
        {
            MucLog.HistoryFailed(host.Log, failure, room.Jid);
            return false;
        }
    }
}
