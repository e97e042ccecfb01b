using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Meerkat.Modules.Registration;

/// <summary>A range of IP addresses of one family. Bits of its base behind the prefix do not matter.</summary>
internal readonly record struct IpRange
{
    private readonly byte[] _base;
    private readonly int _prefix;

    private IpRange(byte[] @base, int prefix)
    {
        _base = @base;
        _prefix = prefix;
    }

    /// <summary>Reads an address (a range of one) or <c>address/prefix</c>.</summary>
    public static bool TryParse(string text, out IpRange range)
    {
        range = default;
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || !IsWhole(text, address))
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        var prefix = bytes.Length * 8;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bytes.Length * 8))
        {
            return false;
        }

        range = new IpRange(bytes, prefix);
        return true;
    }

    /// <summary>Whether the address lies in the range. One of the other family never does (AUTH-139).</summary>
    public bool Contains(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length) || length != _base.Length)
        {
            return false;
        }

        var whole = _prefix / 8;
        var rest = _prefix % 8;
        return bytes[..whole].SequenceEqual(_base.AsSpan(0, whole))
            && (rest == 0 || (bytes[whole] ^ _base[whole]) >> (8 - rest) == 0);
    }

    // "10" and "10.1" are addresses to the framework, and not to anybody who writes them here.
    private static bool IsWhole(string text, IPAddress address) => address.AddressFamily is AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3;
}
