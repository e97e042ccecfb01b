using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Meerkat.Connections.Proxy;

/// <summary>What came of looking for a PROXY header.</summary>
public enum ProxyHeaderResult
{
    /// <summary>There is one.</summary>
    Found,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>There is none, or a broken one.</summary>
    Invalid,
}

/// <summary>The header of the PROXY protocol, versions 1 and 2, by which a balancer tells the address of its client (CORE-007). Pure.</summary>
public static class ProxyHeader
{
    private const int MaxVersion1 = 107;
    private const int Version2Prefix = 16;
    private const int MaxVersion2 = 4096;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads the header at the start of a connection.</summary>
    /// <param name="bytes">What has come so far.</param>
    /// <param name="length">How many bytes the header takes, when there is one.</param>
    /// <param name="source">The client's address; null when the header does not tell (a health check of the balancer itself).</param>
    public static ProxyHeaderResult TryRead(ReadOnlySequence<byte> bytes, out int length, out IPEndPoint? source)
    {
        length = 0;
        source = null;
        Span<byte> start = stackalloc byte[MaxVersion1];
        start = start[..(int)Math.Min(bytes.Length, start.Length)];
        bytes.Slice(0, start.Length).CopyTo(start);
        if (start.IsEmpty)
        {
            return ProxyHeaderResult.Incomplete;
        }

        if (start[0] == (byte)'P')
        {
            return ReadVersion1(start, out length, out source);
        }

        var known = start[..Math.Min(start.Length, Signature.Length)];
        if (!Signature.StartsWith(known))
        {
            return ProxyHeaderResult.Invalid;
        }

        return start.Length < Version2Prefix ? ProxyHeaderResult.Incomplete : ReadVersion2(bytes, start, out length, out source);
    }

    private static ProxyHeaderResult ReadVersion1(ReadOnlySpan<byte> start, out int length, out IPEndPoint? source)
    {
        source = null;
        length = 0;
        var end = start.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return start.Length < MaxVersion1 && IsPrefix(start, "PROXY "u8) ? ProxyHeaderResult.Incomplete : ProxyHeaderResult.Invalid;
        }

        length = end + 2;
        var words = Encoding.ASCII.GetString(start[..end]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..])
        {
            return ProxyHeaderResult.Found;
        }

        if (words is not ["PROXY", "TCP4" or "TCP6", var from, var to, var fromPort, var toPort]
            || !TryReadAddress(from, out var address) || !TryReadAddress(to, out var target)
            || !ushort.TryParse(fromPort, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || !ushort.TryParse(toPort, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            || address.AddressFamily != (words[1] == "TCP4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6)
            || target.AddressFamily != address.AddressFamily)
        {
            return ProxyHeaderResult.Invalid;
        }

        source = new IPEndPoint(address, port);
        return ProxyHeaderResult.Found;
    }

    private static ProxyHeaderResult ReadVersion2(ReadOnlySequence<byte> bytes, ReadOnlySpan<byte> start, out int length, out IPEndPoint? source)
    {
        source = null;
        length = Version2Prefix + BinaryPrimitives.ReadUInt16BigEndian(start[14..]);
        if (start[12] >> 4 != 2 || (start[12] & 0xF) > 1 || length > MaxVersion2)
        {
            return ProxyHeaderResult.Invalid;
        }

        if (bytes.Length < length)
        {
            return ProxyHeaderResult.Incomplete;
        }

        var body = bytes.Slice(Version2Prefix, length - Version2Prefix).ToArray().AsSpan();
        if ((start[12] & 0xF) == 0)
        {
            return ProxyHeaderResult.Found; // LOCAL: the balancer speaks for itself
        }

        switch (start[13] >> 4)
        {
            case 1 when body.Length >= 12:
                source = new IPEndPoint(new IPAddress(body[..4]), BinaryPrimitives.ReadUInt16BigEndian(body[8..]));
                return ProxyHeaderResult.Found;
            case 2 when body.Length >= 36:
                source = new IPEndPoint(new IPAddress(body[..16]), BinaryPrimitives.ReadUInt16BigEndian(body[32..]));
                return ProxyHeaderResult.Found;
            case 0 or 3:
                return ProxyHeaderResult.Found;
            default:
                return ProxyHeaderResult.Invalid;
        }
    }

    // Four decimal numbers, or the colons of version 6: nothing of what else the platform takes (short, octal and hexadecimal forms, zones, brackets).
    private static bool TryReadAddress(string word, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(word, out address) && (address.AddressFamily is AddressFamily.InterNetwork ? address.ToString() == word : word.IndexOfAny(['%', '[', ']']) < 0);

    private static bool IsPrefix(ReadOnlySpan<byte> start, ReadOnlySpan<byte> expected) =>
        start.Length >= expected.Length ? start.StartsWith(expected) : expected.StartsWith(start);
}
