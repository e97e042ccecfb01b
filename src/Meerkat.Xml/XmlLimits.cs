namespace Meerkat.Xml;

/// <summary>What a peer may send before it is refused. Immutable; one instance serves any number of framers.</summary>
public sealed record XmlLimits
{
    /// <summary>The limits of a record that nobody changed.</summary>
    public static XmlLimits Default { get; } = new();

    /// <summary>For XML that this program wrote itself: nothing is refused for its size.</summary>
    public static XmlLimits Unlimited { get; } = new()
    {
        MaxElementBytes = int.MaxValue - 1, MaxDepth = int.MaxValue, MaxAttributes = HardLimit, MaxNameBytes = HardLimit,
    };

    /// <summary>Attribute counts and name lengths share an index word with something else: no setting takes them above this.</summary>
    internal const int HardLimit = short.MaxValue;

    /// <summary>Largest top-level element, from the first byte of its start tag to the last of its end tag; the stream header's tag and an element that is not finished yet count
    /// too. Default: 262 144 (RFC 6120 §13.12 wants at least 10 000).</summary>
    public int MaxElementBytes { get; init; } = 262_144;

    /// <summary>Deepest nesting; a top-level element alone has depth 1. Default: 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Most attributes of one element, namespace declarations included; at most 32 767 is heeded. At any place, four times as many namespace declarations may be in scope.
    /// Default: 64.</summary>
    public int MaxAttributes { get; init; } = 64;

    /// <summary>Longest name of an element or attribute in bytes, prefix included; at most 32 767 is heeded. Default: 256.</summary>
    public int MaxNameBytes { get; init; } = 256;
}
