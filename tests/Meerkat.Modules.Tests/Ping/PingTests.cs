using Meerkat.Modules.Ping;
using Meerkat.Testing;
using Xunit;
using static Meerkat.Modules.Tests.StreamManagement.SmClient;

namespace Meerkat.Modules.Tests.Ping;

public sealed class PingTests
{
    [Theory] // PNG-001
    [InlineData("to='example.test'")]
    [InlineData("to='bob@example.test'")]
    [InlineData("")]
    public async Task The_server_and_every_account_answer(string to)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<PingModule>());
        await using var alice = await server.ConnectAsync("alice");
        var answer = await alice.AskAsync($"<iq type='get' {to}><ping xmlns='urn:xmpp:ping'/></iq>");
        Assert.Equal("result", answer.Attribute("type"));
        answer = await alice.AskAsync($"<iq type='set' {to}><ping xmlns='urn:xmpp:ping'/></iq>");
        Assert.NotNull(answer.Child("error")!.Value.Child("feature-not-implemented", "urn:ietf:params:xml:ns:xmpp-stanzas"));
    }

    [Fact] // PNG-002, PNG-003
    public async Task A_quiet_client_is_pinged_after_the_interval_and_dropped_when_it_does_not_answer()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<PingModule>(new PingOptions { SendPings = true, TimeoutAction = PingTimeoutAction.Kill }));
        await using var alice = await server.ConnectAsync("alice");
        await Until(() => alice.Connection.Stream.Session is not null);
        await alice.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(30));
        await alice.ExpectNothingAsync(); // something is said: the time runs anew
        server.Time.Advance(TimeSpan.FromSeconds(30));
        await alice.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(60));
        var ping = await alice.ExpectAsync("<iq type='get' from='example.test'><ping xmlns='urn:xmpp:ping'/></iq>");
        await alice.SendAsync($"<iq type='result' to='example.test' id='{ping.Attribute("id")}'/>");
        await alice.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(60));
        await alice.ExpectAsync("<iq type='get' from='example.test'><ping xmlns='urn:xmpp:ping'/></iq>");
        server.Time.Advance(TimeSpan.FromSeconds(32));
        await alice.ExpectStreamErrorAsync("connection-timeout");
    }
}
