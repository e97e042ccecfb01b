namespace Meerkat.Hostile;

/// <summary>How a hostile peer ends its connection.</summary>
public enum Ending
{
    /// <summary>Closes its direction and reads to the end.</summary>
    Close,

    /// <summary>Says nothing any more and keeps the connection (half-open), until it resets it.</summary>
    Abandon,

    /// <summary>Resets the connection.</summary>
    Reset,
}

/// <summary>One hostile stream.</summary>
/// <param name="Kind">What is wrong with it, for the report.</param>
/// <param name="Bytes">All that the peer says, in the clear or inside TLS.</param>
/// <param name="IsSlow">Whether it says it byte by byte.</param>
/// <param name="Behind">What is said in the clear behind <c>starttls</c>, in the same packet; null for nothing.</param>
/// <param name="Ending">How it ends.</param>
public sealed record HostileStream(string Kind, byte[] Bytes, bool IsSlow, byte[]? Behind, Ending Ending);
