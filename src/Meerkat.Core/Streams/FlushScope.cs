using Meerkat.Core.Sessions;

namespace Meerkat.Core.Streams;

/// <summary>Holds flushes back while one burst of received stanzas is handled, so that a recipient of many gets them in one send.</summary>
/// <remarks>
/// Belongs to the thread that handles the burst, between <see cref="Begin"/> and <see cref="End"/>; the scope must end before that thread waits for anything.
/// An outbox that is written to within a scope stays claimed by it, and whoever else sends to it meanwhile queues.
/// </remarks>
public sealed class FlushScope
{
    [ThreadStatic]
    private static FlushScope? t_current;

    private readonly List<Outbox> _claimed = [];

    /// <summary>The scope of this thread, or null outside a burst.</summary>
    internal static FlushScope? Current => t_current;

    /// <summary>A burst starts on this thread.</summary>
    public void Begin() => t_current = this;

    /// <summary>The burst is over: everything that was written goes out, one send a recipient.</summary>
    public void End()
    {
        t_current = null;
        for (var i = 0; i < _claimed.Count; i++)
        {
            _claimed[i].Release();
        }

        _claimed.Clear();
    }

    internal void Claim(Outbox outbox) => _claimed.Add(outbox);
}
