using Meerkat.Core.Hooks;
using Meerkat.Modules.MucLight;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.Tests.MucLight.MucLightFixture;

namespace Meerkat.Modules.Tests.MucLight;

/// <summary>Creating rooms, changing who is in them, destroying them: what is asked, stored and told. The rules themselves are in <see cref="AffiliationRulesTests"/>.</summary>
public sealed class MucLightAffiliationTests
{
    [Fact] // MUL-030, MUL-031
    public async Task A_new_room_tells_each_occupant_of_itself_and_then_the_result()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");

        await alice.SendAsync($"<iq type='set' id='c' to='{Coven}'><query xmlns='{Ns.MucLightCreate}'><configuration><roomname>Dark</roomname></configuration><occupants>{User("bob")}</occupants></query></iq>");

        var own = await alice.ExpectAsync($"<message from='{Coven}' to='alice@example.test' type='groupchat' id='c'><x xmlns='{Ns.MucLightAffiliations}'><version/><user affiliation='owner'>alice@example.test</user></x><body/></message>");
        Assert.Equal("alice:owner", own.Users());
        Assert.Null(own.Child("x", Ns.MucLightAffiliations)!.Value.Child("prev-version"));
        await alice.ExpectAsync($"<iq type='result' id='c' from='{Coven}'/>");
        var his = await bob.ExpectAsync($"<message from='{Coven}' to='bob@example.test' type='groupchat' id='c'><x xmlns='{Ns.MucLightAffiliations}'><version>{await alice.VersionAsync(Coven)}</version></x><body/></message>");
        Assert.Equal("bob:member", his.Users());
    }

    [Fact] // MUL-031
    public async Task A_room_without_a_name_is_named_by_the_service()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");

        await alice.SendAsync($"<iq type='set' id='c' to='{Service}'><query xmlns='{Ns.MucLightCreate}'/></iq>");

        var notice = await alice.ExpectAsync($"<message type='groupchat' id='c'><x xmlns='{Ns.MucLightAffiliations}'/></message>");
        await alice.ExpectAsync($"<iq type='result' id='c' from='{Service}'/>");
        var room = notice.Attribute("from")!;
        Assert.EndsWith("@" + Service, room, StringComparison.Ordinal);
        Assert.Equal("alice:owner", await alice.OccupantsAsync(room));
    }

    [Theory] // MUL-030
    [InlineData("<user affiliation='member'>alice@example.test</user>", BadRequest)]
    [InlineData("<user affiliation='none'>bob@example.test</user>", BadRequest)]
    [InlineData("<user affiliation='admin'>bob@example.test</user>", BadRequest)]
    [InlineData("<user>bob@example.test</user>", BadRequest)]
    [InlineData("<user affiliation='member'>bob@example.test/x</user>", BadRequest)]
    [InlineData("<user affiliation='member'>example.test</user>", BadRequest)]
    [InlineData("<user affiliation='member'>b\u2006b@example.test</user>", BadRequest)] // fails normalisation: an error, not a hang
    [InlineData("<user affiliation='member'>bob@example.test</user><user affiliation='owner'>bob@example.test</user>", BadRequest)]
    [InlineData("<user affiliation='owner'>bob@example.test</user><user affiliation='owner'>carol@example.test</user>", BadRequest)]
    [InlineData("<nobody/>", BadRequest)]
    public async Task A_room_that_cannot_be_is_refused(string occupants, string condition)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");

        AssertError(await alice.AskAsync($"<iq type='set' to='{Coven}'><query xmlns='{Ns.MucLightCreate}'><occupants>{occupants}</occupants></query></iq>"), condition);

        AssertError(await alice.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{Ns.MucLightInfo}'/></iq>"), NotFound);
    }

    [Fact] // MUL-030
    public async Task A_room_that_is_there_is_not_created_again()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven);

        AssertError(await bob.AskAsync($"<iq type='set' to='{Coven}'><query xmlns='{Ns.MucLightCreate}'/></iq>"), "conflict");
        AssertError(await alice.AskAsync($"<iq type='set' to='{Coven}'><query xmlns='{Ns.MucLightCreate}'/></iq>"), "conflict");
    }

    [Fact] // MUL-030, MUL-025
    public async Task Who_is_in_too_many_rooms_neither_creates_nor_is_added()
    {
        await using var server = await StartAsync(new MucLightOptions { RoomsPerUser = 1 });
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await using var carol = await server.ComeAsync("carol");
        await alice.CreateAsync(Coven);
        await bob.CreateAsync("b@" + Service);

        AssertError(await alice.AskAsync($"<iq type='set' to='c@{Service}'><query xmlns='{Ns.MucLightCreate}'/></iq>"), BadRequest);
        AssertResult(await alice.AffiliateAsync(Coven, User("bob"))); // silently nothing
        await bob.ExpectNothingAsync();
        AssertResult(await alice.AffiliateAsync(Coven, User("bob"), User("carol")));
        Assert.Equal("carol:member", (await carol.ReceiveAsync()).Users());
        Assert.Equal("alice:owner carol:member", await alice.OccupantsAsync(Coven));
    }

    [Fact] // MUL-026, MUL-030
    public async Task A_room_takes_no_more_than_it_may()
    {
        await using var server = await StartAsync(new MucLightOptions { MaxOccupants = 2 });
        await using var alice = await server.ComeAsync("alice");

        AssertError(await alice.AskAsync($"<iq type='set' to='{Coven}'><query xmlns='{Ns.MucLightCreate}'><occupants>{User("b")}{User("c")}</occupants></query></iq>"), BadRequest);
        await alice.CreateAsync(Coven, User("b"));
        AssertError(await alice.AffiliateAsync(Coven, User("c")), BadRequest);
        AssertResult(await alice.AffiliateAsync(Coven, User("c"), User("b", "none")));
        Assert.Equal("alice:owner c:member", await alice.OccupantsAsync(Coven));
    }

    [Fact] // MUL-027, MUL-022, MUL-023
    public async Task Each_is_told_what_concerns_him_before_the_result()
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await using var carol = await server.ComeAsync("carol");
        await using var dave = await server.ComeAsync("dave");
        var before = await alice.CreateAsync(Coven, User("bob") + User("carol"), "", bob, carol);
        watch.Messages.Clear();
        watch.Members.Clear();

        await alice.SendAsync($"<iq type='set' id='a1' to='{Coven}'><query xmlns='{Ns.MucLightAffiliations}'>{User("bob", "owner")}{User("carol", "none")}{User("dave")}</query></iq>");

        const string All = "alice:member bob:owner carol:none dave:member";
        foreach (var stayer in new[] { alice, bob })
        {
            var notice = await stayer.ExpectAsync($"<message from='{Coven}' to='{stayer.BareJid}' type='groupchat' id='a1'><x xmlns='{Ns.MucLightAffiliations}'><prev-version>{before}</prev-version><version/></x><body/><stanza-id xmlns='urn:xmpp:sid:0' by='{Coven}' id='s0'/></message>");
            Assert.Equal(All, notice.Users());
        }

        await alice.ExpectAsync($"<iq type='result' id='a1' from='{Coven}'/>");
        var version = await alice.VersionAsync(Coven);
        var joined = await dave.ExpectAsync($"<message from='{Coven}' to='dave@example.test' type='groupchat' id='a1'><x xmlns='{Ns.MucLightAffiliations}'><version>{version}</version></x><body/></message>");
        Assert.Equal("dave:member", joined.Users());
        Assert.Null(joined.Child("x", Ns.MucLightAffiliations)!.Value.Child("prev-version"));
        var left = await carol.ExpectAsync($"<message from='{Coven}' to='carol@example.test' type='groupchat' id='a1'><x xmlns='{Ns.MucLightAffiliations}'/><body/></message>");
        Assert.Equal("carol:none", left.Users());
        Assert.Null(left.Child("x", Ns.MucLightAffiliations)!.Value.Child("version"));

        // MUL-050: the archive keeps all changes with the version and without the previous one.
        var archived = Assert.Single(watch.Messages);
        Assert.True(archived.IsNotice);
        Assert.Equal(All, archived.Message.Element.Users());
        var x = archived.Message.Child("x", Ns.MucLightAffiliations)!.Value;
        Assert.Equal((version, null), (x.ChildText("version"), x.ChildText("prev-version")));
        Assert.Equal("", archived.Message.Body);

        // INB-015, SMK-005: each by name, with the message that tells him.
        Assert.Equal(
            ["alice:Added", "bob:MadeOwner", "carol:Removed", "dave:Added"],
            watch.Members.Select(change => $"{change.Account.Local}:{change.Change}").Order(StringComparer.Ordinal));
        Assert.All(watch.Members, change => Assert.Contains(change.Account.Local!, change.Notice!.Element.Users(), StringComparison.Ordinal));
        Assert.All(watch.Members, change => Assert.Equal(RoomKind.MucLight, change.Room.Kind));
    }

    [Fact] // MUL-050, INB-015, INB-043
    public async Task A_creation_is_archived_with_all_and_told_to_each_inbox()
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven, User("bob"));

        Assert.Equal("alice:owner bob:member", Assert.Single(watch.Messages).Message.Element.Users());
        Assert.Equal(["alice:MadeOwner", "bob:Added"], watch.Members.Select(change => $"{change.Account.Local}:{change.Change}"));
        AssertResult(await alice.ConfigureAsync(Coven, "<subject>s</subject>"));
        var configured = watch.Messages[1].Message.Child("x", Ns.MucLightConfiguration)!.Value;
        Assert.Equal(("s", null, await alice.VersionAsync(Coven)), (configured.ChildText("subject"), configured.ChildText("prev-version"), configured.ChildText("version")));
        Assert.Equal(2, watch.Members.Count);
    }

    [Theory] // MUL-022
    [InlineData("<user affiliation='member'>bob@example.test</user><user affiliation='none'>bob@example.test</user>")]
    [InlineData("<user affiliation='member'>bob@example.test</user>")]
    [InlineData("<user affiliation='none'>dave@example.test</user>")]
    [InlineData("<user affiliation='outcast'>bob@example.test</user>")]
    [InlineData("<user affiliation='none'>bob@example.test/desk</user>")]
    [InlineData("<user affiliation='none'>example.test</user>")]
    [InlineData("<user affiliation='member'>not a name</user>")]
    [InlineData("<who/>")]
    public async Task A_request_that_makes_no_sense_changes_nothing(string users)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        var version = await alice.CreateAsync(Coven, User("bob"));

        AssertError(await alice.AffiliateAsync(Coven, users), BadRequest);

        Assert.Equal(version, await alice.VersionAsync(Coven));
        await alice.ExpectNothingAsync();
    }

    [Fact] // MUL-022, MUL-041
    public async Task A_member_leaves_and_does_nothing_else()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await using var carol = await server.ComeAsync("carol");
        await alice.CreateAsync(Coven, User("bob"), "", bob);

        AssertError(await bob.AffiliateAsync(Coven, User("carol")), NotAllowed);
        AssertError(await bob.AffiliateAsync(Coven, User("alice", "none")), NotAllowed);
        AssertError(await carol.AffiliateAsync(Coven, User("carol")), NotFound);
        AssertResult(await bob.AffiliateAsync(Coven, User("bob", "none")));
        Assert.Equal("bob:none", (await alice.ReceiveAsync()).Users());
        AssertError(await bob.AffiliateAsync(Coven, User("bob", "none")), NotFound);
    }

    [Fact] // MUL-022: since 6.8 the schema may let one room's members invite
    public async Task Where_all_can_invite_a_member_adds_members()
    {
        var schema = new MucLightOptions().ConfigSchema.Append(new ConfigFieldOptions { Field = "open", InternalKey = "all_can_invite", BooleanValue = false });
        await using var server = await StartAsync(new MucLightOptions { ConfigSchema = [.. schema] });
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven, User("bob"), "<open>true</open>", bob);

        AssertResult(await bob.AffiliateAsync(Coven, User("carol")));
        AssertError(await bob.AffiliateAsync(Coven, User("dave", "owner")), NotAllowed);
        AssertResult(await alice.ConfigureAsync(Coven, "<open>false</open>"));
        AssertError(await bob.AffiliateAsync(Coven, User("dave")), NotAllowed);
    }

    [Fact] // MUL-024
    public async Task The_last_owner_is_followed_by_a_member_unless_nobody_may_follow()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven, User("bob") + User("carol"), "", bob);

        AssertResult(await alice.AffiliateAsync(Coven, User("alice", "none")));
        Assert.Equal("alice:none bob:owner", (await bob.ReceiveAsync()).Users());

        await using var strict = await StartAsync(new MucLightOptions { PromoteOnLastOwnerLeave = false });
        await using var owner = await strict.ComeAsync("alice");
        await owner.CreateAsync(Coven, User("bob"));
        AssertError(await owner.AffiliateAsync(Coven, User("alice", "none")), BadRequest);
        Assert.Equal("alice:owner bob:member", await owner.OccupantsAsync(Coven));
    }

    [Fact] // MUL-028
    public async Task A_room_that_the_last_one_leaves_is_gone()
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);

        await alice.SendAsync($"<iq type='set' id='l' to='{Coven}'><query xmlns='{Ns.MucLightAffiliations}'>{User("alice", "none")}</query></iq>");

        Assert.Equal("alice:none", (await alice.ReceiveAsync()).Users());
        await alice.ExpectAsync("<iq type='result' id='l'/>");
        var gone = Assert.Single(watch.Gone);
        Assert.Equal((Coven, RoomKind.MucLight), (gone.Room.ToString(), gone.Kind));
        Assert.Equal(["alice@example.test"], gone.Members.Select(jid => jid.ToString()));
        await alice.CreateAsync(Coven);
    }

    [Fact] // MUL-032
    public async Task An_owner_destroys_a_room()
    {
        var watch = new RoomWatch();
        await using var server = await StartAsync(null, with => with.Module<RoomWatchModule>(watch));
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven, User("bob"), "", bob);
        watch.Messages.Clear();
        const string Destroy = $"<iq type='set' id='d' to='{Coven}'><query xmlns='{Ns.MucLightDestroy}'/></iq>";

        await bob.SendAsync(Destroy);
        AssertError(await bob.ReceiveAsync(), NotAllowed);
        await alice.SendAsync(Destroy);

        foreach (var client in new[] { alice, bob })
        {
            var notice = await client.ExpectAsync($"<message from='{Coven}' to='{client.BareJid}' type='groupchat' id='d'><x xmlns='{Ns.MucLightAffiliations}'/><x xmlns='{Ns.MucLightDestroy}'/><body/></message>");
            Assert.Equal($"{client.BareJid.Split('@')[0]}:none", notice.Users());
            Assert.Null(notice.Child("x", Ns.MucLightAffiliations)!.Value.Child("version"));
        }

        await alice.ExpectAsync($"<iq type='result' id='d' from='{Coven}'/>");
        AssertError(await alice.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{Ns.MucLightInfo}'/></iq>"), NotFound);
        Assert.Equal(2, Assert.Single(watch.Gone).Members.Count);
        Assert.Empty(watch.Messages); // MUL-050: not archived
    }

    [Fact] // equal_occupants
    public async Task Where_all_are_equal_nobody_owns_a_room()
    {
        await using var server = await StartAsync(new MucLightOptions { EqualOccupants = true, AllCanInvite = true, AllCanConfigure = true });
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven, User("bob"), "", bob);

        Assert.Equal("alice:member bob:member", await alice.OccupantsAsync(Coven));
        AssertError(await alice.AffiliateAsync(Coven, User("alice", "owner")), NotAllowed);
        AssertResult(await bob.ConfigureAsync(Coven, "<roomname>x</roomname>"));
        AssertResult(await bob.AffiliateAsync(Coven, User("carol")));
        AssertError(await alice.AskAsync($"<iq type='set' to='{Coven}'><query xmlns='{Ns.MucLightDestroy}'/></iq>"), NotAllowed);
        AssertResult(await alice.AffiliateAsync(Coven, User("alice", "none")));
        Assert.Equal("bob:member carol:member", await bob.OccupantsAsync(Coven));
    }
}
