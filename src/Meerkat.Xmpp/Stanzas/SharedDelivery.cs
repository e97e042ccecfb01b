namespace Meerkat.Xmpp;

/// <summary>Knows when a message that went to several sessions of an account is undelivered: when the last of them has ended without it, and not before.</summary>
/// <remarks>
/// A session ends without it when it was not sent, or, with stream management, when the client has not acknowledged it (XEP-0198 §4). Without this each session that is lost would give all others a copy
/// more, and each of those copies would be given on again. Safe for concurrent use.
/// </remarks>
/// <param name="sessions">How many sessions of this node it is sent to. Those of other nodes are not counted: each answers for its own.</param>
public sealed class SharedDelivery(int sessions)
{
    private int _without;

    /// <summary>A session has ended without the message, or did not take it. Once for each session.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool GiveUp() => Interlocked.Increment(ref _without) >= sessions;

    /// <summary>Whether all have ended without it.</summary>
    public bool IsUndelivered => Volatile.Read(ref _without) >= sessions;
}
