using Meerkat.Modules.DomainIsolation;
using Meerkat.Modules.EntityTime;
using Meerkat.Modules.Muc;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Roster;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.DomainIsolation;

/// <summary>Traffic within a domain, and none between domains (DIS-001 to DIS-003, CORE-250).</summary>
public sealed class DomainIsolationTests
{
    private const string Text = "Filtered by the domain isolation";
    private const string Muc = "<x xmlns='http://jabber.org/protocol/muc'/>";

    [Theory] // DIS-001, DIS-002: every kind of stanza; between two static hosts and between two domains of one host type
    [InlineData("one.test", "two.test")]
    [InlineData("added1.test", "added2.test")]
    [InlineData("one.test", "added1.test")]
    public async Task What_goes_to_another_domain_comes_back(string here, string there)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "r", here);
        await using var bob = await server.ConnectAsync("bob", "r", there);
        await bob.BecomeAvailableAsync();
        await alice.BecomeAvailableAsync(); // the answer to a subscription goes to the account

        foreach (var stanza in (string[])
        [
            $"<message to='{bob.Jid}' id='1' type='chat'><body>hi</body></message>", $"<message to='bob@{there}' id='1'><body>hi</body></message>", $"<presence to='bob@{there}' id='1' type='subscribe'/>",
            $"<presence to='{bob.Jid}' id='1'/>", $"<iq to='{bob.Jid}' id='1' type='get'><q xmlns='x:y'/></iq>", $"<iq to='{there}' id='1' type='get'><time xmlns='urn:xmpp:time'/></iq>",
            $"<presence to='den@conference.{there}/alice' id='1'>{Muc}</presence>",
        ])
        {
            await alice.SendAsync(stanza);
            var error = (await alice.ReceiveAsync(element => element.Attribute("type") == "error")).ToString();
            Assert.Contains("<service-unavailable ", error);
            Assert.Contains("type=\"cancel\"", error.Replace('\'', '"'));
            Assert.Contains(Text, error);
        }

        await bob.ExpectNothingAsync();
    }

    [Fact] // DIS-002: no error answers an error
    public async Task An_error_is_dropped_without_a_word()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "r", "one.test");
        await using var bob = await server.ConnectAsync("bob", "r", "two.test");
        await alice.SendAsync($"<message to='{bob.Jid}' type='error' id='1'/><presence to='{bob.Jid}' type='error' id='2'/><iq to='{bob.Jid}' type='result' id='3'/>");
        await alice.ExpectNothingAsync();
        await bob.ExpectNothingAsync();
    }

    [Theory] // DIS-003: a service belongs to its domain, both ways
    [InlineData("one.test")]
    [InlineData("added1.test")]
    public async Task Within_a_domain_and_its_services_everything_passes(string here)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "r", here);
        await using var bob = await server.ConnectAsync("bob", "r", here);
        await alice.SendAsync($"<message to='{bob.Jid}' id='1'><body>hi</body></message>");
        await bob.ExpectAsync("<message id='1'><body>hi</body></message>");
        Assert.Equal("result", (await alice.AskAsync($"<iq to='{here}' type='get'><time xmlns='urn:xmpp:time'/></iq>")).Attribute("type"));
        await alice.SendAsync($"<presence to='den@conference.{here}/ally'>{Muc}</presence>");
        await alice.ExpectAsync($"<presence from='den@conference.{here}/ally'/>");
        await bob.SendAsync($"<message to='{alice.BareJid}'><body>and back</body></message>");
    }

    [Fact] // CORE-250: an isolated domain keeps to itself, whatever the other one minds; where both mind nothing, nothing is minded
    public async Task Whom_a_host_type_does_not_isolate_it_does_not_touch()
    {
        await using var server = await TestServer.StartAsync(with => with.Domains = ["one.test", "two.test"]);
        await using var alice = await server.ConnectAsync("alice", "r", "one.test");
        await using var bob = await server.ConnectAsync("bob", "r", "two.test");
        await alice.SendAsync($"<message to='{bob.Jid}' id='1'><body>hi</body></message>");
        await bob.ExpectAsync("<message id='1'/>");
    }

    [Fact] // a roster from before the isolation tells nobody anything
    public async Task Presence_does_not_cross_by_an_old_subscription()
    {
        await using var server = await StartAsync();
        foreach (var (host, owner, contact) in ((string, string, string)[])[("one.test", "alice@one.test", "bob@two.test"), ("two.test", "bob@two.test", "alice@one.test")])
        {
            Assert.True(server.Context.Domains.TryFindAccounts(host, out var domain));
            await server.Accounts.AddAsync(owner, "secret");
            await server.Accounts.AddAsync(contact, "secret");
            await domain.Host.Operations<RosterOperations>()!.SubscribeAsync(BareJid.Parse(owner), BareJid.Parse(contact), PresenceType.Subscribe, CancellationToken.None);
        }

        await using var bob = await server.ConnectAsync("bob", "r", "two.test");
        await bob.BecomeAvailableAsync();
        await using var alice = await server.ConnectAsync("alice", "r", "one.test");
        await alice.BecomeAvailableAsync();
        await bob.ExpectNothingAsync();
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync(with =>
        {
            with.Domains = ["one.test", "two.test"];
            with.HostTypes = ["free"];
            with.Module<DomainIsolationModule>().Module<MucModule>().Module<EntityTimeModule>().Module<PresenceModule>().Module<RosterModule>();
        });
        await server.Dynamic.AddAsync("added1.test", "free", CancellationToken.None);
        await server.Dynamic.AddAsync("added2.test", "free", CancellationToken.None);
        return server;
    }
}
