using Meerkat.Modules.MucLight;
using Meerkat.Modules.Privacy;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.Tests.MucLight.MucLightFixture;

namespace Meerkat.Modules.Tests.MucLight;

/// <summary>The service in XEP-0045's language (MUL-070 to MUL-075).</summary>
public sealed class MucLightLegacyTests
{
    [Theory] // MUL-070
    [InlineData(false, "owner", "moderator")]
    [InlineData(true, "member", "participant")]
    public async Task A_presence_creates_a_room(bool equal, string affiliation, string role)
    {
        await using var server = await StartAsync(new MucLightOptions { LegacyMode = true, EqualOccupants = equal });
        await using var alice = await server.ComeAsync("alice");

        await JoinAsync(alice, Coven + "/witch");

        var welcome = await alice.ExpectAsync($"<presence from='{Coven}/alice@example.test' to='{alice.Jid}'><x xmlns='{Ns.MucUser}'><item affiliation='{affiliation}' role='{role}'/><status code='110'/><status code='201'/></x></presence>");
        Assert.Null(welcome.Attribute("type"));
    }

    [Fact] // MUL-070
    public async Task A_room_that_is_there_cannot_be_joined_by_presence()
    {
        await using var server = await LegacyAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await JoinAsync(alice, Coven + "/witch");
        await alice.ReceiveAsync();

        await JoinAsync(bob, Coven + "/bob");

        await bob.ExpectAsync($"<presence type='error' from='{Coven}/bob'><error type='auth'><registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error><x xmlns='{Ns.Muc}'/></presence>");
        await alice.ExpectNothingAsync();
    }

    [Fact] // MUL-070
    public async Task Other_presences_and_the_other_language_do_nothing()
    {
        await using var server = await LegacyAsync();
        await using var alice = await server.ComeAsync("alice");

        await alice.SendAsync($"<presence to='{Coven}/a'/>");
        await alice.SendAsync($"<presence to='{Coven}/a' type='unavailable'><x xmlns='{Ns.Muc}'/></presence>");
        await alice.SendAsync($"<presence to='{Coven}'><x xmlns='{Ns.Muc}'/></presence>");
        await alice.SendAsync($"<presence to='{Service}/a'><x xmlns='{Ns.Muc}'/></presence>");
        AssertError(await alice.AskAsync($"<iq type='set' to='{Coven}'><query xmlns='{Ns.MucLightCreate}'/></iq>"), NotFound);
        AssertError(await alice.AskAsync($"<iq type='set' to='{Service}'><query xmlns='{Ns.MucLightCreate}'/></iq>"), "feature-not-implemented"); // no unique names

        await alice.ExpectNothingAsync();
    }

    [Fact] // MUL-071, MUL-010
    public async Task A_subject_is_configuration_and_the_rest_is_said()
    {
        await using var server = await LegacyAsync();
        await using var alice = await server.ComeAsync("alice");
        await JoinAsync(alice, Coven + "/witch");
        await alice.ReceiveAsync();

        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='s'><subject>Fire burn</subject></message>");
        var changed = await alice.ExpectAsync($"<message from='{Coven}' to='alice@example.test' type='groupchat' id='s'><subject>Fire burn</subject></message>");
        Assert.Single(changed.Children);
        await alice.SendAsync($"<message to='{Coven}' type='groupchat' id='m'><subject>both</subject><body>said</body></message>");
        await alice.ExpectAsync($"<message from='{Coven}/alice@example.test' type='groupchat' id='m'><subject>both</subject><body>said</body></message>");

        await alice.SendAsync($"<iq type='get' id='f' to='{Coven}'><query xmlns='{Ns.MucOwner}'/></iq>");
        await alice.ExpectAsync(
            $"""
            <iq type='result' id='f'><query xmlns='{Ns.MucOwner}'><x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>{Ns.MucRoomConfig}</value></field>
            <field var='roomname' type='text-single'><value>Untitled</value></field><field var='subject' type='text-single'><value>Fire burn</value></field></x></query></iq>
            """);
    }

