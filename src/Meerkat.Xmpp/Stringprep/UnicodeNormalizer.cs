using System.Text;

namespace Meerkat.Xmpp;

/// <summary>Normalisation form KC of Unicode 3.2 (UAX #15), which stringprep is bound to (RFC 3454 §4).</summary>
/// <remarks>
/// <see cref="string.Normalize()"/> will not do: it knows a later Unicode, so that a prepared form kept in a database could change
/// with the framework, and it depends on ICU, which an invariant build does not load.
/// </remarks>
internal static class UnicodeNormalizer
{
    private const int HangulBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TrailCount;

    /// <summary>Appends the compatibility decomposition of one code point, not yet in canonical order.</summary>
    public static void Decompose(int codePoint, List<int> to)
    {
        var syllable = codePoint - HangulBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            to.Add(LeadBase + (syllable / (VowelCount * TrailCount)));
            to.Add(VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount));
            if (syllable % TrailCount != 0)
            {
                to.Add(TrailBase + (syllable % TrailCount));
            }
        }
        else if (codePoint >= 0x80 && StringprepTables.TryDecompose(codePoint, out var decomposed))
        {
            foreach (var rune in decomposed.EnumerateRunes())
            {
                to.Add(rune.Value);
            }
        }
        else
        {
            to.Add(codePoint);
        }
    }

    /// <summary>Orders and composes decomposed text in place.</summary>
    public static void OrderAndCompose(List<int> decomposed)
    {
        Order(decomposed);
        Compose(decomposed);
    }

    /// <summary>Sorts every run of non-starters by combining class, stably.</summary>
    private static void Order(List<int> text)
    {
        for (var i = 0; i < text.Count; i++)
        {
            if (StringprepTables.CombiningClassOf(text[i]) == 0)
            {
                continue;
            }

            var start = i;
            while (i < text.Count && StringprepTables.CombiningClassOf(text[i]) != 0)
            {
                i++;
            }

            if (i - start > 1)
            {
                OrderRun(text, start, i - start);
            }
        }
    }

    private static void OrderRun(List<int> text, int start, int count)
    {
        // Class first, then place: one unstable sort is then a stable one, and a long hostile run costs n log n.
        var keys = new long[count];
        var values = new int[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = text[start + i];
            keys[i] = ((long)StringprepTables.CombiningClassOf(values[i]) << 32) | (uint)i;
        }

        Array.Sort(keys, values);
        for (var i = 0; i < count; i++)
        {
            text[start + i] = values[i];
        }
    }

    private static void Compose(List<int> text)
    {
        var starter = -1;
        var lastClass = 0;
        var written = 0;
        for (var i = 0; i < text.Count; i++)
        {
            var current = text[i];
            var combiningClass = StringprepTables.CombiningClassOf(current);

            // Blocked when something of the same or a higher class, or another starter, stands between (UAX #15 D2, corrigendum 5).
            var adjacent = starter >= 0 && written == starter + 1;
            if (starter >= 0 && (adjacent || lastClass < combiningClass))
            {
                var composite = ComposePair(text[starter], current);
                if (composite >= 0)
                {
                    text[starter] = composite;
                    continue;
                }
            }

            if (combiningClass == 0)
            {
                starter = written;
            }

            lastClass = combiningClass;
            text[written++] = current;
        }

        text.RemoveRange(written, text.Count - written);
    }

    private static int ComposePair(int first, int second)
    {
        var lead = first - LeadBase;
        var vowel = second - VowelBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            return HangulBase + (((lead * VowelCount) + vowel) * TrailCount);
        }

        var syllable = first - HangulBase;
        var trail = second - TrailBase;
        if (syllable is >= 0 and < SyllableCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount)
        {
            return first + trail;
        }

        return StringprepTables.Compose(first, second);
    }

    /// <summary>Appends code points as UTF-16.</summary>
    public static string ToText(List<int> codePoints)
    {
        var text = new StringBuilder(codePoints.Count);
        Span<char> units = stackalloc char[2];
        foreach (var codePoint in codePoints)
        {
            text.Append(units[..new Rune(codePoint).EncodeToUtf16(units)]);
        }

        return text.ToString();
    }
}
