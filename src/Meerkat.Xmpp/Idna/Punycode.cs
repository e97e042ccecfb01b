using System.Text;

namespace Meerkat.Xmpp;

/// <summary>Punycode (RFC 3492), the encoding half: a label's code points as letters, digits and hyphens.</summary>
internal static class Punycode
{
    // RFC 3492 §5.
    private const int Base = 36;
    private const int TMin = 1;
    private const int TMax = 26;
    private const int Skew = 38;
    private const int Damp = 700;
    private const int InitialBias = 72;
    private const int InitialN = 0x80;

    /// <summary>Appends the encoded label, without a prefix (§6.3). The label has no unpaired surrogates and at most a few hundred characters.</summary>
    public static void Encode(string label, StringBuilder to)
    {
        var codePoints = label.EnumerateRunes().Select(rune => rune.Value).ToArray();
        var handled = 0;
        foreach (var codePoint in codePoints)
        {
            if (codePoint < InitialN)
            {
                to.Append((char)codePoint);
                handled++;
            }
        }

        var basic = handled;
        if (basic > 0)
        {
            to.Append('-');
        }

        var n = InitialN;
        var bias = InitialBias;
        long delta = 0; // wide enough for any label that passes the length check of the caller
        while (handled < codePoints.Length)
        {
            var next = NextAtOrAbove(n, codePoints);
            delta += (long)(next - n) * (handled + 1);
            n = next;
            foreach (var codePoint in codePoints)
            {
                if (codePoint < n)
                {
                    delta++;
                }
                else if (codePoint == n)
                {
                    AppendVariableLength(delta, bias, to);
                    bias = Adapt(delta, handled + 1, handled == basic);
                    delta = 0;
                    handled++;
                }
            }

            delta++;
            n++;
        }
    }

    private static int NextAtOrAbove(int n, int[] codePoints)
    {
        var next = int.MaxValue;
        foreach (var codePoint in codePoints)
        {
            if (codePoint >= n && codePoint < next)
            {
                next = codePoint;
            }
        }

        return next;
    }

    private static void AppendVariableLength(long value, int bias, StringBuilder to)
    {
        for (var k = Base; ; k += Base)
        {
            var threshold = Math.Clamp(k - bias, TMin, TMax);
            if (value < threshold)
            {
                to.Append(Digit((int)value));
                return;
            }

            to.Append(Digit((int)(threshold + ((value - threshold) % (Base - threshold)))));
            value = (value - threshold) / (Base - threshold);
        }
    }

    private static char Digit(int value) => (char)(value < 26 ? 'a' + value : '0' + value - 26);

    /// <summary>§6.1.</summary>
    private static int Adapt(long delta, int count, bool first)
    {
        delta /= first ? Damp : 2;
        delta += delta / count;
        var k = 0;
        while (delta > (Base - TMin) * TMax / 2)
        {
            delta /= Base - TMin;
            k += Base;
        }

        return k + (int)((Base - TMin + 1) * delta / (delta + Skew));
    }
}
