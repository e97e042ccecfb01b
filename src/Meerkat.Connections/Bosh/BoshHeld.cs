namespace Meerkat.Connections.Bosh;

/// <summary>A request that has no answer yet.</summary>
/// <param name="rid">Its id.</param>
/// <param name="key">Its key; a repetition has the same. Null without keys.</param>
/// <param name="exchange">Where the answer goes.</param>
/// <param name="since">When it was admitted, in the session's time.</param>
internal sealed class BoshHeld(long rid, string? key, BoshExchange exchange, TimeSpan since)
{
    /// <summary>Its id.</summary>
    public long Rid => rid;

    /// <summary>Its key.</summary>
    public string? Key => key;

    /// <summary>When it was admitted.</summary>
    public TimeSpan Since => since;

    /// <summary>Where the answer goes: the connection on which it came last.</summary>
    public BoshExchange Exchange { get; set; } = exchange;
}
