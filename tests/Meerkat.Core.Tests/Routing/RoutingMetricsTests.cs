using Meerkat.Core.Accounts;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Routing;

/// <summary>What is counted of routing and of authentication. Metrics are the whole process's: nothing else runs meanwhile.</summary>
[CollectionDefinition("metrics", DisableParallelization = true)]
public sealed class MetricsCollection;

/// <summary>CORE-136, CORE-138, CORE-154, AUTH-020.</summary>
[Collection("metrics")]
public sealed class RoutingMetricsTests
{
    [Fact] // CORE-154: the error keeps the children and the id
    public async Task A_message_that_comes_back_is_a_bounce()
    {
        using var meter = new TestMeter();
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='nobody@example.test' id='m'><body>b</body><x xmlns='urn:x'/></message>");

        await alice.ExpectAsync($"<message type='error' id='m' from='nobody@example.test' to='{alice.Jid}'><error/><body>b</body><x xmlns='urn:x'/></message>");
        Assert.Equal(1, meter.Sum("meerkat.messages.bounced"));
    }

    [Fact] // CORE-136, CORE-138: what is served here goes first; what nobody takes is counted and, unlike in the reference without S2S, answered
    public async Task A_stanza_without_a_route_is_counted_and_answered()
    {
        using var meter = new TestMeter();
        await using var server = await TestServer.StartAsync(with => with.Domains = ["example.test", "other.test"]);
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob", "b", "other.test");
        await alice.SendAsync($"<message to='{bob.Jid}' id='1'/>");
        await bob.ExpectAsync("<message id='1'/>");
        Assert.Equal(0, meter.Sum("meerkat.router.no_route"));
        await alice.SendAsync("<message to='bob@elsewhere.test' id='2'/>");

        await alice.ExpectAsync($"<message type='error' id='2'><error><remote-server-not-found xmlns='{Ns.StanzaErrors}'/></error></message>");
        Assert.Equal(1, meter.Sum("meerkat.router.no_route"));
    }

    [Fact] // AUTH-020: by host type; times in microseconds
    public async Task Authentication_is_counted_by_host_type()
    {
        using var meter = new TestMeter();
        var ct = TestContext.Current.CancellationToken;
        await using var server = await TestServer.StartAsync(with => with.Domains = ["counted.test"]);
        await server.Accounts.AddAsync("alice@counted.test", "secret");
        await using var alice = server.Open();
        await alice.LogInAsync("alice", "counted.test", "secret");
        var chain = server.Host.Auth;
        var (ann, bob) = (BareJid.Parse("ann@counted.test"), BareJid.Parse("bob@counted.test"));
        await chain.CheckPasswordAsync(BareJid.Parse("alice@counted.test"), "wrong", ct);
        await chain.ExistsAsync(bob, ct);
        Assert.Equal(AccountResult.Ok, await chain.Accounts.RegisterAsync(ann, "p", ct));
        Assert.Equal(AccountResult.Ok, await chain.Accounts.RemoveAsync(ann, ct));

        Assert.Equal(1, meter.Count("auth_authorize", "counted.test"));
        Assert.True(meter.Count("auth_check_password", "counted.test") >= 1);
        Assert.True(meter.Count("auth_does_user_exist", "counted.test") >= 1);
        Assert.Equal(1, meter.Count("auth_try_register", "counted.test"));
        Assert.Equal(1, meter.Sum("auth_register_user", "counted.test"));
        Assert.Equal(1, meter.Sum("auth_unregister_user", "counted.test"));
        Assert.Equal(0, meter.Count("auth_authorize", "elsewhere.test"));
    }

    [Fact] // AUTH-020
    public async Task Anonymous_accounts_that_come_and_go_are_counted()
    {
        using var meter = new TestMeter();
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Domains = ["anonymous.test"];
            with.Auth = new AuthOptions { Anonymous = new AnonymousAuthOptions() };
        });
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='ANONYMOUS'/>");
        await client.ExpectAsync($"<success xmlns='{Ns.Sasl}'/>");
        await client.OpenStreamAsync();
        await client.BindAsync();
        Assert.Equal((1, 0), (meter.Sum("auth_anonymous_register_user", "anonymous.test"), meter.Sum("auth_anonymous_unregister_user", "anonymous.test")));
        await client.SendAsync("</stream:stream>");
        await client.ExpectEndAsync();

        Assert.Equal(1, meter.Sum("auth_anonymous_unregister_user", "anonymous.test"));
    }
}
