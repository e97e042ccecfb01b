using Meerkat.Modules.PrivateStorage;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.PrivateStorage;

public sealed class PrivateStorageTests
{
    [Fact] // XEP-0049 §2, PXM-002
    public async Task A_stored_fragment_comes_back_unchanged()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<PrivateStorageModule>());
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync("<iq type='set' id='1'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
        await alice.ExpectAsync("<iq type='result' id='1'/>");
        await alice.SendAsync("<iq type='get' id='2'><query xmlns='jabber:iq:private'><n xmlns='app:n'/></query></iq>");
        await alice.ExpectAsync("<iq type='result' id='2'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
    }

    [Fact] // XEP-0049 §2.3, PXM-001
    public async Task Nobody_reads_what_another_account_stored()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<PrivateStorageModule>());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");

        await bob.SendAsync($"<iq type='get' id='1' to='{alice.BareJid}'><query xmlns='jabber:iq:private'><n xmlns='app:n'/></query></iq>");
        await bob.ExpectAsync("<iq type='error' id='1'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }
}
