using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Modules.Disco;
using Meerkat.Modules.EntityTime;
using Meerkat.Modules.Muc;
using Meerkat.Modules.MucLight;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Roster;
using Meerkat.Modules.VCard;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Disco;

public sealed class DiscoTests
{
    private const string Info = "http://jabber.org/protocol/disco#info";
    private const string Items = "http://jabber.org/protocol/disco#items";

    [Fact] // DSC-001, DSC-005, XEP-0030 §3
    public async Task The_server_says_what_it_is_and_lists_what_it_serves_sorted_and_once()
    {
        await using var server = await StartAsync(with => with.Module<EntityTimeModule>());
        await using var alice = await server.ConnectAsync("alice");

        var query = (await alice.AskAsync($"<iq type='get' to='{server.Domain}'><query xmlns='{Info}'/></iq>")).Child("query", Info)!.Value;

        var identity = query.Child("identity", Info)!.Value;
        Assert.Equal(("server", "im", "Meerkat"), (identity.Attribute("category"), identity.Attribute("type"), identity.Attribute("name")));
        string[] features = [.. query.Children.Where(child => child.Name == "feature").Select(child => child.Attribute("var")!)];
        Assert.Equal(["http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items", "iq", "presence", "urn:xmpp:time"], features);
        Assert.Null(query.Child("x", "jabber:x:data"));
    }

    [Fact] // DSC-001, DSC-004, XEP-0157
    public async Task Contact_addresses_are_shown_by_the_services_that_are_named_or_by_all()
    {
        var options = new DiscoOptions
        {
            ServerInfo =
            [
                new ServerInfoOptions { Name = "abuse-addresses", Urls = ["mailto:abuse@example.test", "xmpp:abuse@example.test"] },
                new ServerInfoOptions { Name = "admin-addresses", Urls = ["xmpp:admin@example.test"], Modules = ["mod_disco"] },
                new ServerInfoOptions { Name = "sales-addresses", Urls = ["xmpp:sales@example.test"], Modules = ["mod_service"] },
            ],
        };
        await using var server = await TestServer.StartAsync(with => with.Module<DiscoModule>(options));
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='get' id='1' to='{server.Domain}'><query xmlns='{Info}'/></iq>");
        var answer = await alice.ExpectAsync($"""
            <iq type='result' id='1'><query xmlns='{Info}'><x xmlns='jabber:x:data' type='result'>
            <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/network/serverinfo</value></field>
            <field var='abuse-addresses'><value>mailto:abuse@example.test</value><value>xmpp:abuse@example.test</value></field>
            <field var='admin-addresses'><value>xmpp:admin@example.test</value></field></x></query></iq>
            """);
        Assert.DoesNotContain("sales", answer.ToString(), StringComparison.Ordinal);

        var service = ((IDisco)server.Host.Modules["mod_disco"]).ContactAddresses("mod_service")!;
        Assert.Equal(["abuse-addresses", "sales-addresses"], service.Fields.Skip(1).Select(field => field.Var));
    }

    [Fact] // DSC-004: by every service that there is, not only by those that somebody thought of
    public async Task Every_service_shows_the_contact_addresses_that_are_its_own()
    {
        (string Module, string Address)[] services = [("mod_muc", "conference"), ("mod_muc_light", "muclight"), ("mod_vcard", "vjud")];
        var options = new DiscoOptions
        {
            ServerInfo = [.. services.Select(service => new ServerInfoOptions { Name = $"{service.Address}-addresses", Urls = [$"xmpp:{service.Address}@example.test"], Modules = [service.Module] })],
        };
        await using var server = await TestServer.StartAsync(with =>
            with.Module<DiscoModule>(options).Module<RosterModule>().Module<PresenceModule>().Module<MucModule>().Module<MucLightModule>().Module<VCardModule>());
        await using var alice = await server.ConnectAsync("alice");
        foreach (var (module, address) in services)
        {
            await alice.SendAsync($"<iq type='get' id='{address}' to='{address}.{server.Domain}'><query xmlns='{Info}'/></iq>");
            var answer = await alice.ExpectAsync($"<iq type='result' id='{address}'/>");
            var form = answer.FirstChild!.Value.Children.Single(child => child.Is("x", "jabber:x:data") && child.ToString().Contains("serverinfo", StringComparison.Ordinal)).ToString();
            Assert.Equal(services.Select(service => service.Module == module), services.Select(service => form.Contains($"'{service.Address}-addresses'", StringComparison.Ordinal)));
        }
    }

