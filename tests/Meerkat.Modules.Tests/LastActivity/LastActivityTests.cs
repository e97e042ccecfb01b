using Meerkat.Modules.LastActivity;
using Meerkat.Modules.Roster;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.LastActivity;

public sealed class LastActivityTests
{
    private const string Forbidden = "<iq type='error'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";

    [Fact] // LST-001, XEP-0012 §4
    public async Task The_server_tells_how_long_it_has_been_up()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        server.Time.Advance(TimeSpan.FromSeconds(125));
        Fits("<iq type='result'><query xmlns='jabber:iq:last' seconds='125'/></iq>", await alice.AskAsync("<iq type='get' to='example.test'><query xmlns='jabber:iq:last'/></iq>"));
    }

    [Theory] // LST-001
    [InlineData("example.test")]
    [InlineData("bob@example.test")]
    [InlineData("alice@example.test")]
    public async Task Nobody_sets_it(string to)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        var answer = await alice.AskAsync($"<iq type='set' to='{to}'><query xmlns='jabber:iq:last'/></iq>");
        Fits("<iq type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>", answer);
    }

    [Theory] // LST-002: who sees the presence may ask
    [InlineData(SubscriptionState.From, true)]
    [InlineData(SubscriptionState.Both, true)]
    [InlineData(SubscriptionState.To, false)]
    [InlineData(SubscriptionState.PendingIn, false)]
    [InlineData(SubscriptionState.None, false)]
    public async Task Only_subscribers_may_ask_an_account_or_its_client(SubscriptionState state, bool allowed)
    {
        await using var server = await StartAsync(new FixedContacts().Add("bob@example.test", "alice@example.test", state));
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob", "r");
        var answer = await alice.AskAsync("<iq type='get' to='bob@example.test'><query xmlns='jabber:iq:last'/></iq>");
        Fits(allowed ? "<iq type='result'><query xmlns='jabber:iq:last' seconds='0'/></iq>" : Forbidden, answer);

        // LST-005
        await alice.SendAsync("<iq type='get' id='c' to='bob@example.test/r'><query xmlns='jabber:iq:last'/></iq>");
        if (allowed)
        {
            await bob.ExpectAsync($"<iq type='get' id='c' from='{alice.Jid}'><query xmlns='jabber:iq:last'/></iq>");
        }
        else
        {
            await alice.ExpectAsync(Forbidden);
            await bob.ExpectNothingAsync();
        }
    }

    [Fact] // LST-002, LST-005
    public async Task Without_a_roster_an_account_asks_only_itself()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<LastActivityModule>());
        await using var alice = await server.ConnectAsync("alice");
        await using var other = await server.ConnectAsync("alice", "other");
        await server.Accounts.AddAsync("bob@example.test", "secret");
        Fits(Forbidden, await alice.AskAsync("<iq type='get' to='bob@example.test'><query xmlns='jabber:iq:last'/></iq>"));
        Fits("<iq type='result'><query xmlns='jabber:iq:last' seconds='0'/></iq>", await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:last'/></iq>"));
        await alice.SendAsync($"<iq type='get' id='c' to='{other.Jid}'><query xmlns='jabber:iq:last'/></iq><iq type='get' id='d' to='{other.Jid}'><query xmlns='jabber:iq:version'/></iq>");
        await other.ExpectAsync("<iq id='c'/>");
        await other.ExpectAsync("<iq id='d'/>");
    }

    [Fact] // LST-003, LST-004
    public async Task Away_it_is_the_time_and_status_of_leaving_and_there_it_is_zero()
    {
        await using var server = await StartAsync(new FixedContacts().Add("bob@example.test", "alice@example.test", SubscriptionState.Both));
        await using var alice = await server.ConnectAsync("alice");
        const string Ask = "<iq type='get' to='bob@example.test'><query xmlns='jabber:iq:last'/></iq>";
        Fits("<iq type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>", await alice.AskAsync(Ask)); // never seen

        await using (var bob = await server.ConnectAsync("bob"))
        {
            await bob.BecomeAvailableAsync();
            await bob.BecomeAvailableAsync("<presence type='unavailable'><status>to lunch</status></presence>");
            server.Time.Advance(TimeSpan.FromSeconds(10));
            var there = await alice.AskAsync(Ask);
            Fits("<iq type='result'><query xmlns='jabber:iq:last' seconds='0'/></iq>", there);
            Assert.Equal("", there.FirstChild!.Value.Text);
            await PlainPresenceModule.EndAsync(server, bob);
        }

        server.Time.Advance(TimeSpan.FromSeconds(5));
        Fits("<iq type='result'><query xmlns='jabber:iq:last' seconds='15'>to lunch</query></iq>", await alice.AskAsync(Ask));
    }

    [Fact] // LST-004
    public async Task A_session_that_just_ends_is_remembered_too()
    {
        await using var server = await StartAsync(new FixedContacts().Add("bob@example.test", "alice@example.test", SubscriptionState.Both));
        await using var alice = await server.ConnectAsync("alice");
        await using (var bob = await server.ConnectAsync("bob"))
        {
            await bob.BecomeAvailableAsync();
            server.Time.Advance(TimeSpan.FromSeconds(10));
            await PlainPresenceModule.EndAsync(server, bob);
        }

        server.Time.Advance(TimeSpan.FromSeconds(7));
        Fits("<iq type='result'><query xmlns='jabber:iq:last' seconds='7'/></iq>", await alice.AskAsync("<iq type='get' to='bob@example.test'><query xmlns='jabber:iq:last'/></iq>"));
    }

    [Fact] // LST-004: a crash leaves no end of a session; who was there is known nevertheless
    public async Task Who_stays_is_noted_from_time_to_time()
    {
        await using var server = await StartAsync();
        var operations = server.Host.Operations<LastActivityOperations>()!;
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync("<presence type='unavailable'><status>to lunch</status></presence>");
        var left = server.Time.GetUtcNow();
        await alice.AskAsync("<iq type='get' to='example.test'><query xmlns='jabber:iq:last'/></iq>");
        for (var i = 1; i <= 2; i++)
        {
            server.Time.Advance(ActivitySweep.Interval);
            Assert.Equal(new LastSeen(server.Time.GetUtcNow(), ""), await operations.FindAsync(Xmpp.BareJid.Parse("alice@example.test"), CancellationToken.None));
            Assert.Equal(new LastSeen(left, "to lunch"), await operations.FindAsync(Xmpp.BareJid.Parse("bob@example.test"), CancellationToken.None)); // that it said itself
        }
    }

    [Fact] // LST-006, GQA-LAST-01 to GQA-LAST-05
    public async Task An_administrator_sees_who_was_active_and_removes_who_was_not()
    {
        await using var server = await StartAsync();
        var operations = server.Host.Operations<LastActivityOperations>()!;
        var now = server.Time.GetUtcNow();
        foreach (var name in new[] { "bob", "carol", "dan" })
        {
            await server.Accounts.AddAsync($"{name}@example.test", "secret");
        }

        await using var alice = await server.ConnectAsync("alice"); // is there
        Assert.Null(await operations.SetAsync(Xmpp.BareJid.Parse("nobody@example.test"), null, "", CancellationToken.None));
        Assert.Equal(new LastSeen(now, "x"), await operations.SetAsync(Xmpp.BareJid.Parse("bob@example.test"), null, "x", CancellationToken.None));
        Assert.Equal(new LastSeen(now.AddDays(-9), ""), await operations.SetAsync(Xmpp.BareJid.Parse("bob@example.test"), now.AddDays(-9), "", CancellationToken.None));
        await operations.SetAsync(Xmpp.BareJid.Parse("alice@example.test"), now.AddDays(-9), "", CancellationToken.None);
        await operations.SetAsync(Xmpp.BareJid.Parse("carol@example.test"), now.AddDays(-1), "", CancellationToken.None);

        Assert.Equal(1, await operations.CountActiveAsync("Example.Test", now.AddDays(-7), CancellationToken.None));
        Assert.Null(await operations.CountActiveAsync("elsewhere.test", now, CancellationToken.None));
        Assert.Null(await operations.ListOldAsync("elsewhere.test", now, CancellationToken.None));
        OldAccount[] old = [new(Xmpp.BareJid.Parse("bob@example.test"), now.AddDays(-9)), new(Xmpp.BareJid.Parse("dan@example.test"), null)];
        Assert.Equal(old, await operations.ListOldAsync("example.test", now.AddDays(-7), CancellationToken.None));
        Assert.Equal(old, await operations.RemoveOldAsync("example.test", now.AddDays(-7), CancellationToken.None));
        Assert.False(await server.Accounts.Store.ExistsAsync(old[0].Account, CancellationToken.None));
        Assert.Null(await operations.FindAsync(old[0].Account, CancellationToken.None)); // its data went too
        Assert.True(await server.Accounts.Store.ExistsAsync(Xmpp.BareJid.Parse("carol@example.test"), CancellationToken.None));
    }

    [Fact]
    public async Task The_feature_is_announced()
    {
        await using var server = await StartAsync();
        Assert.Contains("jabber:iq:last", server.Host.Features);
        Assert.Contains("jabber:iq:last", server.Host.AccountFeatures);
    }

    private static Task<TestServer> StartAsync(FixedContacts? contacts = null) => TestServer.StartAsync(with =>
        with.Module<LastActivityModule>().Module<PlainPresenceModule>().Module<FixedContactsModule>(contacts ?? new FixedContacts()));

    private static void Fits(string pattern, Xml.XmlElement element) =>
        Assert.True(TestClient.Fits(element, Xml.XmlElement.Parse(pattern, Xmpp.Ns.Client)), $"expected {pattern}\ngot      {element}");
}
