using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Meerkat.Core.Tracing;

/// <summary>Shows what passes over the streams of this node's clients to those who watch (<c>[services.service_traffic]</c>, CONF-180, GQL-SSE-07).</summary>
/// <remarks>While nobody watches an element costs one look at a field. Who watches never slows a client down: a watcher that reads too slowly is let go. Safe for concurrent use.</remarks>
public sealed class TrafficWatch
{
    /// <summary>How many elements may wait for a watcher; one more ends its watch.</summary>
    public const int MaxWaiting = 1024;

    /// <summary>How many characters of an element are shown.</summary>
    public const int MaxLength = 16384;

    private readonly Lock _gate = new();
    private Channel<TracedElement>[] _watchers = [];
    private long _streams;

    /// <summary>Whether somebody watches.</summary>
    public bool IsWatched => Volatile.Read(ref _watchers).Length > 0;

    /// <summary>Begins a watch: everything that passes from now on, until the reader stops or is too slow. For one reader.</summary>
    public IAsyncEnumerable<TracedElement> Watch()
    {
        var watcher = Channel.CreateBounded<TracedElement>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
        lock (_gate)
        {
            Volatile.Write(ref _watchers, [.. _watchers, watcher]);
        }

        return ReadAsync(watcher);
    }

    /// <summary>Names another stream.</summary>
    internal string NextName() => Interlocked.Increment(ref _streams).ToString(CultureInfo.InvariantCulture);

    /// <summary>Shows an element to all who watch.</summary>
    internal void Show(TracedElement element)
    {
        foreach (var watcher in Volatile.Read(ref _watchers))
        {
            if (!watcher.Writer.TryWrite(element))
            {
                Remove(watcher);
            }
        }
    }

    private async IAsyncEnumerable<TracedElement> ReadAsync(Channel<TracedElement> watcher, [EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            await foreach (var element in watcher.Reader.ReadAllAsync(ct))
            {
                yield return element;
            }
        }
        finally
        {
            Remove(watcher);
        }
    }

    private void Remove(Channel<TracedElement> watcher)
    {
        lock (_gate)
        {
            Volatile.Write(ref _watchers, [.. _watchers.Where(other => other != watcher)]);
        }

        watcher.Writer.TryComplete();
    }
}
