using Meerkat.Core.Storage;

namespace Meerkat.Storage.Sql;

/// <summary>Waiting for a place, with an end to the patience.</summary>
internal static class SlotWait
{
    /// <summary>Takes a place at once if there is one, and costs nothing then.</summary>
    /// <exception cref="StorageBusyException">None became free in time.</exception>
    public static ValueTask EnterAsync(this SemaphoreSlim slots, TimeSpan patience, TimeProvider time, string otherwise, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return slots.Wait(0, CancellationToken.None) ? ValueTask.CompletedTask : new ValueTask(EnterSlowlyAsync(slots, patience, time, otherwise, ct));
    }

    private static async Task EnterSlowlyAsync(SemaphoreSlim slots, TimeSpan patience, TimeProvider time, string otherwise, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            await slots.WaitAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new StorageBusyException(otherwise, e);
        }
    }
}
