using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Meerkat.Xmpp;

/// <summary>The domainpart of a JID: labels by nameprep, or an IPv6 address in brackets.</summary>
/// <remarks>
/// RFC 6122 §2.2 allows only letters, digits and hyphens in the ASCII of a label. The underscore passes here, since names of hosts in private
/// networks have it; anything else that nameprep leaves alone (space, quotes, <c>@</c>, <c>&lt;</c>) does not.
/// A label that is already in ASCII form (<c>xn--</c>) stays as it is written.
/// </remarks>
internal static class DomainPart
{
    private static readonly SearchValues<byte> PreparedAscii = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_."u8);
    private static readonly SearchValues<char> LabelAscii = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Whether this is a whole domainpart in ASCII that needs no preparation. False means only that it has to be looked at closely.</summary>
    public static bool IsPreparedAscii(ReadOnlySpan<byte> domain) =>
        domain.Length is > 0 and <= JidParser.MaxPartBytes
        && !domain.ContainsAnyExcept(PreparedAscii)
        && domain[0] != '.'
        && domain[^1] != '.'
        && domain.IndexOf(".."u8) < 0;

    /// <summary>Prepares a domainpart and takes one trailing dot off (RFC 7622 §3.2).</summary>
    public static bool TryPrepare(string domain, [NotNullWhen(true)] out string? prepared)
    {
        if (domain.StartsWith('['))
        {
            return TryPrepareAddress(domain, out prepared);
        }

        prepared = null;
        var labels = domain.Split('.', '\u3002', '\uFF0E', '\uFF61'); // RFC 3490 §3.1: all of these are dots
        var count = labels.Length > 1 && labels[^1].Length == 0 ? labels.Length - 1 : labels.Length;
        for (var i = 0; i < count; i++)
        {
            if (!TryPrepareLabel(labels[i], out var label))
            {
                return false;
            }

            labels[i] = label;
        }

        prepared = string.Join('.', labels, 0, count);
        return true;
    }

    private static bool TryPrepareLabel(string label, [NotNullWhen(true)] out string? prepared)
    {
        if (!Stringprep.TryNameprep(label, out prepared) || prepared.Length == 0)
        {
            return false;
        }

        foreach (var unit in prepared)
        {
            if (char.IsAscii(unit) && !LabelAscii.Contains(unit))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>RFC 3986 §3.2.2 <c>IP-literal</c>, of which only IPv6 exists. A zone is not part of it.</summary>
    private static bool TryPrepareAddress(string domain, [NotNullWhen(true)] out string? prepared)
    {
        prepared = null;
        if (!domain.EndsWith(']')
            || domain.AsSpan(1).ContainsAny('%', '[')
            || !IPAddress.TryParse(domain.AsSpan(1, domain.Length - 2), out var address)
            || address.AddressFamily is not AddressFamily.InterNetworkV6)
        {
            return false;
        }

        prepared = $"[{address}]"; // one spelling for each address (RFC 5952), so that equal addresses are equal JIDs
        return true;
    }
}
