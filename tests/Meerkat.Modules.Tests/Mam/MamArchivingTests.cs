using Meerkat.Core.Routing;
using Meerkat.Modules.Carbons;
using Meerkat.Modules.Mam;
using Meerkat.Modules.StanzaIds;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>What is archived, and under which id.</summary>
public sealed class MamArchivingTests
{
    private const string Body = "<body>b</body>";
    private const string NoStore = "<no-store xmlns='urn:xmpp:hints'/>";
    private const string Store = "<store xmlns='urn:xmpp:hints'/>";

    public static TheoryData<string, string, bool, string> Cases => new()
    {
        { "chat", Body, true, "a body" },
        { "normal", Body, true, "a body" },
        { "", Body, true, "no type is normal" },
        { "foo", Body, true, "an unknown type is normal" },
        { "headline", Body, false, "headlines never" },
        { "groupchat", Body, false, "groupchat is the room's" },
        { "error", Body, false, "errors never" },
        { "chat", "<subject>s</subject>", false, "no body" },
        { "chat", Store, true, "a hint" },
        { "chat", Body + NoStore, false, "a hint against it" },
        { "chat", NoStore + Body, false, "in any order" },
        { "chat", Store + NoStore, false, "no-store beats store" },
        { "chat", Body + "<no-permanent-store xmlns='urn:xmpp:hints'/>", true, "not looked at" },
        { "chat", Body + "<delay xmlns='any:ns' stamp='2020-01-01T00:00:00Z'/>", false, "delayed" },
        { "chat", Body + "<result xmlns='any:ns'/>", false, "a result" },
        { "chat", "<composing xmlns='http://jabber.org/protocol/chatstates'/>", false, "a chat state alone" },
        { "chat", "<received xmlns='urn:xmpp:receipts' id='1'/>", false, "a receipt alone" },
        { "chat", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", false, "a marker alone, unless wanted" },
        { "chat", "<apply-to xmlns='urn:xmpp:fasten:0' id='1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>", true, "a retraction" },
        { "chat", "<apply-to xmlns='urn:xmpp:fasten:0' id='1'><retract xmlns='urn:esl:message-retract-by-stanza-id:0'/></apply-to>", true, "a retraction by the archive's id" },
        { "chat", "<apply-to xmlns='urn:xmpp:fasten:0'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>", false, "no id: no retraction" },
        { "chat", "<apply-to xmlns='urn:xmpp:fasten:0' id='1'><edit xmlns='x:y'/></apply-to>", false, "not every fastening" },
        { "chat", "<retract xmlns='urn:xmpp:message-retract:1' id='1'/>", true, "a retraction, version 1" },
    };

    [Theory] // MAM-010, MAM-011, MAM-070
    [MemberData(nameof(Cases))]
    public async Task A_message_is_archived_for_both_or_for_nobody(string type, string payload, bool isArchived, string why)
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync($"<message to='bob@example.test'{(type.Length == 0 ? "" : $" type='{type}'")}>{payload}</message>");
        await alice.AskAsync("<iq type='get' to='example.test'><q xmlns='a:b'/></iq>");
        var (sent, received) = ((await alice.QueryAsync()).Results.Count, (await bob.QueryAsync()).Results.Count);
        Assert.True((isArchived ? 1 : 0) == sent && sent == received, $"{why}: {sent} sent, {received} received");
    }

