using Meerkat.Core.Routing;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Privacy;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Modules.Roster;
using Meerkat.Modules.VCard;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests;

/// <summary>What administrators do to features, as the interfaces for administration find it: on the host type.</summary>
public sealed class AdministrationTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@example.test");
    private static readonly BareJid Bob = BareJid.Parse("bob@example.test");
    private static readonly BareJid Nobody = BareJid.Parse("nobody@example.test");
    private static readonly BareJid Stranger = BareJid.Parse("someone@elsewhere.test");

    [Fact]
    public async Task A_feature_that_is_not_there_has_no_operations()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<RosterModule>());
        Assert.NotNull(server.Host.Operations<RosterOperations>());
        Assert.Null(server.Host.Operations<OfflineOperations>());
    }

    [Fact] // GQA-ROSTER-01, GQA-ROSTER-04, GQA-ROSTER-09, GQA-ROSTER-10
    public async Task Contacts_are_added_changed_listed_and_removed()
    {
        await using var server = await StartAsync();
        var operations = server.Host.Operations<RosterOperations>()!;
        await using var alice = await server.ConnectAsync("alice");
        await server.Accounts.AddAsync("bob@example.test", "secret");

        Assert.Equal(RosterResult.Ok, await operations.AddAsync(Alice, new RosterContact(Bob, "Bob", ["work", "work"]), None));
        await alice.ExpectAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' name='Bob' subscription='none'><group>work</group></item></query></iq>");
        await operations.SubscribeAsync(Alice, Bob, PresenceType.Subscribe, None);
        await alice.ExpectAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' ask='subscribe'/></query></iq>");
        Assert.Equal(RosterResult.Ok, await operations.AddAsync(Alice, new RosterContact(Bob, "Robert", []), None));
        await alice.ExpectAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' name='Robert' ask='subscribe'/></query></iq>");

        var (_, found) = await operations.FindAsync(Alice, Bob, None);
        Assert.Equal(("Robert", SubscriptionState.PendingOut, 0), (found!.Name, found.State, found.Groups.Count));
        Assert.Equal(["bob@example.test"], (await operations.ListAsync(Alice, None)).Contacts.Select(item => item.Contact.ToString()));
        Assert.Equal(SubscriptionState.PendingIn, Assert.Single((await operations.ListAsync(Bob, None)).Contacts).State); // GraphQL shows it with ask IN

        Assert.Equal(RosterResult.Ok, await operations.RemoveAsync(Alice, Bob, None));
        await alice.ExpectAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' subscription='remove'/></query></iq>");
        Assert.Equal(RosterResult.ContactNotFound, await operations.RemoveAsync(Alice, Bob, None));
    }

    [Fact] // the codes of GQA-ROSTER
    public async Task What_is_not_there_is_named()
    {
        await using var server = await StartAsync();
        var operations = server.Host.Operations<RosterOperations>()!;
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await server.Accounts.AddAsync("bob@example.test", "secret");

        Assert.Equal(RosterResult.UserNotExist, await operations.AddAsync(Nobody, new RosterContact(Bob, "", []), None));
        Assert.Equal(RosterResult.UserNotExist, await operations.AddAsync(Alice, new RosterContact(Nobody, "", []), None));
        Assert.Equal(RosterResult.UnknownDomain, await operations.AddAsync(Alice, new RosterContact(Stranger, "", []), None));
        Assert.Equal(RosterResult.UnknownDomain, await operations.AddAsync(Stranger, new RosterContact(Bob, "", []), None));
        Assert.Equal(RosterResult.Internal, await operations.AddAsync(Alice, new RosterContact(Bob, new string('x', RosterLimits.Name + 1), []), None));
        Assert.Equal(RosterResult.UnknownDomain, await operations.RemoveAsync(Stranger, Bob, None));
        Assert.Equal(RosterResult.UnknownDomain, await operations.SubscribeAsync(Stranger, Bob, PresenceType.Subscribe, None));
        Assert.Equal(RosterResult.UnknownDomain, await operations.ConnectAsync(new RosterContact(Alice, "", []), new RosterContact(Stranger, "", []), None));
        Assert.Equal(RosterResult.UserNotExist, await operations.ConnectAsync(new RosterContact(Alice, "", []), new RosterContact(Nobody, "", []), None));
        Assert.Equal(RosterResult.ContactNotFound, await operations.DisconnectAsync(Alice, Bob, None));
        Assert.Equal(RosterResult.UserNotExist, (await operations.ListAsync(Nobody, None)).Result);
        Assert.Equal(RosterResult.UnknownDomain, (await operations.ListAsync(Stranger, None)).Result);
        Assert.Equal(RosterResult.ContactNotFound, (await operations.FindAsync(Alice, Bob, None)).Result);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await operations.SubscribeAsync(Alice, Bob, PresenceType.Probe, None));
    }

    [Fact] // GQA-ROSTER-06, across host types
    public async Task Two_accounts_are_connected_and_disconnected()
    {
        await using var server = await StartAsync(["example.test", "two.test"]);
        var operations = server.Host.Operations<RosterOperations>()!;
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await server.Accounts.AddAsync("dan@two.test", "secret");
        var dan = BareJid.Parse("dan@two.test");
        server.Context.Domains.TryFind("two.test", out var two);

        Assert.Equal(RosterResult.Ok, await operations.ConnectAsync(new RosterContact(Alice, "A", []), new RosterContact(dan, "D", ["g"]), None));
        var (_, mine) = await operations.FindAsync(Alice, dan, None);
        Assert.Equal((SubscriptionState.Both, "D"), (mine!.State, mine.Name));
        var (_, theirs) = await two!.Host.Operations<RosterOperations>()!.FindAsync(dan, Alice, None);
        Assert.Equal((SubscriptionState.Both, "A"), (theirs!.State, theirs.Name));

        Assert.Equal(RosterResult.Ok, await operations.DisconnectAsync(Alice, dan, None));
        Assert.Equal(RosterResult.ContactNotFound, (await operations.FindAsync(Alice, dan, None)).Result);
        Assert.Equal(RosterResult.ContactNotFound, (await two.Host.Operations<RosterOperations>()!.FindAsync(dan, Alice, None)).Result);
    }

    [Fact] // GQA-VCARD-01, GQA-VCARD-02, GQA-PRIVATE-01, GQA-PRIVATE-02
    public async Task VCards_and_private_fragments_are_set_and_read()
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        var vcards = server.Host.Operations<VCardOperations>()!;
        var vcard = XmlElement.Parse("<vCard xmlns='vcard-temp'><FN>Alice</FN></vCard>");
        Assert.Equal((VCardResult.VCardNotFound, null), await vcards.GetAsync(Alice, None));
        Assert.Equal(VCardResult.Ok, await vcards.SetAsync(Alice, vcard, None));
        Assert.Equal("Alice", (await vcards.GetAsync(Alice, None)).VCard?.ChildText("FN"));
        Assert.Equal((VCardResult.UserNotFound, VCardResult.UserNotFound), (await vcards.SetAsync(Nobody, vcard, None), (await vcards.GetAsync(Stranger, None)).Result));
        Assert.Equal(VCardResult.Internal, await vcards.SetAsync(Alice, XmlElement.Parse("<vCard xmlns='other'/>"), None));

        var fragments = server.Host.Operations<PrivateStorageOperations>()!;
        Assert.Equal("<n xmlns='app:n'/>", (await fragments.GetAsync(Alice, "n", "app:n", None))?.ToString());
        Assert.Equal(PrivateStorageResult.Ok, await fragments.SetAsync(Alice, XmlElement.Parse("<n xmlns='app:n'>milk</n>"), None));
        Assert.Equal("milk", (await fragments.GetAsync(Alice, "n", "app:n", None))?.Text);
        Assert.Equal(PrivateStorageResult.NoNamespace, await fragments.SetAsync(Alice, XmlElement.Parse("<n/>"), None));
        Assert.Equal(PrivateStorageResult.NotFound, await fragments.SetAsync(Nobody, XmlElement.Parse("<n xmlns='app:n'/>"), None));
        Assert.Null(await fragments.GetAsync(Stranger, "n", "app:n", None));
    }

    [Fact] // GQA-STANZA-02 to GQA-STANZA-04
    public async Task Stanzas_are_sent_in_an_accounts_name()
    {
        await using var server = await StartAsync();
        var operations = new StanzaOperations(server.Context);
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();

        var (result, id) = await operations.SendMessageAsync(Alice, Bob, "hello", None);
        Assert.Equal(StanzaResult.Ok, result);
        await bob.ExpectAsync($"<message type='chat' id='{id}' from='alice@example.test' to='bob@example.test'><body>hello</body></message>");
        (result, id) = await operations.SendHeadlineAsync(Alice, Bob, "news", null, None);
        var headline = await bob.ExpectAsync($"<message type='headline' id='{id}'><subject>news</subject></message>");
        Assert.Null(headline.Child("body"));
        Assert.Equal((StanzaResult.UnknownUser, null), await operations.SendMessageAsync(Nobody, Bob, "x", None));
        Assert.Equal((StanzaResult.UnknownUser, null), await operations.SendMessageAsync(Stranger, Bob, "x", None));

        Assert.Equal((StanzaResult.Ok, "7"), await operations.SendAsync(Parse("<message id='7' from='alice@example.test' to='bob@example.test' xml:lang='de'><body>hallo</body></message>"), None));
        await bob.ExpectAsync("<message id='7' xml:lang='de' from='alice@example.test' to='bob@example.test'><body>hallo</body></message>");
        (result, id) = await operations.SendAsync(Parse("<presence type='subscribe' from='alice@example.test' to='bob@example.test'/>"), None);
        Assert.Equal((StanzaResult.Ok, 16), (result, id!.Length));
        await bob.ExpectAsync("<presence type='subscribe' from='alice@example.test'/>");
        Assert.Equal(SubscriptionState.PendingOut, (await server.Host.Operations<RosterOperations>()!.FindAsync(Alice, Bob, None)).Contact?.State);
    }

    [Theory] // GQA-STANZA-04
    [InlineData("<message from='alice@example.test'/>", StanzaResult.NoRecipient)]
    [InlineData("<message from='alice@example.test' to='@'/>", StanzaResult.InvalidRecipient)]
    [InlineData("<message to='bob@example.test'/>", StanzaResult.NoSender)]
    [InlineData("<message from='@' to='bob@example.test'/>", StanzaResult.InvalidSender)]
    [InlineData("<message from='example.test' to='bob@example.test'/>", StanzaResult.InvalidSender)]
    [InlineData("<message from='nobody@example.test' to='bob@example.test'/>", StanzaResult.UnknownUser)]
    [InlineData("<other from='alice@example.test' to='bob@example.test'/>", StanzaResult.InvalidStanza)]
    [InlineData("<iq type='x' from='alice@example.test' to='bob@example.test'/>", StanzaResult.InvalidStanza)]
    [InlineData("<presence type='x' from='alice@example.test' to='bob@example.test'/>", StanzaResult.InvalidStanza)]
    public async Task Stanzas_that_cannot_be_sent_are_refused(string stanza, StanzaResult expected)
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        Assert.Equal((expected, null), await new StanzaOperations(server.Context).SendAsync(Parse(stanza), None));
    }

    [Fact] // GQA-STANZA-02: blocked as the account's own would be
    public async Task An_accounts_default_list_holds_for_what_is_sent_in_its_name()
    {
        await using var server = await StartAsync();
        await using (var alice = await server.ConnectAsync("alice"))
        {
            await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:privacy'><list name='l'><item type='jid' value='bob@example.test' action='deny' order='1'/></list></query></iq>");
            await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:privacy'><default name='l'/></query></iq>");
        }

        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        Assert.Equal(StanzaResult.Ok, (await new StanzaOperations(server.Context).SendMessageAsync(Alice, Bob, "hello", None)).Result);
        await bob.ExpectNothingAsync();
    }

    private static XmlElement Parse(string xml) => XmlElement.Parse(xml, Ns.Client);

    private static Task<TestServer> StartAsync(IReadOnlyList<string>? domains = null) => TestServer.StartAsync(with =>
    {
        with.Domains = domains ?? with.Domains;
        with.Module<RosterModule>().Module<PresenceModule>().Module<PrivacyModule>().Module<VCardModule>(new VCardOptions { Search = false }).Module<PrivateStorageModule>();
    });
}
