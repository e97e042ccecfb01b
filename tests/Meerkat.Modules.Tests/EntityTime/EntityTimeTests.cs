using Meerkat.Modules.EntityTime;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.EntityTime;

public sealed class EntityTimeTests
{
    [Fact] // TIM-001, XEP-0202 §2, XEP-0082
    public async Task The_server_tells_its_time_and_offset()
    {
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Module<EntityTimeModule>();
            with.Time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromMinutes(-210), null, null));
        });
        await using var alice = await server.ConnectAsync("alice");

        var answer = await alice.AskAsync($"<iq type='get' to='{server.Domain}'><time xmlns='urn:xmpp:time'/></iq>");

        var time = answer.Child("time", "urn:xmpp:time")!.Value;
        Assert.Equal("2030-01-02T03:04:05Z", time.ChildText("utc"));
        Assert.Equal("-03:30", time.ChildText("tzo"));
    }

    [Fact] // TIM-001
    public async Task Nobody_sets_the_time()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<EntityTimeModule>());
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='set' id='1' to='{server.Domain}'><time xmlns='urn:xmpp:time'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }
}
