using System.Buffers;
using System.Text;
using Meerkat.Connections.Proxy;
using Xunit;

namespace Meerkat.Connections.Tests.Proxy;

public sealed class ProxyHeaderTests
{
    private const string V2 = "0D0A0D0A000D0A515549540A";

    // CORE-007: versions 1 and 2, with the address that they tell.
    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 4711 5222\r\n", "192.0.2.7:4711")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 4711 5222\r\n", "[2001:db8::7]:4711")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", null)]
    public void Version_1_tells_the_source(string header, string? source) => AssertFound(Encoding.ASCII.GetBytes(header), source);

    [Theory]
    [InlineData(V2 + "2111000C" + "C0000207" + "C0000201" + "12671466", "192.0.2.7:4711")]
    [InlineData(V2 + "21210024" + "20010DB8000000000000000000000007" + "20010DB8000000000000000000000001" + "12671466", "[2001:db8::7]:4711")]
    [InlineData(V2 + "20110000", null)] // LOCAL: a health check of the balancer itself
    [InlineData(V2 + "2011000C" + "C0000207" + "C0000201" + "12671466", null)] // LOCAL: addresses in it do not count
    [InlineData(V2 + "21000000", null)] // UNSPEC
    [InlineData(V2 + "21110010" + "C0000207" + "C0000201" + "12671466" + "04000100", "192.0.2.7:4711")] // with a TLV behind
    public void Version_2_tells_the_source(string header, string? source) => AssertFound(Convert.FromHexString(header), source);

    [Theory]
    [InlineData("<?xml version='1.0'?>")]
    [InlineData("POST / HTTP/1.1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 4711\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 192.0.2.1 4711 65536\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 2001:db8::1 4711 5222\r\n")]
    [InlineData("PROXY TCP6 192.0.2.7 192.0.2.1 4711 5222\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 2001:db8::1 4711 5222\r\n")]
    [InlineData("PROXY UDP4 192.0.2.7 192.0.2.1 4711 5222\r\n")]
    [InlineData("PROXY TCP4 +1.0.0.1 192.0.2.1 4711 -5222\r\n")]
    [InlineData("PROXY TCP4 192.0.7 192.0.2.1 4711 5222\r\n")] // short forms, which an IP access list would not be written for
    [InlineData("PROXY TCP4 192.0.2.7 3221225985 4711 5222\r\n")]
    [InlineData("PROXY TCP4 0x7f.0.0.1 192.0.2.1 4711 5222\r\n")]
    [InlineData("PROXY TCP4 0300.0.2.7 192.0.2.1 4711 5222\r\n")]
    [InlineData("PROXY TCP6 fe80::7%1 2001:db8::1 4711 5222\r\n")]
    [InlineData("PROXY TCP6 [2001:db8::7] 2001:db8::1 4711 5222\r\n")]
    public void Anything_else_is_refused(string start) =>
        Assert.Equal(ProxyHeaderResult.Invalid, ProxyHeader.TryRead(new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(start)), out _, out _));

    [Theory]
    [InlineData(V2 + "3111000C")] // version 3
    [InlineData(V2 + "2211000C")] // no such command
    [InlineData(V2 + "21110004C0000207")] // too short for its family
    [InlineData(V2 + "2111FFFF")] // longer than any header
    public void A_broken_version_2_is_refused(string header) =>
        Assert.Equal(ProxyHeaderResult.Invalid, ProxyHeader.TryRead(new ReadOnlySequence<byte>(Convert.FromHexString(header)), out _, out _));

    [Fact]
    public void A_line_without_end_is_refused_at_its_longest() =>
        Assert.Equal(ProxyHeaderResult.Invalid, ProxyHeader.TryRead(new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes("PROXY " + new string('x', 101))), out _, out _));

    private static void AssertFound(byte[] header, string? source)
    {
        // Cut at every byte it is incomplete, never refused.
        for (var cut = 0; cut < header.Length; cut++)
        {
            Assert.Equal(ProxyHeaderResult.Incomplete, ProxyHeader.TryRead(new ReadOnlySequence<byte>(header, 0, cut), out _, out _));
        }

        byte[] more = [.. header, .. "<stream"u8];
        Assert.Equal(ProxyHeaderResult.Found, ProxyHeader.TryRead(new ReadOnlySequence<byte>(more), out var length, out var told));
        Assert.Equal(header.Length, length);
        Assert.Equal(source, told?.ToString());
    }
}
