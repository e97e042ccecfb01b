using Meerkat.Core.Hooks;
using Meerkat.Modules.Carbons;
using Meerkat.Modules.Inbox;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Inbox;

/// <summary>The inbox as clients see it.</summary>
public sealed class InboxTests
{
    private const string C = "erlang-solutions.com:xmpp:inbox:0#conversation";

    [Fact] // INB-011, INB-021, INB-026
    public async Task A_conversation_shows_its_last_message_and_what_is_unread()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await SendAsync(alice, "bob", "m1");
        await SendAsync(alice, "bob", "m2");
        var (entries, fin) = await InboxAsync(bob);
        var entry = Assert.Single(entries);
        Assert.Equal(("bob@example.test", bob.Jid), (entry.Attribute("from"), entry.Attribute("to")));
        Fits(entry, $"<message><result xmlns='{Ns.Inbox}' unread='2' queryid='box'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'/><message xmlns='jabber:client' id='m2' from='{alice.Jid}'><body>m2</body></message></forwarded><read>false</read><box>inbox</box><archive>false</archive><mute>0</mute></result></message>");
        Fits(fin, $"<iq type='result'><fin xmlns='{Ns.Inbox}'><set xmlns='http://jabber.org/protocol/rsm'><first/><last/></set><count>1</count><unread-messages>2</unread-messages><active-conversations>1</active-conversations></fin></iq>");

        (entries, fin) = await InboxAsync(alice);
        Fits(Assert.Single(entries), $"<message><result xmlns='{Ns.Inbox}' unread='0'><read>true</read></result></message>");
        Fits(fin, $"<iq><fin xmlns='{Ns.Inbox}'><count>1</count><unread-messages>0</unread-messages><active-conversations>0</active-conversations></fin></iq>");