    [Theory] // DSC-001
    [InlineData(Info)]
    [InlineData(Items)]
    public async Task An_unknown_node_of_the_server_is_not_found_and_nothing_is_set(string ns)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='get' id='1' to='{server.Domain}'><query xmlns='{ns}' node='what'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await alice.SendAsync($"<iq type='set' id='2' to='{server.Domain}'><query xmlns='{ns}'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='2'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // DSC-002
    public async Task The_servers_items_are_its_services_and_the_extra_domains()
    {
        await using var server = await TestServer.StartAsync(with => with
            .Module<DiscoModule>(new DiscoOptions { ExtraDomains = ["extra.test"] })
            .Module<EchoModule>());
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='get' id='1' to='{server.Domain}'><query xmlns='{Items}'/></iq>");
        await alice.ExpectAsync($"<iq type='result' id='1'><query xmlns='{Items}'><item jid='echo.example.test' name='Echo'/><item jid='extra.test'/></query></iq>");
    }

    [Fact] // XEP-0030 §3.1
    public async Task A_service_answers_for_itself()
    {
        await using var server = await TestServer.StartAsync(with => with
            .Module<DiscoModule>(new DiscoOptions { ServerInfo = [new ServerInfoOptions { Name = "abuse-addresses", Urls = ["xmpp:a@example.test"] }] })
            .Module<EchoModule>());
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='get' id='1' to='echo.example.test'><query xmlns='{Info}'/></iq>");
        await alice.ExpectAsync($"""
            <iq type='result' id='1'><query xmlns='{Info}'><identity category='component' type='generic' name='Echo'/>
            <feature var='{Info}'/><feature var='{Items}'/><x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'/><field var='abuse-addresses'/></x></query></iq>
            """);
        await alice.SendAsync($"<iq type='get' id='2' to='echo.example.test'><query xmlns='{Items}'/></iq>");
        await alice.ExpectAsync($"<iq type='result' id='2'><query xmlns='{Items}'/></iq>");
        await alice.SendAsync($"<iq type='get' id='3' to='echo.example.test'><query xmlns='{Info}' node='what'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='3'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await alice.SendAsync($"<iq type='set' id='4' to='echo.example.test'><query xmlns='{Info}'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='4'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // DSC-003
    public async Task An_account_tells_itself_what_it_is_and_which_resources_are_connected()
    {
        await using var server = await StartAsync();
        await using var desk = await server.ConnectAsync("alice", "desk");
        await using var phone = await server.ConnectAsync("alice", "phone");

        await desk.SendAsync($"<iq type='get' id='1' to='{desk.BareJid}'><query xmlns='{Info}'/></iq>");
        await desk.ExpectAsync($"<iq type='result' id='1'><query xmlns='{Info}'><identity category='account' type='registered'/><feature var='{Info}'/></query></iq>");
        await desk.SendAsync($"<iq type='get' id='2' to='{desk.BareJid}'><query xmlns='{Items}'/></iq>");
        await desk.ExpectAsync($"<iq type='result' id='2'><query xmlns='{Items}'><item jid='{desk.Jid}' name='alice'/><item jid='{phone.Jid}' name='alice'/></query></iq>");
        await desk.SendAsync($"<iq type='get' id='3' to='{desk.BareJid}'><query xmlns='{Info}' node='what'/></iq>");
        await desk.ExpectAsync("<iq type='error' id='3'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // DSC-003, DSC-006
    public async Task A_stranger_learns_nothing_of_an_account()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        var refused = "<iq type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";

        await bob.SendAsync($"<iq type='get' id='1' to='{alice.BareJid}'><query xmlns='{Info}'/></iq>");
        await bob.ExpectAsync(refused);
        await bob.SendAsync($"<iq type='get' id='2' to='{alice.BareJid}'><query xmlns='{Info}' node='what'/></iq>");
        await bob.ExpectAsync(refused);
        await bob.SendAsync($"<iq type='get' id='3' to='{alice.BareJid}'><query xmlns='{Items}' node='what'/></iq>");
        await bob.ExpectAsync(refused);
        var items = await bob.AskAsync($"<iq type='get' to='{alice.BareJid}'><query xmlns='{Items}'/></iq>");
        Assert.Empty(items.Child("query", Items)!.Value.Children.ToArray());
    }

    [Fact] // DSC-003: the requester's roster is the one that counts, whichever direction it says
    public async Task Who_has_the_account_in_the_own_roster_with_a_subscription_is_told()
    {
        await using var server = await StartAsync(with => with.Module<RosterModule>().Module<PresenceModule>());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.AskAsync($"<iq type='set'><query xmlns='jabber:iq:roster'><item jid='{alice.BareJid}'/></query></iq>");
        var none = await bob.AskAsync($"<iq type='get' to='{alice.BareJid}'><query xmlns='{Info}'/></iq>");
        Assert.Equal("error", none.Attribute("type"));

        // She grants what he asked for.
        await bob.SendAsync($"<presence type='subscribe' to='{alice.BareJid}'/>");
        await bob.ReceiveAsync(element => element.Child("query", "jabber:iq:roster")?.FirstChild?.Attribute("ask") == "subscribe");
        await alice.SendAsync($"<presence type='subscribed' to='{bob.BareJid}'/>");
        await bob.ReceiveAsync(element => element.Child("query", "jabber:iq:roster")?.FirstChild?.Attribute("subscription") == "to");

        await bob.SendAsync($"<iq type='get' id='1' to='{alice.BareJid}'><query xmlns='{Info}'/></iq>");
        await bob.ReceiveAsync(element => TestClient.Fits(element, XmlElement.Parse(
            $"<iq type='result' id='1'><query xmlns='{Info}'><identity category='account' type='registered'/></query></iq>", Ns.Client)));
    }

    private static Task<TestServer> StartAsync(Action<TestServerBuilder>? more = null) => TestServer.StartAsync(with =>
    {
        with.Module<DiscoModule>();
        more?.Invoke(with);
    });
}

/// <summary>A service for the tests.</summary>
[Module("mod_echo"), Uses("mod_disco")]
public sealed class EchoModule(Router router, IDisco? disco) : IModule, IService
{
    private readonly ServiceDisco _disco = new("mod_echo", new DiscoInfo([new DiscoIdentity("component", "generic", "Echo")], []), disco);

    /// <inheritdoc/>
    public string? Name => "Echo";

    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => on.Service("echo.@HOST@", this);

    /// <inheritdoc/>
    public ValueTask HandleAsync(Stanza stanza, CancellationToken ct) =>
        stanza is Iq iq && _disco.TryAnswer(iq) is { } answer ? router.RouteAsync(answer, ct) : ValueTask.CompletedTask;
}
