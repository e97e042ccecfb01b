namespace Meerkat.Core.Sessions;

/// <summary>How many of a client's stanzas are handled for good: the <c>h</c> of stream management (XEP-0198 §4).</summary>
/// <remarks>
/// A stanza counts once it was processed and everything that had to be written for it is written, and so were all before it: delivery does not wait for a
/// commit, the acknowledgement does (architecture §2, durability). One writer, the session's reader; any thread may look.
/// </remarks>
public sealed class Watermark
{
    /// <summary>How many stanzas may wait for a commit before the session's reader does.</summary>
    public const int MaxPending = 256;

    private readonly Lock _gate = new();
    private readonly Queue<(uint Stanza, Task Written)> _pending = new();
    private uint _received;

    /// <summary>The <c>h</c> to tell the client now; modulo 2^32.</summary>
    public uint Handled
    {
        get
        {
            lock (_gate)
            {
                while (_pending.TryPeek(out var first) && first.Written.IsCompleted)
                {
                    _pending.Dequeue();
                }

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
            while (_pending.TryPeek(out var first) && first.Written.IsCompleted)
            {
                _pending.Dequeue();
            }

            _pending.Enqueue((_received, written));
            return _pending.Count > MaxPending ? new ValueTask(_pending.Peek().Written) : ValueTask.CompletedTask;
        }
    }

    /// <summary>One more stanza was processed.</summary>
    public void Advance()
    {
        lock (_gate)
        {
            _received++;
        }
    }

    /// <summary>Completes when everything that has been processed so far counts.</summary>
    public Task CaughtUpAsync()
    {
        lock (_gate)
        {
            return _pending.Count == 0 ? Task.CompletedTask : Task.WhenAll(_pending.Select(pending => pending.Written));
        }
    }
}
