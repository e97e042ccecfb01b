using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Roster;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Roster;

public sealed class RosterTests
{
    private const string Get = "<iq type='get'><query xmlns='jabber:iq:roster'/></iq>";

    [Fact] // CORE-195, CORE-197, CORE-199, CORE-350, ROS-002, ROS-007
    public async Task A_set_is_pushed_to_all_resources_before_its_result_and_comes_back_in_a_get()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var other = await server.ConnectAsync("alice", "b");

        await alice.SendAsync("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='BOB@example.test' name='Bob'><group>Friends</group><group>Work</group><note xmlns='app:n'>x</note></item></query></iq>");

        const string item = "<query xmlns='jabber:iq:roster'><item jid='bob@example.test' name='Bob' subscription='none'><group>Friends</group><group>Work</group><note xmlns='app:n'>x</note></item></query>";
        var push = await alice.ExpectAsync($"<iq type='set' from='alice@example.test' to='alice@example.test/a'>{item}</iq>");
        Assert.StartsWith("push", push.Attribute("id"), StringComparison.Ordinal);
        var result = await alice.ExpectAsync("<iq type='result' id='s' from='alice@example.test' to='alice@example.test/a'/>");
        Assert.Empty(result.Children.ToArray());
        await other.ExpectAsync($"<iq type='set'>{item}</iq>");
        var roster = await other.AskAsync(Get);
        Assert.True(TestClient.Fits(roster, XmlElement.Parse($"<iq type='result'>{item}</iq>", Ns.Client)), roster.ToString());
        Assert.Null(roster.FirstChild!.Value.FirstChild!.Value.Attribute("ask"));
    }

    [Fact] // CORE-196, CORE-197, ROS-005
    public async Task Items_of_one_set_are_taken_one_by_one_and_bad_ones_are_passed_over()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await SetAsync(alice, "<item jid='bob@example.test' name='Bob' subscription='both'/><item jid='@@'/><item jid='carol@example.test/desk'/>");
        await SetAsync(alice, "<item jid='bob@example.test'><group>New</group></item>"); // no name keeps it
        await SetAsync(alice, "<item jid='carol@example.test/desk' name=''><group>A</group><group>A</group><group/></item>");

        var items = await ItemsAsync(alice);
        Assert.Equal(["bob@example.test", "carol@example.test/desk"], items.Keys.Order());
        Assert.Equal(("Bob", "none", "New"), Describe(items["bob@example.test"]));
        Assert.Equal((null, "none", "A"), Describe(items["carol@example.test/desk"]));
    }

    [Fact] // CORE-197: a client that does not know an extension does not remove it
    public async Task Extension_elements_stay_when_a_set_has_none()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await SetAsync(alice, "<item jid='bob@example.test'><n xmlns='app:n'/></item>");
        await SetAsync(alice, "<item jid='bob@example.test' name='B'/>");

        Assert.NotNull((await ItemsAsync(alice))["bob@example.test"].Child("n", "app:n"));
    }

    [Theory] // CORE-194, ROS-001
    [InlineData("bob@example.test")]
    [InlineData("bob@other.test")]
    [InlineData("other.test")]
    [InlineData("example.test")]
    public async Task Nobody_touches_a_roster_that_is_not_the_own(string to)
    {
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Domains = ["example.test", "other.test"];
            with.Module<RosterModule>().Module<PresenceModule>();
        });
        await using var alice = await server.ConnectAsync("alice");

        foreach (var iq in new[] { $"<iq type='get' to='{to}'><query xmlns='jabber:iq:roster'/></iq>", $"<iq type='set' to='{to}'><query xmlns='jabber:iq:roster'><item jid='x@y'/></query></iq>" })
        {
            var error = await alice.AskAsync(iq);
            Assert.True(TestClient.Fits(error, XmlElement.Parse($"<iq type='error' from='{to}'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error><query xmlns='jabber:iq:roster'/></iq>", Ns.Client)), error.ToString());
        }
    }

    [Fact] // CORE-196, ROS-006
    public async Task Removing_an_unknown_contact_succeeds_without_a_push()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' subscription='remove'/></query></iq>");

        await alice.ExpectAsync("<iq type='result' id='r'/>");
    }

    [Fact] // CORE-198, CORE-193, ROS-006
    public async Task Removing_a_friend_ends_both_subscriptions()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.BecomeAvailableAsync();
        await bob.BecomeAvailableAsync();
        await BefriendAsync(alice, bob);

        await alice.SendAsync($"<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='{bob.BareJid}' subscription='remove'/></query></iq>");

        await alice.ExpectAsync($"<iq type='set'><query xmlns='jabber:iq:roster'><item jid='{bob.BareJid}' subscription='remove'/></query></iq>");
        await bob.ReceiveAsync(element => IsPush(element, "to"));
        await bob.ExpectAsync($"<presence type='unsubscribe' from='{alice.BareJid}'/>");
        await bob.ReceiveAsync(element => IsPush(element, "none"));
        await bob.ExpectAsync($"<presence type='unsubscribed' from='{alice.BareJid}'/>");
        await bob.ExpectAsync($"<presence type='unavailable' from='{alice.Jid}'/>");
        await alice.ReceiveAsync(element => element.Attribute("id") == "r");
        Assert.Equal((null, "none", ""), Describe((await ItemsAsync(bob))[alice.BareJid]));
        Assert.Empty(await ItemsAsync(alice));
    }

    [Fact] // RFC 6121 §2.6, CORE-200, ROS-003, ROS-004
    public async Task A_current_copy_is_answered_with_an_empty_result()
    {
        foreach (var stored in new[] { false, true })
        {
            await using var server = await StartAsync(new RosterOptions { Versioning = true, StoreCurrentId = stored });
            await using var alice = await server.ConnectAsync("alice");

            await alice.SendAsync("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='bob@example.test'/></query></iq>");
            var pushed = (await alice.ReceiveAsync()).FirstChild!.Value.Attribute("ver");
            await alice.ExpectAsync("<iq type='result' id='s'/>");
            var full = (await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster' ver=''/></iq>")).FirstChild!.Value;
            Assert.Equal(pushed, full.Attribute("ver"));
            Assert.NotEmpty(full.Children.ToArray());
            Assert.Null((await alice.AskAsync($"<iq type='get'><query xmlns='jabber:iq:roster' ver='{pushed}'/></iq>")).FirstChild);
            Assert.Null((await alice.AskAsync(Get)).FirstChild!.Value.Attribute("ver"));

            await SetAsync(alice, "<item jid='carol@example.test'/>");
            var changed = (await alice.AskAsync($"<iq type='get'><query xmlns='jabber:iq:roster' ver='{pushed}'/></iq>")).FirstChild!.Value;
            Assert.NotEqual(pushed, changed.Attribute("ver"));
            Assert.Equal(2, changed.Children.Count);
        }
    }

    [Fact] // RFC 6121 §2.6.1, ROS-003
    public async Task Versioning_is_announced_where_it_is_on()
    {
        foreach (var versioning in new[] { false, true })
        {
            await using var server = await StartAsync(new RosterOptions { Versioning = versioning });
            await server.Accounts.AddAsync("alice@example.test", "secret");
            await using var alice = server.Open();
            await alice.OpenStreamAsync();
            await alice.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>");
            await alice.ExpectAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");

            var features = await alice.OpenStreamAsync();

            Assert.Equal(versioning, features.Child("ver", Ns.RosterVersioning) is not null);
        }
    }

    [Theory] // RFC 6121 §2.3.3: bounds of one item
    [InlineData("name", 1024)]
    [InlineData("group", 1024)]
    [InlineData("groups", 101)]
    [InlineData("extension", 9000)]
    public async Task An_item_beyond_the_bounds_is_not_acceptable(string what, int size)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        var inside = what switch
        {
            "group" => $"<group>{new string('g', size)}</group>",
            "groups" => string.Concat(Enumerable.Range(0, size).Select(i => $"<group>{i}</group>")),
            "extension" => $"<n xmlns='app:n'>{new string('n', size)}</n>",
            _ => "",
        };

        var answer = await alice.AskAsync($"<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' name='{new string('n', what == "name" ? size : 1)}'>{inside}</item></query></iq>");

        Assert.NotNull(answer.Child("error")?.Child("not-acceptable", Ns.StanzaErrors));
        Assert.Empty(await ItemsAsync(alice));
    }

    [Fact] // CORE-201, ROS-009, ROS-010
    public async Task Removing_an_account_tells_its_contacts()
    {
        await using var server = await StartAsync();
        await using var bob = await server.ConnectAsync("bob", "b");
        await bob.BecomeAvailableAsync();
        await using (var alice = await server.ConnectAsync("alice", "a"))
        {
            await alice.BecomeAvailableAsync();
            await BefriendAsync(alice, bob);
        }

        await bob.ReceiveAsync(element => element.Attribute("type") == "unavailable");
        await server.Host.Hooks.RunAsync(Core.Hooks.AccountHooks.Removing, new Core.Hooks.AccountContext(server.Host, BareJid.Parse("alice@example.test")), default);

        await bob.ReceiveAsync(element => IsPush(element, "to"));
        await bob.ExpectAsync("<presence type='unsubscribe' from='alice@example.test'/>");
        await bob.ReceiveAsync(element => IsPush(element, "none"));
        await bob.ExpectAsync("<presence type='unsubscribed' from='alice@example.test'/>");
        foreach (var data in server.Host.Data)
        {
            await data.RemoveAccountAsync(BareJid.Parse("alice@example.test"), default);
        }

        await using var again = await server.ConnectAsync("alice", "a");
        Assert.Empty(await ItemsAsync(again));
    }

    internal static Task<TestServer> StartAsync(RosterOptions? options = null) =>
        TestServer.StartAsync(with => with.Module<RosterModule>(options).Module<PresenceModule>());

    /// <summary>Both available clients subscribe to each other; what they get meanwhile is passed over.</summary>
    internal static async Task BefriendAsync(TestClient alice, TestClient bob)
    {
        foreach (var (asking, asked) in new[] { (alice, bob), (bob, alice) })
        {
            await asking.SendAsync($"<presence type='subscribe' to='{asked.BareJid}'/>");
            await asked.ReceiveAsync(element => element.Attribute("type") == "subscribe");
            await asked.SendAsync($"<presence type='subscribed' to='{asking.BareJid}'/>");
            await asking.ReceiveAsync(element => element.Name == "presence" && element.Attribute("from") == asked.Jid);
            await asked.AskAsync(Get);
        }
    }

    internal static bool IsPush(XmlElement element, string subscription) =>
        element.Attribute("type") == "set" && element.Child("query", Ns.Roster)?.FirstChild?.Attribute("subscription") == subscription;

    internal static async Task<Dictionary<string, XmlElement>> ItemsAsync(TestClient client) =>
        (await client.AskAsync(Get)).FirstChild!.Value.Children.ToArray().ToDictionary(item => item.Attribute("jid")!);

    private static async Task SetAsync(TestClient client, string items)
    {
        var answer = await client.AskAsync($"<iq type='set'><query xmlns='jabber:iq:roster'>{items}</query></iq>");
        Assert.Equal("result", answer.Attribute("type"));
    }

    private static (string? Name, string? Subscription, string Groups) Describe(XmlElement item) =>
        (item.Attribute("name"), item.Attribute("subscription"), string.Join(',', item.Children.ToArray().Where(child => child.Name == "group").Select(group => group.Text)));

    [Fact] // ROS-011
    public async Task Other_modules_add_contacts_and_keep_them_from_clients()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<RosterModule>(new RosterOptions { Versioning = true }).Module<PresenceModule>().Module<CompanyModule>());
        await using var boss = await server.ConnectAsync("boss");
        await boss.BecomeAvailableAsync();
        await using var alice = await server.ConnectAsync("alice");
        await SetAsync(alice, "<item jid='bob@example.test' name='Bob'/>");

        var roster = await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster' ver=''/></iq>");
        Assert.Equal(["bob@example.test", "boss@example.test"], roster.FirstChild!.Value.Children.ToArray().Select(item => item.Attribute("jid")!).Order());
        var version = roster.FirstChild!.Value.Attribute("ver");
        Assert.Null((await alice.AskAsync($"<iq type='get'><query xmlns='jabber:iq:roster' ver='{version}'/></iq>")).FirstChild); // the version covers them (ROS-004)

        // They count for presence.
        await alice.SendAsync("<presence/>");
        await alice.ReceiveAsync(element => element.Attribute("from") == boss.Jid);

        // They are not the client's to change.
        await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='boss@example.test' subscription='remove'/></query></iq>");
        await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='boss@example.test' name='Bossy'/></query></iq>");
        Assert.Equal("The Boss", (await ItemsAsync(alice))["boss@example.test"].Attribute("name"));
        Assert.Equal(2, (await server.Host.Operations<RosterOperations>()!.ListAsync(BareJid.Parse("alice@example.test"), CancellationToken.None)).Contacts.Count);
    }

    /// <summary>Everybody sees the boss, and the boss everybody.</summary>
    [Module("mod_test_company")]
    internal sealed class CompanyModule : IModule
    {
        private static readonly BareJid s_boss = BareJid.Parse("boss@example.test");

        public void Register(IModuleRegistry on)
        {
            on.Hook(RosterHooks.Reading, RosterReadingSlot.Shared, (reading, _) =>
            {
                var contact = reading.Owner.Equals(s_boss) ? BareJid.Parse("alice@example.test") : s_boss;
                reading.Items[contact] = new RosterItem(contact) { State = SubscriptionState.Both, Name = contact.Equals(s_boss) ? "The Boss" : "" };
                return new(HookResult.Continue);
            });
            on.Hook(RosterHooks.Changing, RosterChangingSlot.Shared, (changing, _) => new(changing.Contact.Equals(s_boss) ? HookResult.Stop : HookResult.Continue));
        }
    }
}
