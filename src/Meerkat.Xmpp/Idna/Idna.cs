using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Meerkat.Xmpp;

/// <summary>The ASCII form of international domain names, for DNS and for comparison with certificates; on the stream they stay in Unicode (CORE-004).</summary>
/// <remarks>
/// IDNA 2003 (RFC 3490) over our own nameprep. <see cref="System.Globalization.IdnMapping"/> is not used: without ICU it neither folds nor
/// normalises text outside ASCII. Pure and thread-safe.
/// </remarks>
public static class Idna
{
    private const string AcePrefix = "xn--";
    private const int MaxLabel = 63;
    private const int MaxName = 253;

    /// <summary>Converts a whole name, label by label (RFC 3490 §4.1).</summary>
    /// <param name="domain">A domain name; one trailing dot is taken off. Address literals are no names.</param>
    /// <param name="ascii">The name in lower-case ASCII, or null.</param>
    /// <returns>
    /// False when a label is empty, cannot be prepared, holds ASCII other than letters, digits, hyphen and underscore, begins or ends with a
    /// hyphen, or is longer than 63 octets, or when the name is longer than 253.
    /// </returns>
    public static bool TryToAscii(string domain, [NotNullWhen(true)] out string? ascii)
    {
        ascii = null;
        if (domain.StartsWith('[') || domain.Length > MaxName * 4 || !DomainPart.TryPrepare(domain, out var prepared))
        {
            return false;
        }

        var name = new StringBuilder(prepared.Length + 8);
        foreach (var range in prepared.AsSpan().Split('.'))
        {
            if (name.Length > 0)
            {
                name.Append('.');
            }

            if (!TryAppendLabel(prepared[range], name))
            {
                return false;
            }
        }

        if (name.Length > MaxName)
        {
            return false;
        }

        ascii = name.ToString();
        return true;
    }

    private static bool TryAppendLabel(string label, StringBuilder name)
    {
        if (label.StartsWith('-') || label.EndsWith('-'))
        {
            return false;
        }

        var start = name.Length;
        if (Ascii.IsValid(label))
        {
            name.Append(label);
        }
        else if (label.StartsWith(AcePrefix, StringComparison.Ordinal))
        {
            return false; // §4.1 step 5: it would be read as something else
        }
        else
        {
            name.Append(AcePrefix);
            Punycode.Encode(label, name);
        }

        return name.Length - start <= MaxLabel;
    }
}
