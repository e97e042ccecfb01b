using System.Net;
using Meerkat.Modules.Registration;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.Registration;

public sealed class RegistrationPartsTests
{
    [Theory] // AUTH-140, REG-007
    [InlineData("", 0, 0)]
    [InlineData("aaaa", 4, 26)]
    [InlineData("AAAA", 4, 26)]
    [InlineData("1234", 4, 9)]
    [InlineData("!?!?", 4, 33)]
    [InlineData("aA1!", 4, 94)]
    [InlineData("é", 2, 128)] // byte-wise
    [InlineData("aé", 3, 154)]
    public void Entropy_counts_bytes_and_their_kinds(string password, int length, int pool) =>
        Assert.Equal(pool == 0 ? 0 : length * Math.Log2(pool), PasswordStrength.Entropy(password), 9);

    [Theory] // AUTH-139
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.1.2.3/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("192.168.4.0/22", "192.168.7.255", true)]
    [InlineData("192.168.4.0/22", "192.168.8.0", false)]
    [InlineData("0.0.0.0/0", "203.0.113.5", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    public void A_range_holds_the_addresses_of_its_prefix_and_family(string text, string address, bool expected)
    {
        Assert.True(IpRange.TryParse(text, out var range));
        Assert.Equal(expected, range.Contains(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("10")]
    [InlineData("10.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("::/129")]
    public void What_is_no_range_is_refused(string text) => Assert.False(IpRange.TryParse(text, out _));

    [Fact] // AUTH-139
    public void The_first_entry_that_matches_decides_and_none_allows()
    {
        var list = new IpAccessList([new() { Address = "10.0.0.1", Policy = IpPolicy.Allow }, new() { Address = "10.0.0.0/8", Policy = IpPolicy.Deny }]);
        Assert.True(list.Allows(IPAddress.Parse("10.0.0.1")));
        Assert.False(list.Allows(IPAddress.Parse("10.0.0.2")));
        Assert.True(list.Allows(IPAddress.Parse("192.0.2.1")));
        Assert.False(list.Allows(null));
        Assert.True(new IpAccessList([]).Allows(null));
    }

    [Fact] // AUTH-138: bounded memory
    public void The_oldest_source_is_forgotten_when_there_are_too_many()
    {
        var throttle = new RegistrationThrottle(TimeSpan.FromMinutes(10), new FakeTimeProvider(), capacity: 2);
        Assert.True(throttle.TryBegin("a"));
        Assert.True(throttle.TryBegin("b"));
        Assert.True(throttle.TryBegin("c"));
        Assert.False(throttle.TryBegin("c"));
    }

    [Fact] // AUTH-138, CONF-055
    public void Infinity_switches_the_limit_off()
    {
        var throttle = new RegistrationThrottle(null, new FakeTimeProvider());
        Assert.True(throttle.TryBegin("a"));
        Assert.True(throttle.TryBegin("a"));
    }
}
