using Meerkat.Core.Cluster;
using Microsoft.Extensions.Logging;

namespace Meerkat.Cluster.Orleans.Membership;

/// <summary>What the table says of this node.</summary>
internal enum OwnState
{
    /// <summary>It is not there yet, or leaves.</summary>
    NoMember,

    /// <summary>It is a member.</summary>
    Member,

    /// <summary>It was given up.</summary>
    GivenUp,
}

/// <summary>How long this node may take it for granted that the others hold it for a member (<see cref="IClusterMembers.HoldsLease"/>): for a time from when it last began to read so in the table.</summary>
/// <remarks>The clock goes on while a process is suspended: one that comes back holds no lease, and knows it at once.</remarks>
/// <param name="length">How long.</param>
/// <param name="time">The clock.</param>
/// <param name="ask">Reads the table.</param>
/// <param name="log">Told when it cannot be read.</param>
internal sealed class Lease(TimeSpan length, TimeProvider time, Func<Task<OwnState>> ask, ILogger log)
{
    private long _until;
    private volatile bool _isOver;

    /// <summary>Whether it holds now.</summary>
    public bool Holds => !_isOver && time.GetTimestamp() < Volatile.Read(ref _until);

    /// <summary>This node leaves: it holds no lease any more.</summary>
    public void End() => _isOver = true;

    /// <summary>Asks again and again, until it is cancelled or this node was given up.</summary>
    /// <returns>Whether it was given up.</returns>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        var isSaid = false;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (await ConfirmAsync(ct) is OwnState.GivenUp)
                {
                    return true;
                }

                isSaid = false;
            }
            catch (Exception unreadable) when (unreadable is not OperationCanceledException || !ct.IsCancellationRequested) // whatever the database's client throws: asked again
            {
                if (!isSaid)
                {
                    isSaid = true;
                    ClusterLog.Unconfirmed(log, unreadable);
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }

            try
            {
                await Task.Delay(length / 3, time, ct);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return false;
    }

    /// <summary>Asks once.</summary>
    public async Task<OwnState> ConfirmAsync(CancellationToken ct)
    {
        var began = time.GetTimestamp();
        var state = await ask().WaitAsync(length, time, ct);
        if (state is OwnState.Member)
        {
            Volatile.Write(ref _until, began + (long)(length.TotalSeconds * time.TimestampFrequency));
        }
        else
        {
            Volatile.Write(ref _until, 0);
        }

        return state;
    }
}
