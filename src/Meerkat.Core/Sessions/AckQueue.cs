using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>A stanza that was sent and not acknowledged yet.</summary>
/// <param name="Stanza">The stanza.</param>
/// <param name="Sent">When it was first sent.</param>
public readonly record struct Unacknowledged(Stanza Stanza, DateTimeOffset Sent);

/// <summary>The sending side of stream management (XEP-0198 §4): what was sent and not acknowledged. Not safe for concurrent use; its session guards it.</summary>
/// <param name="acknowledged">How many stanzas the client has acknowledged so far; 0 for a new one.</param>
public sealed class AckQueue(uint acknowledged = 0)
{
    private readonly Queue<Unacknowledged> _queue = new();

    /// <summary>What the client acknowledged last, modulo 2^32.</summary>
    public uint Acknowledged { get; private set; } = acknowledged;

    /// <summary>How many stanzas were sent, modulo 2^32.</summary>
    public uint Sent => unchecked(Acknowledged + (uint)_queue.Count);

    /// <summary>How many wait for an acknowledgement.</summary>
    public int Count => _queue.Count;

    /// <summary>What waits for an acknowledgement, oldest first.</summary>
    public IEnumerable<Unacknowledged> Waiting => _queue;

    /// <summary>A stanza is sent.</summary>
    public void Add(Stanza stanza, DateTimeOffset now) => _queue.Enqueue(new Unacknowledged(stanza, now));

    /// <summary>A stanza that was sent before the session moved here.</summary>
    internal void Restore(Unacknowledged stanza) => _queue.Enqueue(stanza);

    /// <summary>The client has got everything up to <paramref name="h"/>.</summary>
    /// <returns>False when that is more than was sent; nothing changes then.</returns>
    public bool TryAcknowledge(uint h)
    {
        var newly = unchecked(h - Acknowledged);
        if (newly > (uint)_queue.Count)
        {
            return false;
        }

        for (; newly > 0; newly--)
        {
            _queue.Dequeue();
        }

        Acknowledged = h;
        return true;
    }
}
