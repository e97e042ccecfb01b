using Meerkat.Core.Access;
using Meerkat.Modules.Mam;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>How archives are asked.</summary>
public sealed class MamQueryTests
{
    [Theory] // MAM-032 to MAM-036
    [InlineData(Ns.Mam)]
    [InlineData(Ns.MamOld)]
    public async Task Pages_go_forward_and_say_where_they_are(string ns)
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(5);

        var first = await alice.QueryAsync(page: "<max>2</max>", ns: ns);
        Assert.Equal(["1", "2"], first.Bodies);
        Assert.Equal((first.Ids[0], first.Ids[1], "0", "5", false), (first.First, first.Last, first.Index, first.Count, first.IsComplete));

        var second = await alice.QueryAsync(page: $"<max>2</max><after>{first.Last}</after>", ns: ns);
        Assert.Equal(["3", "4"], second.Bodies);
        Assert.Equal(("2", "5", false), (second.Index, second.Count, second.IsComplete));

        var third = await alice.QueryAsync(page: $"<max>2</max><after>{second.Last}</after>", ns: ns);
        Assert.Equal(["5"], third.Bodies);
        Assert.Equal(("4", "5", true), (third.Index, third.Count, third.IsComplete));

        var end = await alice.QueryAsync(page: $"<max>2</max><after>{third.Last}</after>", ns: ns);
        Assert.Empty(end.Bodies);
        Assert.Equal((null, null, "5", true), (end.First, end.Last, end.Count, end.IsComplete)); // MAM-034
        Assert.Equal(["1", "2"], (await alice.QueryAsync(page: "<max>2</max><after/>", ns: ns)).Bodies);
    }

    [Fact] // MAM-033, MAM-036
    public async Task Pages_go_backward()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(5);
        var last = await alice.QueryAsync(page: "<max>2</max><before/>");
        Assert.Equal(["4", "5"], last.Bodies);
        Assert.Equal(("3", "5", false), (last.Index, last.Count, last.IsComplete));
        var before = await alice.QueryAsync(page: $"<max>2</max><before>{last.First}</before>");
        Assert.Equal(["2", "3"], before.Bodies);
        var first = await alice.QueryAsync(page: $"<max>2</max><before>{before.First}</before>");
        Assert.Equal(["1"], first.Bodies);
        Assert.Equal(("0", true), (first.Index, first.IsComplete));
    }

    [Fact] // MAM-033, XEP-0313 §5.3
    public async Task A_flipped_page_comes_newest_first()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(5);
        var page = await alice.QueryAsync(page: "<max>2</max><before/>", more: "<flip-page/>");
        Assert.Equal(["5", "4"], page.Bodies);
        Assert.Equal((page.Ids[0], page.Ids[1]), (page.First, page.Last));
    }

    [Fact] // MAM-033
    public async Task A_page_has_a_size_that_is_wanted_and_allowed()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions { DefaultResultLimit = 3 }, MaxResultLimit = 4, DefaultResultLimit = 2 });
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(9);
        Assert.Equal(3, (await alice.QueryAsync()).Results.Count);
        Assert.Equal(4, (await alice.QueryAsync(page: "<max>100</max>")).Results.Count);
        Assert.Single((await alice.QueryAsync(page: "<limit>1</limit>")).Results);
        var none = await alice.QueryAsync(page: "<max>0</max>");
        Assert.Equal(("9", null, false), (none.Count, none.First, none.IsComplete));
        Assert.Equal(["8", "9"], (await alice.QueryAsync(page: "<max>2</max><index>7</index>")).Bodies);
        (await alice.QueryAsync(page: "<max>x</max>")).ExpectError("bad-request", "modify");
    }

    [Fact] // MAM-034, MAM-036, MAM-037
    public async Task Simple_queries_do_not_count()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(3);
        var page = await alice.QueryAsync([("simple", "true")], "<max>2</max>");
        Assert.Equal((page.Ids[0], page.Ids[1], null, null, false), (page.First, page.Last, page.Index, page.Count, page.IsComplete));
        var last = await alice.QueryAsync([("simple", "true")], $"<max>2</max><after>{page.Last}</after>");
        Assert.Equal(("3", true), (Assert.Single(last.Bodies), last.IsComplete));
        Assert.Equal(["1", "2", "3"], (await alice.QueryAsync([("simple", "true")], "<after>0</after>")).Bodies);

        await using var enforced = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions(), EnforceSimpleQueries = true });
        await using var other = await enforced.ConnectAsync("alice");
        await other.ChatAsync(1);
        Assert.Null((await other.QueryAsync()).Count);
    }

    [Fact] // MAM-037, MAM-046
    public async Task A_page_at_no_message_is_an_error()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(1);
        (await alice.QueryAsync(page: "<after>ABC</after>")).ExpectError("item-not-found", "cancel");
        (await alice.QueryAsync(page: "<before>ABC</before>")).ExpectError("item-not-found", "cancel");
        foreach (var bad in (string[])["<after>x y</after>", "<before>-1</before>", "<after>ZZZZZZZZZZZZZZZZ</after>", "<after>8000000000000</after>"])
        {
            (await alice.QueryAsync(page: bad)).ExpectError("not-acceptable", "modify");
        }

        (await alice.QueryAsync([("after-id", "w")])).ExpectError("not-acceptable", "modify");
        (await alice.QueryAsync([("ids", "w")])).ExpectError("not-acceptable", "modify");
    }

    [Fact] // MAM-031, MAM-039
    public async Task Contacts_narrow_what_matches()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(1);
        await alice.ChatAsync(1, "bob@example.test/x");
        await alice.SendAsync("<message to='alice@example.test'><body>me</body></message>");
        Assert.Equal(2, (await alice.QueryAsync([("with", "BOB@example.test")])).Results.Count);
        Assert.Single((await alice.QueryAsync([("with", "bob@example.test/x")])).Results);
        Assert.Equal(["me"], (await alice.QueryAsync([("with", "alice@example.test")])).Bodies);
        Assert.Empty((await alice.QueryAsync([("with", "example.test")])).Results);
        (await alice.QueryAsync([("with", "@")])).ExpectError("bad-request", "modify");
    }

    [Fact] // MAM-004, MAM-031
    public async Task Times_narrow_what_matches_and_are_inclusive()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 0; i < 3; i++)
        {
            await alice.ChatAsync(1);
            server.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var stamps = (await alice.QueryAsync()).Results.Select(result => result.Child("result", Ns.Mam)!.Value.FirstChild!.Value.Child("delay", Ns.Delay)!.Value.Attribute("stamp")!).ToArray();
        Assert.Equal(2, (await alice.QueryAsync([("start", stamps[1])])).Results.Count);
        Assert.Equal(2, (await alice.QueryAsync([("end", stamps[1])])).Results.Count);
        Assert.Single((await alice.QueryAsync([("start", stamps[1]), ("end", stamps[1])])).Results);
        Assert.Equal("0", (await alice.QueryAsync([("start", "2031-01-01T00:00:00Z")])).Count);
        (await alice.QueryAsync([("start", "yesterday")])).ExpectError("bad-request", "modify");
        (await alice.QueryAsync([("end", "2031-01-01")])).ExpectError("bad-request", "modify");
    }

    [Fact] // MAM-031, MAM-035
    public async Task Ids_narrow_what_matches()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(5);
        var ids = (await alice.QueryAsync()).Ids;
        Assert.Equal(["3", "4", "5"], (await alice.QueryAsync([("after-id", ids[1])])).Bodies);
        Assert.Equal(["1", "2"], (await alice.QueryAsync([("before-id", ids[2].ToLowerInvariant())])).Bodies);
        var between = await alice.QueryAsync([("from-id", ids[1]), ("to-id", ids[3])], "<max>1</max>");
        Assert.Equal(("2", "3", "0"), (Assert.Single(between.Bodies), between.Count, between.Index));
        Assert.Equal(["5", "1"], (await alice.QueryAsync([("ids", $"{ids[4]}</value><value>{ids[0]}")])).Bodies); // MAM-038
        (await alice.QueryAsync([("ids", $"{ids[4]}</value><value>ABC")])).ExpectError("item-not-found", "cancel");
    }

    [Theory] // XEP-0313 v1.1.3 §4.1.3: any UID in before-id or after-id that is not in the archive
    [InlineData("before-id", "ABC", false)]
    [InlineData("after-id", "ABC", false)]
    [InlineData("after-id", "ABC", true)]
    [InlineData("after-id", "7VVVVVVVVVVVV", false)]
    public async Task A_border_at_no_message_is_an_error(string field, string id, bool isSimple)
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(2);
        (await alice.QueryAsync(isSimple ? [(field, id), ("simple", "true")] : [(field, id)])).ExpectError("item-not-found", "cancel");

        // What the filter leaves out is in the archive all the same.
        var first = (await alice.QueryAsync()).Ids[0];
        Assert.Empty((await alice.QueryAsync([(field, first), ("with", "carol@example.test")])).Bodies);
    }

    [Fact] // MAM-040, MAM-041
    public async Task Texts_are_searched()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>The quick, brown fox</body></message>");
        await alice.SendAsync("<message to='bob@example.test'><body>BROWN bear</body></message>");
        await alice.SendAsync("<message to='bob@example.test'><body>brown</body><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>");
        foreach (var field in (string[])["full-text-search", "fulltext", "{urn:xmpp:fulltext:0}fulltext", "{https://erlang-solutions.com/}full-text-search"])
        {
            Assert.Equal(["The quick, brown fox", "BROWN bear"], (await alice.QueryAsync([(field, "Brown!")])).Bodies);
        }

        Assert.Equal(["The quick, brown fox"], (await alice.QueryAsync([("fulltext", "FOX row")])).Bodies);
        Assert.Equal("0", (await alice.QueryAsync([("fulltext", "fox bear")])).Count);
    }

    [Fact] // XEP-0431 §2.2, MAM-041: what is not empty is searched for, and what has no letter or digit is in no text that is compared
    public async Task A_search_for_nothing_but_punctuation_finds_nothing_and_an_empty_one_is_none()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>really?!</body></message>");
        await alice.SendAsync("<message to='bob@example.test'><body>\U0001F600</body></message>");
        foreach (var text in (string[])["?!", "...", "%", "*", "\U0001F600", " - "])
        {
            var found = await alice.QueryAsync([("fulltext", text)]);
            Assert.Empty(found.Results);
            Assert.Equal("0", found.Count);
        }

        foreach (var text in (string[])["", "  "]) // a form whose field was left as it was
        {
            Assert.Equal(["really?!", "\U0001F600"], (await alice.QueryAsync([("fulltext", text)])).Bodies);
        }

        Assert.Equal(["really?!"], (await alice.QueryAsync([("fulltext", "? real")])).Bodies);
    }

    [Fact] // MAM-030, MAM-040
    public async Task The_form_says_what_can_be_asked()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        var form = await alice.AskAsync("<iq type='get'><query xmlns='urn:xmpp:mam:2'/></iq>");
        Assert.True(Testing.TestClient.Fits(form, Xml.XmlElement.Parse(
            """
            <iq type='result'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='form'>
            <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>
            <field var='with' type='jid-single'/><field var='start' type='text-single'/><field var='end' type='text-single'/>
            <field var='before-id' type='text-single'/><field var='after-id' type='text-single'/><field var='include-groupchat' type='boolean'/>
            <field var='ids' type='list-multi'><validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'><open/></validate></field>
            <field var='{urn:xmpp:fulltext:0}fulltext' type='text-single'/>
            </x></query></iq>
            """,
            Ns.Client)), form.ToString());
        var old = await alice.AskAsync("<iq type='get'><query xmlns='urn:xmpp:mam:1'/></iq>");
        Assert.DoesNotContain("before-id", old.ToString(), StringComparison.Ordinal);

        await using var without = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions(), FullTextSearch = false });
        await using var other = await without.ConnectAsync("alice");
        Assert.DoesNotContain("full", (await other.AskAsync("<iq type='get'><query xmlns='urn:xmpp:mam:2'/></iq>")).ToString(), StringComparison.Ordinal);
        (await other.QueryAsync([("fulltext", "x")])).ExpectError("feature-not-implemented", "cancel");
    }

    [Fact] // MAM-047
    public async Task Metadata_are_the_ends_of_the_archive()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        var empty = await alice.AskAsync("<iq type='get'><metadata xmlns='urn:xmpp:mam:2'/></iq>");
        Assert.Empty(empty.Child("metadata", Ns.Mam)!.Value.Children);
        await alice.ChatAsync(3);
        var ids = (await alice.QueryAsync()).Ids;
        var metadata = await alice.AskAsync("<iq type='get'><metadata xmlns='urn:xmpp:mam:2'/></iq>");
        Assert.True(Testing.TestClient.Fits(metadata, Xml.XmlElement.Parse($"<iq><metadata xmlns='urn:xmpp:mam:2'><start id='{ids[0]}' timestamp='2030-01-02T03:04:05Z'/><end id='{ids[2]}'/></metadata></iq>", Ns.Client)), metadata.ToString());
    }

    [Fact] // MAM-044
    public async Task Others_do_not_see_an_archive_unless_a_rule_says_so()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.ChatAsync(1);
        (await bob.QueryAsync(to: "alice@example.test")).ExpectError("not-allowed", "cancel");
        Assert.Contains("not-allowed", (await bob.AskAsync("<iq type='get' to='alice@example.test'><metadata xmlns='urn:xmpp:mam:2'/></iq>")).ToString(), StringComparison.Ordinal);
        Assert.Contains("not-allowed", (await bob.AskAsync("<iq type='get' to='alice@example.test'><query xmlns='urn:xmpp:mam:2'/></iq>")).ToString(), StringComparison.Ordinal);

        await using var open = await MamFixture.StartAsync(with: builder =>
        {
            builder.Access["mam_lookup_messages"] = [new AccessClause { Acl = "all", Value = AccessValue.Allow }];
            builder.Access["mam_get_metadata"] = [new AccessClause { Acl = "all", Value = AccessValue.Deny }];
        });
        await using var one = await open.ConnectAsync("alice");
        await using var two = await open.ConnectAsync("bob");
        await one.ChatAsync(1);
        Assert.Equal(["1"], (await two.QueryAsync(to: "alice@example.test")).Bodies);
        Assert.Contains("not-allowed", (await one.AskAsync("<iq type='get'><metadata xmlns='urn:xmpp:mam:2'/></iq>")).ToString(), StringComparison.Ordinal);
    }

    [Fact] // MAM-031
    public async Task Unknown_fields_and_forms_without_a_type_are_taken_as_they_are()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(2);
        Assert.Equal(2, (await alice.QueryAsync([("x:y", "z")])).Results.Count);
        await alice.SendAsync("<iq type='set' id='n'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data'><field var='with'><value>none@example.test</value></field></x></query></iq>");
        await alice.ExpectAsync("<iq type='result' id='n'><fin xmlns='urn:xmpp:mam:2' complete='true'/></iq>");
    }

    [Fact] // MAM-048
    public async Task A_message_that_cannot_be_read_does_not_fail_the_page()
    {
        var stores = new MamFixture.Stores();
        await using var server = await MamFixture.StartAsync(with: builder => builder.Stores = stores);
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(1);
        await stores.Accounts.AppendAsync([new(MamFixture.Alice, new ArchivedMessage(1, MamFixture.Bob, "<mess"u8.ToArray()) { Remote = MamFixture.Bob })], CancellationToken.None);
        var page = await alice.QueryAsync();
        Assert.Equal([null, "1"], page.Bodies);
        Assert.Equal("1", page.Ids[0]);
        Assert.True(Testing.TestClient.Fits(page.Messages[0], Xml.XmlElement.Parse("<message type='error'><error code='500' type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>", Ns.Client)), page.Messages[0].ToString());
    }

    [Fact] // XEP-0313: a mistake is answered
    public async Task What_is_no_request_is_a_bad_one()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        foreach (var bad in (string[])["<iq type='set'><metadata xmlns='urn:xmpp:mam:2'/></iq>", "<iq type='get'><fin xmlns='urn:xmpp:mam:2'/></iq>", "<iq type='get'><metadata xmlns='urn:xmpp:mam:1'/></iq>"])
        {
            Assert.Contains("bad-request", (await alice.AskAsync(bad)).ToString(), StringComparison.Ordinal);
        }
    }
}
