using Meerkat.Modules.ClientState;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Roster;
using Meerkat.Modules.StreamManagement;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Modules.Tests.Mam;
using Meerkat.Testing;
using Xunit;
using static Meerkat.Modules.Tests.StreamManagement.SmClient;

namespace Meerkat.Modules.Tests.StreamManagement;

/// <summary>What is kept for a client that is away, what is not, and where it goes when the client does not come back.</summary>
public sealed class KeptStanzasTests
{
    [Fact] // STM-012, CORE-224: subscription requests and roster pushes wait like everything else
    public async Task Requests_and_pushes_wait_for_a_client_that_is_away()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<StreamManagementModule>(new StreamManagementOptions { Ack = false }).Module<RosterModule>().Module<PresenceModule>());
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var desk = await server.ConnectAsync("alice", "desk");
        await using var bob = await server.ConnectAsync("bob");
        await alice.BecomeAvailableAsync();
        var id = await alice.EnableAsync();
        await server.LoseAsync(alice, "alice@example.test/phone");
        await bob.SendAsync("<presence type='subscribe' to='alice@example.test'/>");
        await bob.ReceiveAsync(element => element.Name == "iq"); // the push of the own roster: it was handled
        await desk.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='carol@example.test' name='Carol'/></query></iq>");

        await using var again = await server.LogInOnlyAsync("alice");
        await again.SendAsync($"<resume {Sm} previd='{id}' h='0'/>");
        await again.ExpectAsync($"<resumed {Sm} previd='{id}'/>");
        await again.ReceiveAsync(element => element.Attribute("type") == "subscribe" && element.Attribute("from") == "bob@example.test");
        await again.ReceiveAsync(element => element.Child("query", "jabber:iq:roster")?.FirstChild?.Attribute("jid") == "carol@example.test");
    }

    [Fact] // CORE-214, STM-012: a probe is neither shown, kept nor counted
    public async Task A_probe_is_not_counted()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<StreamManagementModule>(new StreamManagementOptions { Ack = false }).Module<RosterModule>().Module<PresenceModule>());
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var bob = await server.ConnectAsync("bob");
        await alice.BecomeAvailableAsync();
        await alice.EnableAsync();
        var session = await server.SessionAsync("alice@example.test/phone");
        await bob.SendAsync("<presence type='probe' to='alice@example.test/phone'/><presence type='probe' to='alice@example.test'/>");
        await bob.ExpectNothingAsync();
        Assert.Equal(0, session.Output.Unacknowledged);
        await bob.SendAsync("<message to='alice@example.test/phone' id='m'/>");

        await alice.ExpectAsync("<message id='m'/>");
        Assert.Equal(1, session.Output.Unacknowledged);
    }

    [Fact] // STM-016, XEP-0198 §9: an id cannot be guessed
    public async Task Ids_are_long_and_never_the_same()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<StreamManagementModule>());
        var ids = new HashSet<string>();
        for (var i = 0; i < 10; i++)
        {
            await using var alice = await server.ConnectAsync("alice", $"r{i}");
            ids.Add(await alice.EnableAsync());
        }

        Assert.Equal(10, ids.Count);
        Assert.All(ids, id => Assert.True(id.Length >= 16, id));
    }

    [Fact] // CORE-134, CORE-227, CSI-004: what an inactive client is not sent is not counted; when its connection is lost it is
    public async Task What_is_held_for_an_inactive_client_is_counted_when_it_leaves()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<StreamManagementModule>(new StreamManagementOptions { Ack = false }).Module<ClientStateModule>());
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var bob = await server.ConnectAsync("bob");
        await alice.EnableAsync();
        var session = await server.SessionAsync("alice@example.test/phone");
        await alice.SendAsync("<inactive xmlns='urn:xmpp:csi:0'/>");
        await alice.AskHandledAsync();
        await bob.SendAsync($"<message to='{alice.Jid}' id='1'/>");
        await bob.ExpectNothingAsync();
        Assert.Equal(0, session.Output.Unacknowledged);
        await alice.SendAsync("<active xmlns='urn:xmpp:csi:0'/>");
        await alice.ExpectAsync("<message id='1'/>");
        Assert.Equal(1, session.Output.Unacknowledged);
        await alice.SendAsync("<inactive xmlns='urn:xmpp:csi:0'/>");
        await alice.AskHandledAsync();
        await bob.SendAsync($"<message to='{alice.Jid}' id='2'/>");
        await bob.ExpectNothingAsync();
        await server.LoseAsync(alice, "alice@example.test/phone");

        Assert.Equal(2, session.Output.Unacknowledged);
    }

    [Fact] // CSI-004: without stream management what was held goes elsewhere
    public async Task What_is_held_for_an_inactive_client_goes_to_another_when_it_ends()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ClientStateModule>());
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var desk = await server.ConnectAsync("alice", "desk");
        await using var bob = await server.ConnectAsync("bob");
        var session = await server.SessionAsync("alice@example.test/phone");
        await alice.SendAsync("<inactive xmlns='urn:xmpp:csi:0'/><message to='example.test'/>");
        await Until(() => session.Watermark.Handled == 1);
        await bob.SendAsync($"<message to='{alice.Jid}' id='1'/><message to='{alice.Jid}' id='2'/>");
        await bob.ExpectNothingAsync();
        await alice.DropAsync();

        await desk.ExpectAsync("<message id='1'/>");
        await desk.ExpectAsync("<message id='2'/>");
        await desk.ExpectNothingAsync();
    }

    [Fact] // CORE-204, OFF-008: the archive has it already; offline storage gives it the same id and the time at which it came
    public async Task What_an_expired_session_leaves_is_archived_once_and_waits_under_the_same_id()
    {
        await using var server = await TestServer.StartAsync(with => with
            .Module<StreamManagementModule>(new StreamManagementOptions { Ack = false }).Module<OfflineModule>().Module<MamModule>(new MamOptions { Pm = new MamPmOptions() }).Module<PlainPresenceModule>());
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var bob = await server.ConnectAsync("bob");
        await alice.EnableAsync();
        await server.LoseAsync(alice, "alice@example.test/phone");
        await bob.SendAsync($"<message to='{alice.Jid}' type='chat' id='m'><body>b</body></message>");
        await bob.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(600));
        await Until(() => server.Context.Sessions.Count == 1);

        await using var back = await server.ConnectAsync("alice", "new");
        await back.SendAsync("<presence/>");
        var waited = await back.ExpectAsync("<message id='m'><body>b</body><delay xmlns='urn:xmpp:delay' stamp='2030-01-02T03:04:05Z'/></message>");
        await back.ReceiveAsync(element => element.Name == "presence");
        var archived = Assert.Single((await back.QueryAsync()).Ids);
        Assert.Equal(archived, waited.Child("stanza-id", "urn:xmpp:sid:0")?.Attribute("id"));
    }
}