    [Fact] // MUL-072: fields are named as the schema says
    public async Task A_form_changes_the_configuration()
    {
        await using var server = await LegacyAsync(new MucLightOptions
        {
            ConfigSchema = [new ConfigFieldOptions { Field = "muc-roomname", InternalKey = "roomname", StringValue = "Untitled" }],
        });
        await using var alice = await server.ComeAsync("alice");
        await JoinAsync(alice, Coven + "/witch");
        await alice.ReceiveAsync();

        await alice.SendAsync(Form("submit", "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc-roomname'><value>Dark</value></field>"));
        await alice.ExpectAsync($"<message from='{Coven}' type='groupchat' id='f'><x xmlns='{Ns.MucUser}'><status code='104'/></x></message>");
        await alice.ExpectAsync("<iq type='result' id='f'/>");
        await alice.SendAsync(Form("cancel", ""));
        await alice.ExpectAsync("<iq type='result' id='f'/>");
        await alice.SendAsync(Form("submit", "<field var='other'><value>x</value></field>"));
        AssertError(await alice.ReceiveAsync(), BadRequest);
        await alice.SendAsync($"<iq type='set' id='f' to='{Coven}'><query xmlns='{Ns.MucOwner}'/></iq>");
        AssertError(await alice.ReceiveAsync(), BadRequest);
        var items = await alice.AskAsync($"<iq type='get' to='{Service}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        Assert.Equal(("Dark", null), (items.FirstChild!.Value.FirstChild!.Value.Attribute("name"), items.FirstChild!.Value.FirstChild!.Value.Attribute("version"))); // MUL-075
    }

    [Fact] // MUL-072
    public async Task A_room_is_destroyed_by_presences()
    {
        await using var server = await LegacyAsync();
        await using var alice = await server.ComeAsync("alice");
        await JoinAsync(alice, Coven + "/witch");
        await alice.ReceiveAsync();

        await alice.SendAsync($"<iq type='set' id='d' to='{Coven}'><query xmlns='{Ns.MucOwner}'><destroy/></query></iq>");

        await alice.ExpectAsync($"<presence type='unavailable' from='{Coven}/alice@example.test' to='alice@example.test'><x xmlns='{Ns.MucUser}'><item affiliation='none' role='none'/><destroy/></x></presence>");
        await alice.ExpectAsync("<iq type='result' id='d'/>");
    }

    [Fact] // MUL-073
    public async Task Affiliations_are_told_by_presences_and_invitations()
    {
        await using var server = await LegacyAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await JoinAsync(alice, Coven + "/witch");
        await alice.ReceiveAsync();

        await alice.SendAsync(Admin("<item jid='bob@example.test' affiliation='member'/>"));
        await bob.ExpectAsync($"<message from='{Coven}' to='bob@example.test' id='a'><x xmlns='{Ns.MucUser}'><invite from='alice@example.test'/></x></message>");
        await alice.ExpectAsync($"<presence from='{Coven}/bob@example.test'><x xmlns='{Ns.MucUser}'><item affiliation='member' role='participant' jid='bob@example.test'/></x></presence>");
        await alice.ExpectAsync("<iq type='result' id='a'/>");

        var list = await alice.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{Ns.MucAdmin}'><item affiliation='member'/></query></iq>");
        Assert.Equal(
            ["alice@example.test owner moderator alice@example.test", "bob@example.test member participant bob@example.test"],
            list.FirstChild!.Value.Children.Select(item => $"{item.Attribute("jid")} {item.Attribute("affiliation")} {item.Attribute("role")} {item.Attribute("nick")}"));

        await bob.SendAsync(Admin("<item jid='bob@example.test' affiliation='none'/>"));
        await bob.ExpectAsync($"<presence type='unavailable' from='{Coven}/bob@example.test' to='bob@example.test'><x xmlns='{Ns.MucUser}'><item affiliation='none' role='none'/><status code='321'/></x></presence>");
        await bob.ExpectAsync("<iq type='result' id='a'/>");
        await alice.ExpectAsync($"<presence type='unavailable' from='{Coven}/bob@example.test' to='alice@example.test'><x xmlns='{Ns.MucUser}'><item affiliation='none' role='none' jid='bob@example.test'/><status code='321'/></x></presence>");
        await alice.SendAsync(Admin("<item jid='bob@example.test' affiliation='outcast'/>"));
        AssertError(await alice.ReceiveAsync(), BadRequest);
        await alice.SendAsync(Admin("<item nick='bob' role='none'/>"));
        AssertError(await alice.ReceiveAsync(), BadRequest);
    }

    [Fact] // MUL-074, as since 6.8: at the service's address; other privacy lists go on
    public async Task Blocking_is_a_privacy_list_of_the_service()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<MucLightModule>(new MucLightOptions { LegacyMode = true }).Module<PrivacyModule>());
        await using var alice = await server.ComeAsync("alice");
        const string Get = $"<iq type='get' to='{Service}'><query xmlns='jabber:iq:privacy'><list name='urn:xmpp:muclight:0'/></query></iq>";

        AssertResult(await alice.AskAsync(Set($"<item type='jid' value='{Coven}' action='deny' order='1'/><item type='jid' value='{Service}/bob@example.test' action='deny' order='1'/>")));
        var list = (await alice.AskAsync(Get)).FirstChild!.Value.FirstChild!.Value;
        Assert.Equal([$"{Service}/bob@example.test deny", $"{Coven} deny"], list.Children.Select(item => $"{item.Attribute("value")} {item.Attribute("action")}"));
        AssertResult(await alice.AskAsync(Set($"<item type='jid' value='{Coven}' action='allow' order='1'/>")));
        Assert.Single((await alice.AskAsync(Get)).FirstChild!.Value.FirstChild!.Value.Children);
        AssertError(await alice.AskAsync(Set("<item type='jid' value='example.test' action='deny' order='1'/>")), BadRequest);
        AssertError(await alice.AskAsync($"<iq type='get' to='{Service}'><query xmlns='jabber:iq:privacy'><list name='other'/></query></iq>"), BadRequest);
        AssertResult(await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:privacy'><list name='other'><item action='allow' order='1'/></list></query></iq>"));
        AssertResult(await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:privacy'/></iq>"));
    }

    private static Task<TestServer> LegacyAsync(MucLightOptions? options = null) => StartAsync((options ?? new MucLightOptions()) with { LegacyMode = true });

    private static Task JoinAsync(TestClient client, string to) => client.SendAsync($"<presence to='{to}'><x xmlns='{Ns.Muc}'/></presence>");

    private static string Form(string type, string fields) => $"<iq type='set' id='f' to='{Coven}'><query xmlns='{Ns.MucOwner}'><x xmlns='jabber:x:data' type='{type}'>{fields}</x></query></iq>";

    private static string Admin(string items) => $"<iq type='set' id='a' to='{Coven}'><query xmlns='{Ns.MucAdmin}'>{items}</query></iq>";

    private static string Set(string items) => $"<iq type='set' to='{Service}'><query xmlns='jabber:iq:privacy'><list name='urn:xmpp:muclight:0'>{items}</list></query></iq>";
}
