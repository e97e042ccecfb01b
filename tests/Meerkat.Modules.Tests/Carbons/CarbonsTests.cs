using Meerkat.Modules.Carbons;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.Carbons;

public sealed class CarbonsTests
{
    private const string Enable = "<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>";

    [Theory] // CORE-230, CORE-231, CRB-002, CRB-004: what is copied to the sender's other client, and to the recipient's
    [InlineData("type='chat'", "<body>x</body>", true, true)]
    [InlineData("type='chat'", "", true, true)]
    [InlineData("", "<body>x</body>", true, true)]
    [InlineData("", "<received xmlns='urn:xmpp:receipts' id='1'/>", true, true)]
    [InlineData("", "<composing xmlns='http://jabber.org/protocol/chatstates'/>", true, true)]
    [InlineData("", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", true, true)]
    [InlineData("", "<x xmlns='jabber:x:conference' jid='r@c'/>", false, true)]
    [InlineData("", "<x xmlns='http://jabber.org/protocol/muc#user'><invite/></x>", false, true)]
    [InlineData("", "<x xmlns='http://jabber.org/protocol/muc#user'/>", false, true)]
    [InlineData("", "<subject>x</subject>", false, false)]
    [InlineData("type='headline'", "<body>x</body>", false, false)]
    [InlineData("type='groupchat'", "<body>x</body>", false, false)]
    [InlineData("type='chat'", "<body>x</body><private xmlns='urn:xmpp:carbons:2'/>", false, false)]
    [InlineData("type='chat'", "<body>x</body><private xmlns='urn:xmpp:carbons:1'/>", false, false)]
    [InlineData("type='chat'", "<body>x</body><no-copy xmlns='urn:xmpp:hints'/>", false, false)]
    public async Task What_is_copied(string type, string payload, bool sent, bool received)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<CarbonsModule>());
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var alice2 = await server.ConnectAsync("alice", "b");
        await using var bob = await server.ConnectAsync("bob", "a");
        await using var bob2 = await server.ConnectAsync("bob", "b");
        await alice2.AskAsync(Enable);
        await bob2.AskAsync(Enable);
        await alice.SendAsync($"<message to='{bob.Jid}' {type}>{payload}</message>");
        await bob.ExpectAsync($"<message from='{alice.Jid}'/>");
        await alice.ExpectNothingAsync();
        foreach (var (client, direction, expected) in new[] { (alice2, "sent", sent), (bob2, "received", received) })
        {
            if (expected)
            {
                await client.ExpectAsync($"<message from='{client.BareJid}' to='{client.Jid}' {type}><{direction} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{alice.Jid}' to='{bob.Jid}'/></forwarded></{direction}></message>");
            }

            await client.ExpectNothingAsync();
        }
    }

    [Fact] // CORE-232, CRB-003, CRB-004: a message to the bare JID reaches equals directly; version 1 has its own form
    public async Task A_message_to_the_account_is_copied_to_nobody_who_got_it()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<CarbonsModule>());
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var old = await server.ConnectAsync("alice", "b");
        await using var bob = await server.ConnectAsync("bob");
        await alice.AskAsync(Enable);
        await old.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:1'/></iq>");
        await bob.SendAsync("<message to='alice@example.test' type='chat'><body>1</body></message>");
        await alice.ExpectAsync("<message><body>1</body></message>");
        await old.ExpectAsync("<message><body>1</body></message>");
        await bob.SendAsync($"<message to='{alice.Jid}' type='chat'><body>2</body></message>");
        await alice.ExpectAsync("<message><body>2</body></message>");
        await old.ExpectAsync("<message><received xmlns='urn:xmpp:carbons:1'/><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>2</body></message></forwarded></message>");
        await alice.ExpectNothingAsync();
        await old.ExpectNothingAsync();
    }

    [Theory] // CORE-229, CRB-001
    [InlineData("<iq type='set'><disable xmlns='urn:xmpp:carbons:2'/></iq>", "result")]
    [InlineData("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>", "result")]
    [InlineData("<iq type='get'><enable xmlns='urn:xmpp:carbons:2'/></iq>", "error")]
    [InlineData("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'><x/></enable></iq>", "error")]
    [InlineData("<iq type='set'><other xmlns='urn:xmpp:carbons:2'/></iq>", "error")]
    public async Task Switching_is_idempotent_and_exact(string iq, string type)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<CarbonsModule>());
        await using var alice = await server.ConnectAsync("alice");
        Assert.Equal(type, (await alice.AskAsync(iq)).Attribute("type"));
        Assert.Equal(type, (await alice.AskAsync(iq)).Attribute("type"));
    }
}
