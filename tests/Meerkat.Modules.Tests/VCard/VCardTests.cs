using Meerkat.Modules.VCard;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.VCard;

public sealed class VCardTests
{
    [Fact] // XEP-0054 §3.1, §3.2, VCD-001, VCD-002
    public async Task A_vcard_that_was_set_is_read_by_oneself_and_by_others()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        var set = await alice.AskAsync("<iq type='set'><vCard xmlns='vcard-temp'><FN>Alice L.</FN><NICKNAME>al\U0001F600</NICKNAME></vCard></iq>");
        Assert.Equal("result", set.Attribute("type"));
        Assert.Null(set.FirstChild);

        await bob.SendAsync($"<iq type='get' id='1' to='{alice.BareJid}'><vCard xmlns='vcard-temp'/></iq>");
        await bob.ExpectAsync($"<iq type='result' id='1' from='{alice.BareJid}'><vCard xmlns='vcard-temp'><FN>Alice L.</FN><NICKNAME>al\U0001F600</NICKNAME></vCard></iq>");
        await alice.SendAsync("<iq type='get' id='2'><vCard xmlns='vcard-temp'/></iq>");
        await alice.ExpectAsync("<iq type='result' id='2'><vCard xmlns='vcard-temp'><FN>Alice L.</FN></vCard></iq>");
    }

    [Theory] // VCD-001
    [InlineData("bob")]
    [InlineData("nobody")]
    public async Task Without_a_vcard_there_is_no_item_whether_the_account_exists_or_not(string name)
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<iq type='get' id='1' to='{name}@example.test'><vCard xmlns='vcard-temp'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error><vCard xmlns='vcard-temp'/></iq>");
    }

    [Theory] // VCD-002, VCD-003
    [InlineData("bob@example.test")]
    [InlineData("example.test")]
    [InlineData("vjud.example.test")]
    public async Task Only_ones_own_vcard_can_be_set(string to)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<iq type='set' id='1' to='{to}'><vCard xmlns='vcard-temp'><FN>x</FN></vCard></iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // VCD-003
    public async Task The_server_has_a_vcard()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<iq type='get' id='1' to='example.test'><vCard xmlns='vcard-temp'/></iq>");
        await alice.ExpectAsync("<iq type='result' id='1' from='example.test'><vCard xmlns='vcard-temp'><FN/><URL/><DESC/></vCard></iq>");
        Assert.Contains(Ns.VCard, server.Host.Features);
    }

    [Fact] // VCD-004
    public async Task The_search_says_what_it_is_and_asks_for_fields()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<iq type='get' id='1' to='vjud.example.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        await alice.ExpectAsync(
            """
            <iq type='result' id='1' from='vjud.example.test'><query xmlns='http://jabber.org/protocol/disco#info'><identity category='directory' type='user'/>
            <feature var='http://jabber.org/protocol/disco#info'/><feature var='jabber:iq:search'/><feature var='vcard-temp'/></query></iq>
            """);
        await alice.SendAsync("<iq type='get' id='2' to='vjud.example.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        await alice.ExpectAsync("<iq type='result' id='2'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        await alice.SendAsync("<iq type='get' id='3' to='vjud.example.test'><query xmlns='jabber:iq:search'/></iq>");
        var form = await alice.ExpectAsync("<iq type='result' id='3'><query xmlns='jabber:iq:search'><instructions/><x xmlns='jabber:x:data' type='form'/></query></iq>");
        Assert.True(DataForm.TryRead(form.FirstChild!.Value.Child("x", Ns.DataForms)!.Value, out var read));
        Assert.Equal(Ns.Search, read.FormType);
        Assert.Equal(
            ["user", "fn", "first", "middle", "last", "nick", "bday", "ctry", "locality", "email", "orgname", "orgunit"],
            read.Fields.Where(field => field.Type is DataFieldType.TextSingle).Select(field => field.Var));
        await alice.SendAsync("<iq type='get' id='4' to='vjud.example.test'><vCard xmlns='vcard-temp'/></iq>");
        await alice.ExpectAsync("<iq type='result' id='4'><vCard xmlns='vcard-temp'><FN/></vCard></iq>");
    }

    [Fact] // VCD-004, VCD-005
    public async Task A_search_finds_folded_text_and_beginnings_and_tells_the_fields()
    {
        await using var server = await StartAsync();
        await using var alice = await WithCardAsync(server, "alice", "Alice Liddell");
        await using var albert = await WithCardAsync(server, "albert", "Albert");

        await alice.SendAsync(Search("<field var='fn'><value>ALICE liddell</value></field>"));
        var found = await alice.ExpectAsync(
            """
            <iq type='result' id='s' from='vjud.example.test'><query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='result'>
            <reported><field var='jid'/><field var='fn'/><field var='orgunit'/></reported>
            <item><field var='jid'><value>alice@example.test</value></field><field var='fn'><value>Alice Liddell</value></field></item></x></query></iq>
            """);
        Assert.Equal(["alice@example.test"], Jids(found));
        Assert.Equal(["albert@example.test", "alice@example.test"], await FindAsync(alice, "<field var='user'><value>AL*</value></field>"));
        Assert.Equal(["albert@example.test"], await FindAsync(alice, "<field var='user'><value>al*</value></field><field var='fn'><value>albert</value></field>"));
    }

    [Theory] // VCD-005: empty criteria return nothing
    [InlineData("")]
    [InlineData("<field var='fn'><value/></field>")]
    [InlineData("<field var='fn'/>")]
    [InlineData("<field var='shoe-size'><value>9</value></field>")]
    public async Task Who_asks_for_nothing_finds_nothing(string fields)
    {
        await using var server = await StartAsync();
        await using var alice = await WithCardAsync(server, "alice", "Alice");
        Assert.Empty(await FindAsync(alice, fields));
    }

    [Theory] // VCD-004
    [InlineData("<query xmlns='jabber:iq:search'><first>a</first></query>")]
    [InlineData("<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='cancel'/></query>")]
    [InlineData("<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'/><set xmlns='http://jabber.org/protocol/rsm'><max>many</max></set></query>")]
    public async Task What_is_no_submitted_form_is_a_bad_request(string query)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<iq type='set' id='1' to='vjud.example.test'>{query}</iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // VCD-005, XEP-0059
    public async Task Results_come_in_pages()
    {
        await using var server = await StartAsync();
        await using var a = await WithCardAsync(server, "a", "x");
        await using var b = await WithCardAsync(server, "b", "x");
        await using var c = await WithCardAsync(server, "c", "x");

        await a.SendAsync(Search("<field var='fn'><value>x</value></field>", "<max>2</max>"));
        var first = await a.ExpectAsync("<iq type='result' id='s'><query xmlns='jabber:iq:search'><set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a@example.test</first><last>b@example.test</last><count>3</count></set></query></iq>");
        Assert.Equal(["a@example.test", "b@example.test"], Jids(first));
        await a.SendAsync(Search("<field var='fn'><value>x</value></field>", "<max>2</max><after>b@example.test</after>"));
        Assert.Equal(["c@example.test"], Jids(await a.ReceiveAsync()));
        await a.SendAsync(Search("<field var='fn'><value>x</value></field>", "<max>1</max><before>c@example.test</before>"));
        Assert.Equal(["b@example.test"], Jids(await a.ReceiveAsync()));
        await a.SendAsync(Search("<field var='fn'><value>x</value></field>", "<max>1</max><index>1</index>"));
        Assert.Equal(["b@example.test"], Jids(await a.ReceiveAsync()));
        await a.SendAsync(Search("<field var='fn'><value>x</value></field>", "<after>q@example.test</after>"));
        await a.ExpectAsync("<iq type='error' id='s'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // VCD-004: at most "matches"; VCD-005: never across domains
    public async Task A_search_stays_in_its_domain_and_within_its_limit()
    {
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Domains = ["example.test", "other.test"];
            with.Module<VCardModule>(new VCardOptions { Matches = 1 });
        });
        await using var a = await WithCardAsync(server, "a", "x");
        await using var b = await WithCardAsync(server, "b", "x");
        await using var c = await server.ConnectAsync("c", domain: "other.test");
        await c.AskAsync("<iq type='set'><vCard xmlns='vcard-temp'><FN>x</FN></vCard></iq>");

        Assert.Equal(["a@example.test"], await FindAsync(c, "<field var='fn'><value>x</value></field>"));
        await c.SendAsync(Search("<field var='fn'><value>x</value></field>").Replace("vjud.example", "vjud.other", StringComparison.Ordinal));
        Assert.Equal(["c@other.test"], Jids(await c.ReceiveAsync()));
    }

    [Fact] // CORE: a service answers what it does not serve
    public async Task Other_stanzas_to_the_search_are_refused()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='vjud.example.test' id='m'><body>hi</body></message>");
        await alice.ExpectAsync("<message type='error' id='m'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        await alice.SendAsync("<iq type='get' id='1' to='x@vjud.example.test'><query xmlns='jabber:iq:search'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await alice.SendAsync("<iq type='get' id='2' to='vjud.example.test'><query xmlns='jabber:iq:version'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='2'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact]
    public async Task The_search_can_be_switched_off()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<VCardModule>(new VCardOptions { Search = false }));
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<iq type='get' id='1' to='vjud.example.test'><query xmlns='jabber:iq:search'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='1'><error><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // VCD-002: bounded, and never in the middle of a character
    public void Folded_text_is_cut()
    {
        var folded = VCardIndex.Fold(" " + new string('A', VCardIndex.MaxLength - 1) + "\U0001F600B ");
        Assert.Equal(new string('a', VCardIndex.MaxLength - 1), folded);
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(with => with.Module<VCardModule>());

    private static async Task<TestClient> WithCardAsync(TestServer server, string name, string fullName)
    {
        var client = await server.ConnectAsync(name);
        await client.AskAsync($"<iq type='set'><vCard xmlns='vcard-temp'><FN>{fullName}</FN></vCard></iq>");
        return client;
    }

    private static async Task<IEnumerable<string>> FindAsync(TestClient client, string fields)
    {
        await client.SendAsync(Search(fields));
        return Jids(await client.ReceiveAsync());
    }

    private static string Search(string fields, string? set = null) =>
        $"<iq type='set' id='s' to='vjud.example.test'><query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'>{fields}</x>"
        + (set is null ? "" : $"<set xmlns='http://jabber.org/protocol/rsm'>{set}</set>") + "</query></iq>";

    private static List<string> Jids(Xml.XmlElement answer)
    {
        Assert.True(answer.Attribute("type") == "result", answer.ToString());
        var form = DataForm.Find(answer.FirstChild!.Value, DataFormType.Result, Ns.Search)!;
        return [.. form.Items.Select(item => item.Single(field => field.Var == "jid").Value!)];
    }

    [Fact] // VCD-002
    public async Task Nothing_is_set_at_a_full_jid_not_even_at_ones_own()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<VCardModule>(new VCardOptions { Search = false }));
        await using var alice = await WithCardAsync(server, "alice", "Alice");
        await using var bob = await server.ConnectAsync("bob", "r");
        foreach (var to in new[] { alice.Jid, bob.Jid })
        {
            var answer = await alice.AskAsync($"<iq type='set' to='{to}'><vCard xmlns='vcard-temp'><FN>Other</FN></vCard></iq>");
            Assert.True(TestClient.Fits(answer, XmlElement.Parse("<iq type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>", Ns.Client)), answer.ToString());
        }

        await bob.ExpectNothingAsync();
        Assert.Equal("Alice", (await alice.AskAsync("<iq type='get'><vCard xmlns='vcard-temp'/></iq>")).FirstChild!.Value.ChildText("FN"));
    }
}
