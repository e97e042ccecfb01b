using Meerkat.Modules.Tests.Blocking;
using Meerkat.Modules.Tests.Roster;
using Xunit;

namespace Meerkat.Modules.Tests.Presences;

/// <summary>Whom a session's presence goes to, and who comes to that and leaves it (CORE-157, CORE-163, CORE-167).</summary>
public sealed class AvailableSetTests
{
    [Theory] // CORE-157: to nobody, or to the own account, whichever resource
    [InlineData("")]
    [InlineData(" to='alice@example.test'")]
    [InlineData(" to='alice@example.test/elsewhere'")]
    public async Task Presence_to_oneself_is_broadcast(string to)
    {
        await using var server = await RosterTests.StartAsync();
        var (alice, bob) = await PresenceTests.FriendsAsync(server);
        await alice.SendAsync($"<presence{to}><show>away</show></presence>");
        await bob.ExpectAsync("<presence from='alice@example.test/a'><show>away</show></presence>");
        await alice.SendAsync($"<presence type='unavailable'{to}/>");

        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
    }

    [Theory] // CORE-167: who went, or answered with an error, is out of the set; both are shown to the client
    [InlineData("unavailable")]
    [InlineData("error")]
    public async Task Who_went_is_not_told_of_the_end(string type)
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.SendAsync($"<presence to='{bob.Jid}'/>");
        await bob.ExpectAsync($"<presence from='{alice.Jid}'/>");
        await bob.SendAsync($"<presence type='{type}' to='{alice.Jid}'/>");
        await alice.ExpectAsync($"<presence type='{type}' from='{bob.Jid}'/>");
        await alice.SendAsync("<presence type='unavailable'/>");
        await alice.ExpectNothingAsync();

        await bob.ExpectNothingAsync();
    }

    [Fact] // CORE-167: a subscriber that comes is in the set again, after directed unavailable too
    public async Task A_subscriber_that_comes_gets_broadcasts_again()
    {
        await using var server = await RosterTests.StartAsync();
        var (alice, bob) = await PresenceTests.FriendsAsync(server);
        await alice.SendAsync("<presence type='unavailable' to='bob@example.test'/>");
        await bob.ExpectAsync("<presence type='unavailable' from='alice@example.test/a'/>");
        await alice.BecomeAvailableAsync("<presence><show>away</show></presence>");
        await bob.ExpectNothingAsync();
        await bob.SendAsync("<presence to='alice@example.test/a'/>");
        await alice.ExpectAsync("<presence from='bob@example.test/b'/>");
        await alice.SendAsync("<presence><show>xa</show></presence>");

        await bob.ExpectAsync("<presence from='alice@example.test/a'><show>xa</show></presence>");
    }

    [Fact] // CORE-145, ROU-005: presence to a resource that is not there is dropped
    public async Task Presence_to_a_missing_resource_vanishes()
    {
        await using var server = await RosterTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<presence to='bob@example.test/gone'/><presence to='nobody@example.test/gone'/>");

        await alice.ExpectNothingAsync();
        await bob.ExpectNothingAsync();
    }

    [Fact] // ROU-006: the default list first, then the roster, and only then clients
    public async Task A_request_that_the_default_list_denies_never_reaches_the_roster()
    {
        await using var server = await BlockingTests.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await bob.BecomeAvailableAsync();
        await bob.AskAsync("<iq type='set'><block xmlns='urn:xmpp:blocking'><item jid='alice@example.test'/></block></iq>");
        await alice.SendAsync("<presence type='subscribe' to='bob@example.test'/>");
        await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        await bob.AskAsync("<iq type='set'><unblock xmlns='urn:xmpp:blocking'/></iq>");
        await bob.BecomeAvailableAsync(); // a request that waits would come now (CORE-161)

        await bob.ExpectNothingAsync();
        Assert.Empty(await RosterTests.ItemsAsync(bob));
    }
}
