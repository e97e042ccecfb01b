using Meerkat.Modules.ClientState;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.ClientState;

public sealed class ClientStateTests
{
    [Fact] // CORE-226, CSI-002, CSI-003
    public async Task An_inactive_client_gets_nothing_until_it_is_too_much_or_it_is_active_again()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ClientStateModule>(new ClientStateOptions { BufferMax = 2 }));
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync("<inactive xmlns='urn:xmpp:csi:0'/><iq type='get' id='q' to='example.test/none'><q xmlns='x:q'/></iq>"); // the answer is held as well: one
        await SmWait(server, alice.Jid);
        await bob.SendAsync($"<message to='{alice.Jid}'><body>1</body></message><message to='{alice.Jid}'><body>2</body></message><message to='{alice.Jid}'><body>3</body></message>");
        await alice.ExpectAsync("<iq id='q'/>");
        await alice.ExpectAsync("<message><body>1</body></message>");
        await alice.ExpectAsync("<message><body>2</body></message>");
        await bob.ExpectNothingAsync(); // three is held still
        await alice.SendAsync("<active xmlns='urn:xmpp:csi:0'/>");
        await alice.ExpectAsync("<message><body>3</body></message>");
        await alice.ExpectNothingAsync();
    }

    [Fact] // CORE-060, CORE-061, CSI-001
    public async Task It_is_announced_before_and_after_authentication()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ClientStateModule>());
        await server.Accounts.AddAsync("alice@example.test", "secret");
        var client = server.Open();
        Assert.NotNull((await client.OpenStreamAsync()).Child("csi", "urn:xmpp:csi:0"));
        await client.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>");
        await client.ExpectAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        Assert.NotNull((await client.OpenStreamAsync()).Child("csi", "urn:xmpp:csi:0"));
    }

    [Fact] // CORE-225
    public async Task Another_child_is_a_bad_request()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ClientStateModule>());
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<sleepy xmlns='urn:xmpp:csi:0'/>");
        await alice.ExpectAsync("<sleepy xmlns='urn:xmpp:csi:0' type='error'><error xmlns='jabber:client' type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></sleepy>");
    }

    // The client is told nothing of its being inactive; the server has to be asked.
    private static async Task SmWait(TestServer server, string jid)
    {
        var session = await StreamManagement.SmClient.SessionAsync(server, jid);
        await StreamManagement.SmClient.Until(() => session.Watermark.Handled >= 1);
    }
}
