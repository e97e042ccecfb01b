namespace Meerkat.Xmpp;

/// <summary>What RFC 3454's tables say about one code point. The order is known to <c>tools/stringprep-tables.py</c>.</summary>
[Flags]
internal enum CharacterFlags
{
    /// <summary>Neither prohibited nor mapped, of no direction.</summary>
    None = 0,

    /// <summary>Table A.1: not assigned in Unicode 3.2.</summary>
    Unassigned = 1 << 0,

    /// <summary>Table B.1: mapped to nothing.</summary>
    MappedToNothing = 1 << 1,

    /// <summary>Table C.1.1: the ASCII space.</summary>
    AsciiSpace = 1 << 2,

    /// <summary>Table C.1.2: every other space.</summary>
    NonAsciiSpace = 1 << 3,

    /// <summary>Table C.2.1: ASCII control characters.</summary>
    AsciiControl = 1 << 4,

    /// <summary>Tables C.2.2 and C.3 to C.9, which every profile of XMPP prohibits.</summary>
    Prohibited = 1 << 5,

    /// <summary>RFC 6122 appendix A.5: what nodeprep prohibits besides.</summary>
    NodeDelimiter = 1 << 6,

    /// <summary>Table D.1: right-to-left.</summary>
    RandAL = 1 << 7,

    /// <summary>Table D.2: left-to-right.</summary>
    L = 1 << 8,
}
