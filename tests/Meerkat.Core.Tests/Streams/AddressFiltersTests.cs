using System.Net;
using Meerkat.Core.Streams;
using Xunit;

namespace Meerkat.Core.Tests.Streams;

// CORE-012
public sealed class AddressFiltersTests
{
    private static readonly IPAddress s_bad = IPAddress.Parse("192.0.2.7");

    [Fact]
    public void An_address_is_refused_as_long_as_a_list_has_it()
    {
        var filters = new AddressFilters();
        Assert.False(filters.Refuses(s_bad));
        var first = filters.Add(s_bad.Equals);
        var second = filters.Add(address => address.Equals(IPAddress.Loopback));
        Assert.True(filters.Refuses(s_bad));
        Assert.True(filters.Refuses(s_bad.MapToIPv6()));
        Assert.True(filters.Refuses(IPAddress.Loopback));
        Assert.False(filters.Refuses(IPAddress.Parse("192.0.2.8")));
        Assert.False(filters.Refuses(null));
        first.Dispose();
        Assert.False(filters.Refuses(s_bad));
        second.Dispose();
        Assert.False(filters.Refuses(IPAddress.Loopback));
    }
}
