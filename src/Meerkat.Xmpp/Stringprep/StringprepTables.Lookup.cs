namespace Meerkat.Xmpp;

/// <summary>Questions to the generated tables. All are binary searches over constant data: nothing is built at start.</summary>
internal static partial class StringprepTables
{
    private const int FlagBits = 11;
    private const int ClassBits = 8;
    private const int LengthBits = 5;

    /// <summary>What the tables A, B.1, C and D say about a code point.</summary>
    public static CharacterFlags FlagsOf(int codePoint) => (CharacterFlags)ValueInRanges(FlagRanges, codePoint, FlagBits);

    /// <summary>The canonical combining class in Unicode 3.2; 0 for a starter.</summary>
    public static int CombiningClassOf(int codePoint) =>
        codePoint < 0x300 ? 0 : ValueInRanges(CombiningClassRanges, codePoint, ClassBits);

    /// <summary>Table B.2: case folding for use with NFKC. False when the code point maps to itself.</summary>
    public static bool TryFold(int codePoint, out ReadOnlySpan<char> folded) =>
        TryMap(FoldKeys, FoldOffsets, FoldText, codePoint, out folded);

    /// <summary>The full compatibility decomposition. False when the code point decomposes to itself, or is a Hangul syllable.</summary>
    public static bool TryDecompose(int codePoint, out ReadOnlySpan<char> decomposed) =>
        TryMap(DecompositionKeys, DecompositionOffsets, DecompositionText, codePoint, out decomposed);

    /// <summary>The primary composite of two code points; -1 when there is none. Hangul is not in the table.</summary>
    public static int Compose(int first, int second)
    {
        var key = ((ulong)first << 42) | ((ulong)second << 21);
        var table = Compositions;
        var at = LowerBound(table, key);
        return at < table.Length && (table[at] & ~0x1FFFFFUL) == key ? (int)(table[at] & 0x1FFFFF) : -1;
    }

    private static int ValueInRanges(ReadOnlySpan<uint> ranges, int codePoint, int bits)
    {
        // The last run that starts at or before the code point; the first run starts at U+0000.
        var run = LowerBound(ranges, (uint)(codePoint + 1) << bits) - 1;
        return (int)(ranges[run] & ((1u << bits) - 1));
    }

    private static bool TryMap(
        ReadOnlySpan<uint> keys, ReadOnlySpan<ushort> offsets, string text, int codePoint, out ReadOnlySpan<char> mapped)
    {
        var at = LowerBound(keys, (uint)codePoint << LengthBits);
        if (at == keys.Length || keys[at] >> LengthBits != (uint)codePoint)
        {
            mapped = default;
            return false;
        }

        mapped = text.AsSpan(offsets[at], (int)(keys[at] & ((1u << LengthBits) - 1)));
        return true;
    }

    /// <summary>The index of the first element that is not less than <paramref name="value"/>.</summary>
    private static int LowerBound<T>(ReadOnlySpan<T> ascending, T value)
        where T : struct, IComparable<T>
    {
        var low = 0;
        var high = ascending.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (ascending[middle].CompareTo(value) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
