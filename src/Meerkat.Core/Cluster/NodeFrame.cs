namespace Meerkat.Core.Cluster;

/// <summary>One thing that travels to another node.</summary>
internal enum NodeFrameKind : byte
{
    /// <summary>Bytes that frames behind it share. Has no frame of its own in a queue.</summary>
    Payload = 1,

    /// <summary>A stanza for a session.</summary>
    Stanza = 2,

    /// <summary>Something told.</summary>
    Post = 3,

    /// <summary>Something asked.</summary>
    Ask = 4,

    /// <summary>An answer.</summary>
    Reply = 5,

    /// <summary>The answer that it failed, with a text.</summary>
    Refusal = 6,
}

/// <summary>One thing that travels to another node.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Stanza">The stanza.</param>
/// <param name="Verb">What is told or asked.</param>
/// <param name="Id">Joins an answer to its question.</param>
/// <param name="Body">What is told, asked or answered.</param>
/// <param name="Sent">When a stanza was sent; stays on this node.</param>
internal readonly record struct NodeFrame(NodeFrameKind Kind, SessionStanza Stanza, NodeVerb Verb, long Id, ReadOnlyMemory<byte> Body, DateTimeOffset Sent = default)
{
    // Addresses, and what the sender holds for it.
    private const int Overhead = 128;

    public static NodeFrame Of(SessionStanza stanza, DateTimeOffset sent = default) => new(NodeFrameKind.Stanza, stanza, 0, 0, default, sent);

    /// <summary>What it takes of the bound. A stanza that shares its bytes with the one before it costs its addresses.</summary>
    public int SizeBehind(NodeFrame before) => Overhead + Body.Length
        + (Kind is not NodeFrameKind.Stanza || (before.Kind is NodeFrameKind.Stanza && NodeBatch.IsShared(before.Stanza.Stanza.Element, Stanza.Stanza.Element)) ? 0 : Stanza.Stanza.Element.Raw.Length);
}
