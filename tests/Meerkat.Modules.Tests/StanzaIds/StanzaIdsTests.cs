using Meerkat.Core.Routing;
using Meerkat.Modules.Carbons;
using Meerkat.Modules.StanzaIds;
using Meerkat.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.StanzaIds;

public sealed class StanzaIdsTests
{
    [Fact] // SID-001, SID-003, XEP-0359 §3.1 and §6
    public async Task A_message_has_one_id_for_all_and_nobody_gives_one_in_our_name()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<StanzaIdsModule>().Module<CarbonsModule>());
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var alice2 = await server.ConnectAsync("alice", "b");
        await using var bob = await server.ConnectAsync("bob");
        await alice2.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await alice.SendAsync("<message to='bob@example.test' type='chat'><body>1</body><stanza-id xmlns='urn:xmpp:sid:0' by='bob@example.test' id='lie'/><stanza-id xmlns='urn:xmpp:sid:0' by='room@example.org' id='kept'/></message>");
        var got = await bob.ReceiveAsync();
        var ids = got.Children.ToArray().Where(child => child.Name == "stanza-id").ToDictionary(child => child.Attribute("by")!, child => child.Attribute("id")!);
        Assert.Equal("kept", ids["room@example.org"]);
        Assert.True(StanzaId.TryParse(ids["bob@example.test"], out var id));
        Assert.Equal(server.Time.GetUtcNow(), id.Time);
        await alice2.ExpectAsync($"<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><stanza-id xmlns='urn:xmpp:sid:0' by='alice@example.test' id='{ids["bob@example.test"]}'/></message></forwarded></sent></message>");
    }

    [Fact] // MAM-001, MAM-002, MAM-004
    public void Ids_rise_even_when_the_clock_stands_and_read_as_they_are_written()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var generator = new StanzaIdGenerator(time, 7);
        var first = generator.Next();
        var second = generator.Next();
        Assert.True(second.Value > first.Value);
        Assert.Equal(7, second.Value & 0xFF);
        Assert.True(StanzaId.TryParse(second.ToString().ToLowerInvariant(), out var read));
        Assert.Equal(second, read);
        Assert.InRange(first.Value, StanzaId.First(time.GetUtcNow()).Value, StanzaId.Last(time.GetUtcNow()).Value);
        Assert.Equal("7VVVVVVVVVVVV", new StanzaId(long.MaxValue).ToString());
        Assert.All(["", "8000000000000", "W", "-1", "VVVVVVVVVVVVVV"], text => Assert.False(StanzaId.TryParse(text, out _)));
    }
}
