using Meerkat.Modules.DomainIsolation;
using Meerkat.Modules.Ping;
using Meerkat.Testing;
using Xunit;
using static Meerkat.Modules.Tests.StreamManagement.SmClient;

namespace Meerkat.Modules.Tests.Ping;

/// <summary>Metrics are the whole process's: nothing else runs meanwhile.</summary>
[CollectionDefinition("metrics", DisableParallelization = true)]
public sealed class MetricsCollection;

/// <summary>What is counted of pings, and of what a filter drops.</summary>
[Collection("metrics")]
public sealed class PingMetricsTests
{
    [Fact] // PNG-004
    public async Task Answers_and_time_outs_are_counted()
    {
        using var meter = new TestMeter();
        await using var server = await TestServer.StartAsync(with => with.Module<PingModule>(new PingOptions { SendPings = true }));
        await using var alice = await server.ConnectAsync("alice");
        server.Time.Advance(TimeSpan.FromSeconds(60));
        var ping = await alice.ReceiveAsync();
        server.Time.Advance(TimeSpan.FromSeconds(2));
        await alice.SendAsync($"<iq type='result' to='example.test' id='{ping.Attribute("id")}'/>");
        await Until(() => meter.Count("meerkat.ping.response_time") == 1);
        Assert.Equal((2, 0), (meter.Sum("meerkat.ping.response_time"), meter.Sum("meerkat.ping.timeouts")));
        server.Time.Advance(TimeSpan.FromSeconds(60));
        await alice.ExpectAsync("<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
        server.Time.Advance(TimeSpan.FromSeconds(32));
        await Until(() => meter.Sum("meerkat.ping.timeouts") == 1);
        await alice.ExpectNothingAsync(); // timeout_action is none
    }

    [Fact] // CORE-139, CORE-250
    public async Task What_a_filter_drops_is_counted()
    {
        using var meter = new TestMeter();
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Domains = ["example.test", "other.test"];
            with.Module<DomainIsolationModule>();
        });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob", "b", "other.test");
        await alice.SendAsync($"<message to='{bob.Jid}' id='m'/>");
        await alice.ExpectAsync("<message type='error' id='m'/>");
        Assert.Equal(1, meter.Sum("meerkat.router.dropped"));
        await bob.SendAsync("<iq type='get' id='own' to='other.test/none'><q xmlns='x:q'/></iq>");

        await bob.ExpectAsync("<iq type='error' id='own'/>"); // and nothing before it
    }

    [Theory] // PNG-005: an error that answers a ping is nobody's; docs/differences.md: between clients an IQ error is delivered
    [InlineData("<message type='error' id='x' to='{0}'><ping xmlns='urn:xmpp:ping'/></message>", false)]
    [InlineData("<message type='error' id='x' to='{0}'><body>b</body></message>", true)]
    [InlineData("<iq type='error' id='x' to='{0}'><ping xmlns='urn:xmpp:ping'/></iq>", true)]
    public async Task An_error_with_a_ping_is_dropped(string sent, bool arrives)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<PingModule>());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync(string.Format(sent, bob.Jid));
        await alice.ExpectNothingAsync();
        if (arrives)
        {
            Assert.Equal("x", (await bob.ReceiveAsync()).Attribute("id"));
        }

        await bob.ExpectNothingAsync();
    }
}