    [Fact] // MAM-011
    public async Task Markers_are_archived_where_that_is_wanted()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions(), ArchiveChatMarkers = true });
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message>");
        await alice.SendAsync("<message to='bob@example.test'><markable xmlns='urn:xmpp:chat-markers:0'/></message>");
        await alice.SendAsync("<message to='bob@example.test'><acknowledged xmlns='urn:xmpp:chat-markers:0' id='1'/></message>");
        Assert.Equal(2, (await alice.QueryAsync()).Results.Count);
    }

    [Fact] // MAM-012
    public async Task A_message_is_archived_for_who_is_offline_but_not_for_who_does_not_exist()
    {
        var stores = new MamFixture.Stores();
        await using var server = await MamFixture.StartAsync(with: builder => builder.Stores = stores);
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>b</body></message>");
        await alice.SendAsync("<message to='nobody@example.test'><body>n</body></message>");
        await alice.ReceiveAsync(element => element.Attribute("from") == "nobody@example.test");
        await using var bob = await server.ConnectAsync("bob");
        Assert.Equal(["b"], (await bob.QueryAsync()).Bodies);
        Assert.Equal(["b", "n"], (await alice.QueryAsync()).Bodies);
        Assert.Null(await stores.Accounts.BoundsAsync(BareJid.Parse("nobody@example.test"), CancellationToken.None));
    }

    [Fact] // MAM-012
    public async Task A_message_to_oneself_is_archived_once()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.BecomeAvailableAsync();
        await alice.SendAsync("<message to='alice@example.test' type='chat'><body>me</body></message>");
        await alice.ExpectAsync("<message><body>me</body></message>");
        Assert.Equal(["me"], (await alice.QueryAsync()).Bodies);
    }

    [Fact] // MAM-001, MAM-002, MAM-013
    public async Task A_recipient_sees_the_id_that_its_archive_has_and_no_forged_one()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<message to='bob@example.test'><body>b</body><stanza-id xmlns='urn:xmpp:sid:0' by='bob@example.test' id='forged'/><stanza-id xmlns='urn:xmpp:sid:0' by='x.test' id='other'/></message>");
        var message = await bob.ReceiveAsync();
        var ids = message.Children.ToArray().Where(child => child.Name == "stanza-id").ToArray();
        Assert.Equal(["x.test", "bob@example.test"], ids.Select(id => id.Attribute("by")));
        var own = ids[1].Attribute("id");
        Assert.Equal(own, (await bob.QueryAsync()).Ids.Single());
        Assert.NotEqual(own, (await alice.QueryAsync()).Ids.Single()); // MAM-015: not the same unless wanted
        Assert.True(StanzaId.TryParse(own, out var id));
        Assert.Equal(own, own!.ToUpperInvariant());
        Assert.Equal(server.Time.GetUtcNow(), id.Time, TimeSpan.FromMilliseconds(1));
    }

    [Fact] // MAM-013, XEP-0359 §6: nobody speaks for the archive
    public async Task A_forged_id_goes_also_from_what_is_not_archived()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<message to='bob@example.test'><subject>s</subject><stanza-id xmlns='urn:xmpp:sid:0' by='bob@example.test' id='forged'/></message>");
        Assert.False((await bob.ExpectAsync("<message><subject>s</subject></message>")).ToString().Contains("forged", StringComparison.Ordinal));
    }

    [Theory] // MAM-013, MAM-015, SID-002, CRB-005
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Ids_are_shared_where_that_is_wanted_and_carbons_have_the_senders(bool same, bool stable)
    {
        await using var server = await MamFixture.StartAsync(
            new MamOptions { Pm = new MamPmOptions { SameMamIdForPeers = same }, NoStanzaidElement = stable },
            builder =>
            {
                builder.Module<CarbonsModule>();
                if (stable)
                {
                    builder.Module<StanzaIdsModule>();
                }
            });
        await using var alice = await server.ConnectAsync("alice");
        await using var other = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await other.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await alice.SendAsync("<message to='bob@example.test' type='chat'><body>b</body></message>");
        var seen = (await bob.ExpectAsync("<message><stanza-id xmlns='urn:xmpp:sid:0' by='bob@example.test'/></message>")).Child("stanza-id", Ns.StanzaIds)!.Value.Attribute("id");
        var copy = await other.ReceiveAsync(element => element.Name == "message");
        var copied = copy.Child("sent", Ns.Carbons)!.Value.Child("forwarded", Ns.Forward)!.Value.Child("message", Ns.Client)!.Value.Child("stanza-id", Ns.StanzaIds)!.Value;
        Assert.Equal("alice@example.test", copied.Attribute("by"));
        Assert.Equal(copied.Attribute("id"), (await alice.QueryAsync()).Ids.Single());
        Assert.Equal(seen, (await bob.QueryAsync()).Ids.Single());
        Assert.Equal(same || stable, seen == copied.Attribute("id"));
    }

    [Fact] // no_stanzaid_element
    public async Task Ids_are_hidden_where_that_is_wanted()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions { NoStanzaidElement = true } });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<message to='bob@example.test'><body>b</body></message>");
        Assert.Null((await bob.ExpectAsync("<message><body>b</body></message>")).Child("stanza-id", Ns.StanzaIds));
        Assert.Equal(["b"], (await bob.QueryAsync()).Bodies);
    }

    [Fact] // MAM-003, MAM-018, MAM-032
    public async Task A_message_comes_back_as_it_was_sent()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "r");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync("<message xml:lang='de' to='BOB@example.test/x' type='chat' id='i&apos;1'><thread>t</thread><body>&lt;ß&gt;</body><e:e xmlns:e='e:e'><e:f a='1'/></e:e></message>");
        await alice.ExpectNothingAsync();
        var answer = await bob.QueryAsync();
        var result = answer.Results.Single();
        Assert.Equal(("bob@example.test", bob.Jid), (result.Attribute("from"), result.Attribute("to")));
        Assert.NotNull(result.Attribute("id"));
        Assert.Equal("f27", result.Child("result", Ns.Mam)!.Value.Attribute("queryid"));
        var delay = result.Child("result", Ns.Mam)!.Value.FirstChild!.Value.Child("delay", Ns.Delay)!.Value;
        Assert.Equal(("2030-01-02T03:04:05.000001Z", "alice@example.test/r"), (delay.Attribute("stamp"), delay.Attribute("from")));
        var message = answer.Messages.Single();
        Assert.Equal(("alice@example.test/r", "BOB@example.test/x", "chat", "i'1"), (message.Attribute("from"), message.Attribute("to"), message.Attribute("type"), message.Attribute("id")));
        Assert.Equal("de", message.Attribute("lang", Xml.XmlNames.XmlNamespace));
        Assert.Equal("<ß>", message.ChildText("body"));
        Assert.Equal("1", message.Child("e", "e:e")?.Child("f", "e:e")?.Attribute("a"));
        Assert.Equal(3, message.Children.Count);
    }

    [Fact] // MAM-010, MAM-069
    public async Task Groupchat_is_archived_for_its_recipients_where_that_is_wanted()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions { ArchiveGroupchats = true } });
        await using var alice = await server.ConnectAsync("alice");
        var message = (Message)StanzaReader.ReadTrusted(Xml.XmlElement.Parse("<message xmlns='jabber:client' from='room@muc.test/nick' to='alice@example.test' type='groupchat'><body>g</body></message>"))!;
        await server.Context.Router.RouteAsync(message, CancellationToken.None);
        await alice.SendAsync("<message to='bob@example.test' type='chat'><body>c</body></message>");
        Assert.Equal(["g", "c"], (await alice.QueryAsync([])).Bodies);
        Assert.Equal(["c"], (await alice.QueryAsync([("include-groupchat", "false")])).Bodies); // MAM-042
        Assert.Equal(["g", "c"], (await alice.QueryAsync([("include-groupchat", "true")])).Bodies);
        Assert.Equal(["g"], (await alice.QueryAsync([("with", "room@muc.test")])).Bodies);
        Assert.Contains(Ns.MamGroupchatAvailable, server.Host.AccountFeatures);
    }

    [Fact] // MAM-016: sent again on a new connection
    public async Task A_message_that_is_sent_again_is_archived_once_and_keeps_its_id()
    {
        await using var server = await MamFixture.StartAsync();
        const string Message = "<message to='bob@example.test' type='chat' id='1'><body>b</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>";
        await using (var alice = await server.ConnectAsync("alice"))
        {
            await alice.SendAsync(Message);
            await alice.ExpectNothingAsync();
        }

        await using var again = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await again.SendAsync(Message);
        var seen = (await bob.ReceiveAsync()).Child("stanza-id", Ns.StanzaIds)!.Value.Attribute("id");
        Assert.Equal([seen], (await bob.QueryAsync()).Ids);
        Assert.Single((await again.QueryAsync()).Results);
        await again.SendAsync(Message.Replace("'o1'", "'o2'", StringComparison.Ordinal));
        Assert.Equal(2, (await again.QueryAsync()).Results.Count);
    }

    [Fact] // MAM-016: whoever is back for a while sends nothing again, so that nobody has to look
    public async Task A_message_that_is_the_same_later_in_a_session_is_one_row_all_the_same()
    {
        await using var server = await MamFixture.StartAsync();
        const string Message = "<message to='bob@example.test' type='chat' id='1'><body>b</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>";
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync(Message);
        var first = (await bob.ReceiveAsync()).Child("stanza-id", Ns.StanzaIds)!.Value.Attribute("id");
        server.Time.Advance(TimeSpan.FromMinutes(1));
        await alice.SendAsync(Message);
        Assert.NotEqual(first, (await bob.ReceiveAsync()).Child("stanza-id", Ns.StanzaIds)!.Value.Attribute("id"));
        Assert.Equal([first], (await bob.QueryAsync()).Ids);
        Assert.Single((await alice.QueryAsync()).Results);
    }

    [Fact] // MAM-050
    public async Task Features_are_announced()
    {
        await using var server = await MamFixture.StartAsync();
        string[] features = [Ns.Mam, Ns.MamOld, Ns.MamExtended, Ns.RetractOld, Ns.RetractOldTombstone, Ns.Retract, Ns.RetractTombstone, Ns.RetractByStanzaId, Ns.MamGroupchatField];
        Assert.Superset(features.ToHashSet(), server.Host.Features.ToHashSet());
        Assert.Superset(features.ToHashSet(), server.Host.AccountFeatures.ToHashSet());
        Assert.DoesNotContain(Ns.MamGroupchatAvailable, server.Host.AccountFeatures);

        await using var without = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions { MessageRetraction = false } });
        Assert.Contains(Ns.RetractOld, without.Host.Features);
        Assert.DoesNotContain(Ns.RetractOldTombstone, without.Host.Features);

        await using var none = await MamFixture.StartAsync(new MamOptions());
        Assert.DoesNotContain(Ns.Mam, none.Host.Features);
    }

    [Fact] // MAM-087, MAM-088
    public async Task An_account_gets_what_is_kept_of_it_and_takes_it_along()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(2);
        var data = server.Host.Data.Single();
        var section = Assert.Single(await data.ExportAsync(MamFixture.Alice, CancellationToken.None).ToListAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("mam_pm", section.Name);
        Assert.Equal(["id", "from", "message"], section.Columns);
        Assert.Equal(2, section.Rows.Count);
        Assert.Equal(alice.Jid, section.Rows[0][1]);
        Assert.Contains("<body>1</body>", section.Rows[0][2], StringComparison.Ordinal);

        await data.RemoveAccountAsync(MamFixture.Alice, CancellationToken.None);
        Assert.Empty((await alice.QueryAsync()).Results);
        await using var bob = await server.ConnectAsync("bob");
        Assert.Equal(2, (await bob.QueryAsync()).Results.Count);
        await data.RemoveDomainAsync("example.test", CancellationToken.None);
        Assert.Empty((await bob.QueryAsync()).Results);
    }

    [Fact] // GQA-STANZA-01
    public async Task An_administrator_sees_the_last_messages()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions(), MaxResultLimit = 3 });
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(4);
        await server.Accounts.AddAsync("carol@example.test", "secret");
        await alice.ChatAsync(1, "carol@example.test/x");
        var operations = server.Host.Operations<MamOperations>()!;
        var last = await operations.GetLastMessagesAsync(MamFixture.Alice, null, MamOperations.DefaultLimit, null, CancellationToken.None);
        Assert.Equal((3, 3), (last.Limit, last.Messages.Count));
        Assert.Contains("<body>3</body>", last.Messages[0].Xml, StringComparison.Ordinal);
        Assert.Contains($"from='{alice.Jid}'", last.Messages[0].Xml, StringComparison.Ordinal);
        Assert.Single((await operations.GetLastMessagesAsync(MamFixture.Alice, Jid.Parse("carol@example.test"), 5, null, CancellationToken.None)).Messages);
        Assert.Empty((await operations.GetLastMessagesAsync(MamFixture.Alice, null, 5, server.Time.GetUtcNow(), CancellationToken.None)).Messages);
        Assert.Equal(2, (await operations.GetLastMessagesAsync(MamFixture.Alice, Jid.Parse("bob@example.test"), 2, server.Time.GetUtcNow().AddDays(1), CancellationToken.None)).Messages.Count);
    }
}
