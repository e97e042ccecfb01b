using System.Net;
using Meerkat.Core.Streams;
using Meerkat.Modules.ServerIpCheck;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.ServerIpCheck;

public sealed class ServerIpCheckTests
{
    [Theory] // SIC-001, XEP-0279 §2
    [InlineData("to='example.test'")]
    [InlineData("to='alice@example.test'")]
    [InlineData("")]
    public async Task A_client_learns_its_own_address_from_the_server_or_its_account(string to)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ServerIpCheckModule>());
        await using var alice = await server.ConnectAsync("alice");

        var answer = await alice.AskAsync($"<iq type='get' {to}><address xmlns='urn:xmpp:sic:1'/></iq>");

        var address = answer.Child("address", "urn:xmpp:sic:1")!.Value;
        Assert.Equal("127.0.0.1", address.ChildText("ip"));
        Assert.Equal("40000", address.ChildText("port"));
    }

    [Fact] // SIC-001
    public async Task An_address_of_version_4_is_shown_as_one()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ServerIpCheckModule>());
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = server.Open(facts: new TransportFacts("memory", new IPEndPoint(IPAddress.Parse("192.0.2.7").MapToIPv6(), 1234), false));
        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.BindAsync();

        var answer = await alice.AskAsync("<iq type='get' to='example.test'><address xmlns='urn:xmpp:sic:1'/></iq>");

        Assert.Equal("192.0.2.7", answer.Child("address", "urn:xmpp:sic:1")!.Value.ChildText("ip"));
    }

    [Theory] // SIC-001
    [InlineData("get", "bob@example.test", "auth", "forbidden")]
    [InlineData("set", "example.test", "cancel", "not-allowed")]
    [InlineData("set", "alice@example.test", "cancel", "not-allowed")]
    public async Task Anything_else_is_refused(string type, string to, string errorType, string condition)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ServerIpCheckModule>());
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='{type}' id='1' to='{to}'><address xmlns='urn:xmpp:sic:1'/></iq>");
        await alice.ExpectAsync($"<iq type='error' id='1'><error type='{errorType}'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // SIC-001
    public async Task Where_no_address_is_known_the_server_says_so()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ServerIpCheckModule>());
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = server.Open(facts: new TransportFacts("memory", null, false));
        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.BindAsync();

        await alice.SendAsync("<iq type='get' id='1' to='example.test'><address xmlns='urn:xmpp:sic:1'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }
}
