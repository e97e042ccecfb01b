using Meerkat.Core;
using Meerkat.Modules.SoftwareVersion;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.SoftwareVersion;

public sealed class SoftwareVersionTests
{
    [Theory] // VER-001, XEP-0092 §2
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_server_names_itself_and_its_system_only_if_it_may(bool osInfo)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<SoftwareVersionModule>(new SoftwareVersionOptions { OsInfo = osInfo }));
        await using var alice = await server.ConnectAsync("alice");

        var answer = await alice.AskAsync($"<iq type='get' to='{server.Domain}'><query xmlns='jabber:iq:version'/></iq>");

        var version = answer.Child("query", "jabber:iq:version")!.Value;
        Assert.Equal("Meerkat", version.ChildText("name"));
        Assert.Equal(Product.Version, version.ChildText("version"));
        Assert.Equal(osInfo, version.ChildText("os") is not null);
    }

    [Fact] // VER-001
    public async Task Nobody_sets_the_version()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<SoftwareVersionModule>());
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='set' id='1' to='{server.Domain}'><query xmlns='jabber:iq:version'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }
}
