using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Placement;

/// <summary>The placement of a single node: every writer is here.</summary>
/// <param name="time">The clock: epochs are its times, so that they rise over restarts.</param>
/// <param name="loggers">Loggers.</param>
public sealed class LocalPlacement(TimeProvider time, ILoggerFactory loggers) : IPlacement
{
    private readonly ConcurrentDictionary<string, object> _kinds = new(StringComparer.Ordinal);
    private readonly ILogger _log = loggers.CreateLogger<LocalPlacement>();
    private long _epoch = time.GetUtcNow().UtcTicks;

    /// <summary>Sends commands and replies through their codecs though they go nowhere: for tests, so that what would not survive the way to another node fails here. Default false.</summary>
    public bool Carries { get; set; }

    /// <inheritdoc/>
    public IPlaces<TCommand, TReply> Open<TCommand, TReply>(PlacementKind<TCommand, TReply> kind, Func<Placed, IPlacedWriter<TCommand, TReply>> activate)
    {
        var places = new LocalPlaces<TCommand, TReply>(this, kind, activate, _log);
        return _kinds.TryAdd(kind.Name, places) ? places : throw new InvalidOperationException($"{kind.Name} is open already");
    }

    // The time, so that writers of a key on several nodes have rising ones; behind the last one in any case.
    internal long NextEpoch()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _epoch);
            var next = Math.Max(time.GetUtcNow().UtcTicks, last + 1);
            if (Interlocked.CompareExchange(ref _epoch, next, last) == last)
            {
                return next;
            }
        }
    }
}