        await SendAsync(bob, "alice", "m3"); // an answer reads what was there
        Assert.Equal(["0"], Unread(await InboxAsync(bob)));
        Assert.Equal(["1"], Unread(await InboxAsync(alice)));
    }

    [Theory] // INB-010, INB-043
    [InlineData("<body>b</body>", true)]
    [InlineData("<store xmlns='urn:xmpp:hints'/>", true)]
    [InlineData("<body>b</body><no-store xmlns='urn:xmpp:hints'/>", false)]
    [InlineData("<body>b</body><delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>", false)]
    [InlineData("<composing xmlns='http://jabber.org/protocol/chatstates'/>", false)]
    [InlineData("<body>b</body><x xmlns='erlang-solutions.com:xmpp:inbox:0#conversation' jid='x@y'/>", false)]
    [InlineData("<body>b</body><displayed xmlns='urn:xmpp:chat-markers:0' id='x'/>", false)]
    public async Task What_is_worth_archiving_counts(string payload, bool counts)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync($"<message to='bob@example.test' type='chat'>{payload}</message>");
        await alice.AskAsync("<iq type='get' to='example.test'><q xmlns='a:b'/></iq>");
        Assert.Equal(counts ? 1 : 0, (await InboxAsync(alice)).Entries.Count);
        Assert.Equal(counts ? 1 : 0, (await InboxAsync(bob)).Entries.Count);
    }

    [Fact] // INB-043
    public async Task A_message_to_nobody_is_in_the_senders_inbox_only_and_one_to_oneself_is_there_once()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='nobody@example.test' type='chat'><body>b</body></message>");
        await alice.ReceiveAsync();
        Assert.Equal(["0"], Unread(await InboxAsync(alice)));
        await alice.SendAsync("<message to='alice@example.test' type='chat'><body>b</body></message>");
        await alice.ReceiveAsync();
        Assert.Equal(["0", "0"], Unread(await InboxAsync(alice)));
    }

    [Fact] // INB-014, INB-043
    public async Task A_marker_of_the_last_message_reads_the_conversation()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await SendAsync(alice, "bob", "m1");
        await SendAsync(alice, "bob", "m2");
        foreach (var (marker, id, unread) in new[] { ("received", "m2", "2"), ("displayed", "m1", "2"), ("displayed", "m2", "0") })
        {
            await bob.SendAsync($"<message to='alice@example.test' type='chat'><{marker} xmlns='urn:xmpp:chat-markers:0' id='{id}'/></message>");
            await bob.AskAsync("<iq type='get' to='example.test'><q xmlns='a:b'/></iq>");
            Assert.Equal([unread], Unread(await InboxAsync(bob)));
        }

        Assert.Equal("m2", ShownId(Assert.Single((await InboxAsync(alice)).Entries))); // a marker is no content
    }

    [Fact] // INB-043
    public async Task Coming_online_other_resources_and_copies_change_nothing()
    {
        await using var server = await StartAsync(with: builder => builder.Module<OfflineModule>().Module<CarbonsModule>().Module<PlainPresenceModule>());
        await using var alice = await server.ConnectAsync("alice");
        await using var second = await server.ConnectAsync("alice");
        await second.AskAsync("<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await SendAsync(alice, "bob", "m1");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await using var other = await server.ConnectAsync("bob");
        await other.BecomeAvailableAsync();
        Assert.Equal(["1"], Unread(await InboxAsync(bob)));
        Assert.Equal(["1"], Unread(await InboxAsync(other)));
        Assert.Equal(["0"], Unread(await InboxAsync(second)));
    }

    [Fact] // INB-020
    public async Task The_form_says_what_can_be_asked()
    {
        await using var server = await StartAsync(new InboxOptions { Boxes = ["work"] });
        await using var alice = await server.ConnectAsync("alice");
        Fits(await alice.AskAsync($"<iq type='get'><query xmlns='{Ns.Inbox}'/></iq>"), $"""
            <iq type='result'><query xmlns='{Ns.Inbox}'><x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>{Ns.Inbox}</value></field>
            <field var='start' type='text-single'/><field var='end' type='text-single'/><field var='hidden_read' type='text-single'><value>false</value></field>
            <field var='order' type='list-single'><value>desc</value><option><value>asc</value></option><option><value>desc</value></option></field>
            <field var='box' type='list-single'><value>all</value><option><value>all</value></option><option><value>inbox</value></option><option><value>archive</value></option><option><value>bin</value></option><option><value>work</value></option></field>
            <field var='archive' type='boolean'><value>false</value></field></x></query></iq>
            """);
    }

    [Fact] // INB-022, INB-023
    public async Task Conversations_are_filtered_and_ordered()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        foreach (var name in (string[])["bob", "carol", "dave"])
        {
            await SendAsync(alice, name, name);
            server.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(["dave", "carol", "bob"], Shown(await InboxAsync(alice)));
        Assert.Equal(["bob", "carol", "dave"], Shown(await InboxAsync(alice, [("order", "asc")])));
        Assert.Equal(["carol", "bob"], Shown(await InboxAsync(alice, [("end", "2030-01-02T03:05:30Z")])));
        Assert.Equal(["dave", "carol"], Shown(await InboxAsync(alice, [("start", "2030-01-02T03:05:00Z")])));
        Assert.Empty(Shown(await InboxAsync(alice, [("hidden_read", "true")])));
        await SetAsync(alice, "bob", "<box>archive</box>");
        await SetAsync(alice, "carol", "<box>bin</box>");
        Assert.Equal(["dave", "bob"], Shown(await InboxAsync(alice)));
        Assert.Equal(["dave", "carol", "bob"], Shown(await InboxAsync(alice, [("box", "all")])));
        Assert.Equal(["bob"], Shown(await InboxAsync(alice, [("archive", "true")])));
        Assert.Equal(["dave"], Shown(await InboxAsync(alice, [("archive", "false")])));
        Assert.Equal(["carol"], Shown(await InboxAsync(alice, [("archive", "true"), ("box", "bin")])));
        foreach (var (name, value) in new[] { ("order", "up"), ("hidden_read", "yes"), ("box", "none"), ("start", "now"), ("archive", "x"), ("unknown", "1") })
        {
            var error = (await InboxAsync(alice, [(name, value)])).Fin;
            Fits(error, "<iq type='error'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
            Assert.Contains($"field={name}, value={value}", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact] // INB-024, INB-043
    public async Task Conversations_are_paged()
    {
        await using var server = await StartAsync(new InboxOptions { MaxResultLimit = 2 });
        await using var alice = await server.ConnectAsync("alice");
        foreach (var name in (string[])["a", "b", "c", "d"])
        {
            await SendAsync(alice, name, name);
        }

        var first = await InboxAsync(alice);
        Assert.Equal(["d", "c"], Shown(first));
        Assert.Equal(["d"], Shown(await InboxAsync(alice, page: "<max>1</max>")));
        Assert.Equal(["d", "c"], Shown(await InboxAsync(alice, page: "<max>9</max>")));
        var set = first.Fin.Child("fin", Ns.Inbox)!.Value.Child("set", Ns.ResultSet)!.Value;
        var second = await InboxAsync(alice, page: $"<after>{set.ChildText("last")}</after>");
        Assert.Equal(["b", "a"], Shown(second));
        Assert.Equal(["d", "c"], Shown(await InboxAsync(alice, page: "<after/>")));
        Assert.Equal(["b", "a"], Shown(await InboxAsync(alice, page: "<before/>")));
        var last = second.Fin.Child("fin", Ns.Inbox)!.Value.Child("set", Ns.ResultSet)!.Value.ChildText("last");
        Assert.Equal(["c", "b"], Shown(await InboxAsync(alice, page: $"<before>{last}</before>")));
        Fits((await InboxAsync(alice, page: "<max>0</max>")).Fin, $"<iq><fin xmlns='{Ns.Inbox}'><set xmlns='http://jabber.org/protocol/rsm'/><count>0</count></fin></iq>");
        foreach (var bad in (string[])["<max>x</max>", "<after>1</after>", "<before>1/%</before>", "<after>x/YQ==</after>"])
        {
            Fits((await InboxAsync(alice, page: bad)).Fin, "<iq type='error'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        }

        Fits((await InboxAsync(alice, page: "<index>1</index>")).Fin, "<iq type='error'><error type='cancel'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // INB-030 to INB-033
    public async Task Properties_are_read_and_set_and_every_client_is_told()
    {
        await using var server = await StartAsync(with: builder => builder.Module<PlainPresenceModule>().Module<MamModule>(new MamOptions { Pm = new MamPmOptions() }));
        await using var alice = await server.ConnectAsync("alice");
        await using var other = await server.ConnectAsync("alice");
        await other.BecomeAvailableAsync();
        await SendAsync(alice, "bob", "m1");
        Fits(await alice.AskAsync($"<iq type='get'><query xmlns='{C}' jid='bob@example.test'/></iq>"), $"<iq type='result'><query xmlns='{C}' jid='bob@example.test'><read>true</read><box>inbox</box><archive>false</archive><mute>0</mute></query></iq>");
        Fits(await alice.AskAsync($"<iq type='get'><query xmlns='{C}' jid='bob@example.test' complete='true'/></iq>"), $"<iq type='result'><query xmlns='{C}'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' id='m1'/></forwarded><read/></query></iq>");
        Fits(await alice.AskAsync($"<iq type='get'><query xmlns='{C}' jid='x@example.test'/></iq>"), "<iq type='error'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        Fits(await alice.AskAsync($"<iq type='get'><query xmlns='{C}'/></iq>"), $"<iq type='result'><query xmlns='{C}'><x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE'><value>{C}</value></field><field var='box'/><field var='archive'/><field var='read'/><field var='mute'/></x></query></iq>");

        await alice.SendAsync($"<iq type='set' id='s1'><query xmlns='{C}' jid='bob@example.test'><archive>true</archive><read>false</read><mute>60</mute></query></iq>");
        await alice.ExpectAsync("<iq type='result' id='s1'/>");
        await other.ExpectAsync($"<message from='alice@example.test' id='s1'><x xmlns='{C}' jid='bob@example.test' queryid='s1'><read>false</read><box>archive</box><archive>true</archive><mute>2030-01-02T03:05:05.000000Z</mute></x></message>");
        server.Time.Advance(TimeSpan.FromSeconds(61));
        Fits(await alice.AskAsync($"<iq type='get'><query xmlns='{C}' jid='bob@example.test'/></iq>"), $"<iq><query xmlns='{C}'><mute>0</mute></query></iq>"); // INB-026
        Assert.Single((await InboxAsync(alice, [("box", "all")])).Entries); // INB-033: updates are no messages

        foreach (var (attributes, children, text) in new[]
        {
            ("", "<read>true</read>", "jid-required"), (" jid='@'", "<read>true</read>", "invalid-jid"), (" jid='bob@example.test'", "", "no-property"),
            (" jid='bob@example.test'", "<box>none</box>", "invalid-box"), (" jid='bob@example.test'", "<box>all</box>", "invalid-box"), (" jid='bob@example.test'", "<read>1</read>", "bad-request"),
            (" jid='bob@example.test'", "<read>true</read><x/>", "bad-request"), (" jid='bob@example.test'", "<mute>-1</mute>", "bad-request"), (" jid='x@example.test'", "<read>true</read>", "item-not-found"),
        })
        {
            var error = await alice.AskAsync($"<iq type='set'><query xmlns='{C}'{attributes}>{children}</query></iq>");
            Fits(error, $"<iq type='error'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>{text}</text></error></iq>");
        }
    }

    [Fact] // INB-034
    public async Task A_conversation_is_reset()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await SendAsync(alice, "bob", "m1");
        Fits(await bob.AskAsync($"<iq type='set'><reset xmlns='{C}' jid='alice@example.test'/></iq>"), $"<iq type='result'><reset xmlns='{C}'/></iq>");
        Assert.Equal(["0"], Unread(await InboxAsync(bob)));
        Assert.Contains("jid-required", (await bob.AskAsync($"<iq type='set'><reset xmlns='{C}'/></iq>")).ToString(), StringComparison.Ordinal);
        Assert.Contains("invalid-jid", (await bob.AskAsync($"<iq type='set'><reset xmlns='{C}' jid=''/></iq>")).ToString(), StringComparison.Ordinal);
    }

    [Theory] // INB-018
    [InlineData(InboxBackend.Rdbms)]
    [InlineData(InboxBackend.RdbmsAsync)]
    public async Task A_message_takes_a_conversation_back_from_the_archive_and_says_so(InboxBackend backend)
    {
        await using var server = await StartAsync(new InboxOptions { Backend = backend }, builder => builder.Module<PlainPresenceModule>());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await SendAsync(alice, "bob", "m1");
        await server.Context.DrainAsync();
        foreach (var client in (TestClient[])[alice, bob])
        {
            await SetAsync(client, client == alice ? "bob" : "alice", "<box>archive</box>");
            await client.BecomeAvailableAsync();
        }

        await alice.SendAsync("<message to='bob@example.test' type='chat' id='m2'><body>m2</body></message>");
        var own = await alice.ExpectAsync($"<message from='alice@example.test'><x xmlns='{C}' jid='bob@example.test'><read>true</read><box>inbox</box><archive>false</archive></x></message>");
        Assert.Null(own.Child("x", C)!.Value.Attribute("queryid"));
        await bob.ReceiveAsync(element => TestClient.Fits(element, XmlElement.Parse($"<message from='bob@example.test'><x xmlns='{C}' jid='alice@example.test'><read>false</read><box>inbox</box></x></message>", Ns.Client)));
        await SendAsync(alice, "bob", "m3");
        await server.Context.DrainAsync();
        Assert.Equal(["m3"], Shown(await InboxAsync(alice)));
    }

    [Fact] // INB-035, INB-040
    public async Task The_bin_is_emptied_by_its_owner_by_administrators_and_by_time()
    {
        await using var server = await StartAsync(new InboxOptions { BinTtl = 2, BinCleanAfter = 1 });
        await using var alice = await server.ConnectAsync("alice");
        foreach (var name in (string[])["a", "b", "c"])
        {
            await SendAsync(alice, name, name);
            await SetAsync(alice, name, "<box>bin</box>");
        }

        Fits(await alice.AskAsync($"<iq type='set'><empty-bin xmlns='{Ns.Inbox}'/></iq>"), $"<iq type='result'><empty-bin xmlns='{Ns.Inbox}'><num>3</num></empty-bin></iq>");
        await SendAsync(alice, "a", "a");
        await SetAsync(alice, "a", "<box>bin</box>");
        var operations = server.Host.Operations<InboxOperations>()!;
        Assert.Equal(0, await operations.FlushUserBinAsync(BareJid.Parse("alice@example.test"), 1, CancellationToken.None));
        server.Time.Advance(TimeSpan.FromHours(47));
        Assert.Single((await InboxAsync(alice, [("box", "bin")])).Entries);
        server.Time.Advance(TimeSpan.FromHours(2));
        Assert.Empty((await InboxAsync(alice, [("box", "bin")])).Entries);
        await SendAsync(alice, "a", "a");
        await SetAsync(alice, "a", "<box>bin</box>");
        Assert.Equal(1, await operations.FlushGlobalBinAsync(["example.test", "other.test"], null, CancellationToken.None));
    }

    [Fact] // INB-041
    public async Task Behind_the_messages_everything_is_written_in_the_end()
    {
        await using var server = await StartAsync(new InboxOptions { Backend = InboxBackend.RdbmsAsync });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        for (var i = 1; i <= 50; i++)
        {
            await SendAsync(alice, "bob", $"m{i}");
        }

        await server.Context.DrainAsync();
        var (entries, _) = await InboxAsync(bob);
        Assert.Equal("m50", ShownId(Assert.Single(entries)));
        Assert.Equal(["50"], Unread((entries, default)));
    }

    [Fact] // INB-015, INB-016
    public async Task Rooms_are_conversations_of_their_members()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        var room = new Room();
        await SayAsync("<body>hi</body>", "m1", alice);
        Assert.Equal(["0"], Unread(await InboxAsync(alice)));
        var (entries, _) = await InboxAsync(bob);
        Assert.Equal(["1"], Unread((entries, default)));
        Assert.Contains("from='room@muclight.example.test/alice@example.test'", entries[0].ToString(), StringComparison.Ordinal);
        await SayAsync("<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>", "m2", bob);
        Assert.Equal(["0"], Unread(await InboxAsync(bob)));
        Assert.Equal("m1", ShownId((await InboxAsync(bob)).Entries[0]));
        await SayAsync("<body>config changed</body>", "m3", alice, isNotice: true);
        Assert.Equal("m1", ShownId((await InboxAsync(bob)).Entries[0]));
        await SayAsync("<body>muc</body>", "m4", alice, kind: RoomKind.Muc); // not wanted
        Assert.Equal("m1", ShownId((await InboxAsync(bob)).Entries[0]));

        await server.Host.Hooks.RunAsync(RoomHooks.Gone, new RoomGone(server.Host, room.Jid, room.Kind, await room.MembersAsync(default)), CancellationToken.None);
        Assert.Empty((await InboxAsync(bob)).Entries);

        async Task SayAsync(string payload, string id, TestClient sender, bool isNotice = false, RoomKind kind = RoomKind.MucLight)
        {
            var message = (Message)StanzaReader.Read(XmlElement.Parse($"<message xmlns='jabber:client' type='groupchat' id='{id}'>{payload}</message>"), room.Jid.WithResource(sender.BareJid), null)!;
            var context = new RoomMessageContext(server.Host, room with { Kind = kind }, message, Jid.Parse(sender.Jid), null) { IsNotice = isNotice };
            await server.Host.Hooks.RunAsync(RoomHooks.Message, context, CancellationToken.None);
        }
    }

    [Theory] // INB-015, INB-043
    [InlineData(true, true, 1, 0)]
    [InlineData(true, false, 1, 1)]
    [InlineData(false, true, 0, 0)]
    [InlineData(false, false, 0, 0)]
    public async Task Joining_and_leaving_show_where_that_is_wanted(bool shows, bool removes, int afterJoining, int afterLeaving)
    {
        await using var server = await StartAsync(new InboxOptions { AffChanges = shows, RemoveOnKicked = removes });
        await using var alice = await server.ConnectAsync("alice");
        var room = new Room();
        await ChangeAsync(RoomMembership.Added);
        Assert.Equal(afterJoining, (await InboxAsync(alice)).Entries.Count);
        await ChangeAsync(RoomMembership.Removed);
        Assert.Equal(afterLeaving, (await InboxAsync(alice)).Entries.Count);

        async Task ChangeAsync(RoomMembership change)
        {
            var notice = (Message)StanzaReader.Read(XmlElement.Parse("<message xmlns='jabber:client' type='groupchat' id='n'><body/></message>"), room.Jid, null)!;
            await server.Host.Hooks.RunAsync(RoomHooks.MemberChanged, new RoomMemberChange(server.Host, room, BareJid.Parse(alice.BareJid), change, notice), CancellationToken.None);
        }
    }

    private static async Task<TestServer> StartAsync(InboxOptions? options = null, Action<TestServerBuilder>? with = null)
    {
        var server = await TestServer.StartAsync(builder =>
        {
            builder.Module<InboxModule>(options ?? new InboxOptions()).Module<OfflineStubModule>();
            with?.Invoke(builder);
        });
        foreach (var name in (string[])["alice", "bob", "carol", "dave", "a", "b", "c", "d"])
        {
            await server.Accounts.AddAsync($"{name}@example.test", "secret");
        }

        return server;
    }

    private static async Task SendAsync(TestClient client, string to, string id)
    {
        await client.SendAsync($"<message to='{to}@example.test' type='chat' id='{id}'><body>{id}</body></message>");
        await client.AskAsync("<iq type='get' to='example.test'><q xmlns='a:b'/></iq>");
    }

    private static async Task SetAsync(TestClient client, string with, string properties) =>
        Fits(await client.AskAsync($"<iq type='set'><query xmlns='{C}' jid='{with}@example.test'>{properties}</query></iq>"), "<iq type='result'/>");

    private static async Task<(List<XmlElement> Entries, XmlElement Fin)> InboxAsync(TestClient client, (string, string)[]? fields = null, string? page = null)
    {
        var form = fields is null ? "" : $"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>{Ns.Inbox}</value></field>{string.Concat(fields.Select(field => $"<field var='{field.Item1}'><value>{field.Item2}</value></field>"))}</x>";
        await client.SendAsync($"<iq type='set' id='box'><inbox xmlns='{Ns.Inbox}'>{form}{(page is null ? "" : $"<set xmlns='http://jabber.org/protocol/rsm'>{page}</set>")}</inbox></iq>");
        var entries = new List<XmlElement>();
        var fin = await client.ReceiveAsync(element =>
        {
            if (element.Child("result", Ns.Inbox) is not null)
            {
                entries.Add(element);
            }

            return element.Name == "iq" && element.Attribute("id") == "box";
        });
        return (entries, fin);
    }

    private static string?[] Unread((List<XmlElement> Entries, XmlElement) inbox) => [.. inbox.Entries.Select(entry => entry.Child("result", Ns.Inbox)!.Value.Attribute("unread"))];

    private static string?[] Shown((List<XmlElement> Entries, XmlElement) inbox) => [.. inbox.Entries.Select(ShownId)];

    private static string? ShownId(XmlElement entry) => entry.Child("result", Ns.Inbox)!.Value.Child("forwarded", Ns.Forward)!.Value.Child("message", Ns.Client)!.Value.Attribute("id");

    private static void Fits(XmlElement element, string pattern) => Assert.True(TestClient.Fits(element, XmlElement.Parse(pattern, Ns.Client)), $"expected {pattern}\ngot {element}");

    private sealed record Room : IRoom
    {
        public BareJid Jid { get; } = BareJid.Parse("room@muclight.example.test");

        public RoomKind Kind { get; init; } = RoomKind.MucLight;

        public ValueTask<IReadOnlyCollection<BareJid>> MembersAsync(CancellationToken ct) => new([BareJid.Parse("alice@example.test"), BareJid.Parse("bob@example.test"), BareJid.Parse("far@other.test")]);
    }
}
