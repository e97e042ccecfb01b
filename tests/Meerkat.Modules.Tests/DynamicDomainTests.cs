using Meerkat.Core.Accounts;
using Meerkat.Modules.Disco;
using Meerkat.Modules.ExistenceCache;
using Meerkat.Modules.Inbox;
using Meerkat.Modules.LastActivity;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Muc;
using Meerkat.Modules.MucLight;
using Meerkat.Modules.Offline;
using Meerkat.Modules.OfflineChatMarkers;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Privacy;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Modules.Roster;
using Meerkat.Modules.SmartMarkers;
using Meerkat.Modules.VCard;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests;

/// <summary>Modules and domains that come and go (CORE-236, CORE-240, CORE-241, CORE-244).</summary>
public sealed class DynamicDomainTests
{
    private const string One = "one.example";
    private const string Two = "two.example";
    private const string Muc = "<x xmlns='http://jabber.org/protocol/muc'/>";
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // CORE-244, DSC-002, CORE-247: each domain has its own services, and lists no others
    public async Task Each_domain_has_its_own_subdomains()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "r", One);
        var items = await alice.AskAsync($"<iq type='get' to='{One}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        Assert.Equal([$"conference.{One}", $"muclight.{One}", $"vjud.{One}"], items.FirstChild!.Value.Children.Select(item => item.Attribute("jid")));

        await alice.SendAsync($"<presence to='den@conference.{One}/ally'>{Muc}</presence>");
        await alice.ExpectAsync($"<presence from='den@conference.{One}/ally'/>");
        Assert.Equal($"conference.{Two}", server.Context.Domains.FindHostType("free")!.Operations<MucOperations>()!.ServiceOf(Two)!.Domain);
        Assert.Equal($"muclight.{Two}", server.Context.Domains.FindHostType("free")!.Operations<MucLightOperations>()!.ServiceOf(Two)!.Domain);
        Assert.Null(server.Context.Domains.FindHostType("free")!.Operations<MucOperations>()!.ServiceOf("none.example"));
    }

    [Fact] // CORE-240: occupants of other domains learn it, nothing of the room stays in memory, and what is stored is there when the domain comes back
    public async Task The_rooms_of_a_domain_that_is_disabled_end()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "r", One);
        await using var bob = await server.ConnectAsync("bob", "r", Two);
        var rooms = server.Context.Domains.FindHostType("free")!.Operations<MucOperations>()!;
        await rooms.CreateInstantRoomAsync(BareJid.Parse($"den@conference.{One}"), Jid.Parse(alice.Jid), "ally", None);
        await rooms.ChangeConfigurationAsync(BareJid.Parse($"den@conference.{One}"), new Dictionary<string, IReadOnlyList<string>> { ["muc#roomconfig_persistentroom"] = ["1"] }, null, None);
        await bob.SendAsync($"<presence to='den@conference.{One}/bob'>{Muc}</presence>");
        await bob.ReceiveAsync(element => element.Attribute("from") == $"den@conference.{One}/bob");

        await server.Dynamic.DisableAsync(One, None);
        await bob.ReceiveAsync(element => element.Attribute("from") == $"den@conference.{One}/bob" && element.Attribute("type") == "unavailable");
        await alice.ReceiveAsync(element => element.ToString().Contains("host-gone", StringComparison.Ordinal));
        await bob.SendAsync($"<presence to='den@conference.{One}/bob' id='again'>{Muc}</presence>");
        await bob.ReceiveAsync(element => element.Attribute("id") == "again" && element.ToString().Contains("remote-server-not-found", StringComparison.Ordinal));

        await server.Dynamic.EnableAsync(One, None);
        Assert.Contains(await rooms.ListRoomsAsync($"conference.{One}", Jid.Parse($"alice@{One}"), None), room => room.Jid == $"den@conference.{One}");
    }

    [Fact] // CORE-241: every module forgets the domain, and no other one
    public async Task With_a_domain_go_the_data_of_every_module()
    {
        await using var server = await StartAsync();
        var host = server.Context.Domains.FindHostType("free")!;
        foreach (var domain in (string[])[One, Two])
        {
            await using var alice = await server.ConnectAsync("alice", "r", domain);
            await server.Accounts.AddAsync($"bob@{domain}", "secret");
            await alice.BecomeAvailableAsync();
            await alice.AskAsync($"<iq type='set'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
            await alice.AskAsync("<iq type='set'><vCard xmlns='vcard-temp'><FN>Alice</FN></vCard></iq>");
            await alice.AskAsync($"<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@{domain}'/></query></iq>");
            await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:privacy'><list name='l'><item action='deny' order='1'/></list></query></iq>");
            await alice.SendAsync($"<message to='bob@{domain}' id='1' type='chat'><body>hi</body></message>");
            await alice.AskAsync($"<iq type='set' to='muclight.{domain}'><query xmlns='urn:xmpp:muclight:0#create'><configuration><roomname>den</roomname></configuration></query></iq>");
        }

        foreach (var name in (string[])["alice", "bob"])
        {
            Assert.NotEmpty(await SectionsAsync(server, $"{name}@{One}"));
        }

        var before = await SectionsAsync(server, $"alice@{Two}");
        Assert.Superset(new HashSet<string> { "private", "vcard", "roster", "privacy", "mam_pm", "inbox" }, before.ToHashSet());

        await server.Dynamic.RemoveAsync(One, "free", None);
        foreach (var name in (string[])["alice", "bob"])
        {
            Assert.Empty(await SectionsAsync(server, $"{name}@{One}"));
        }

        Assert.Equal(before, await SectionsAsync(server, $"alice@{Two}"));

        async Task<List<string>> SectionsAsync(TestServer server, string account)
        {
            var sections = new List<string>();
            foreach (var data in host.Data)
            {
                await foreach (var section in data.ExportAsync(BareJid.Parse(account), None))
                {
                    sections.Add(section.Name);
                }
            }

            return sections;
        }
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync(with =>
        {
            with.HostTypes = ["free"];
            with.Auth = new AuthOptions { Methods = [AuthMethod.Rdbms], Rdbms = new RdbmsAuthOptions(), Password = new PasswordOptions { Format = PasswordFormat.Plain, ScramIterations = 1 } };
            with.Module<DiscoModule>().Module<MucModule>().Module<MucLightModule>().Module<VCardModule>().Module<PrivateStorageModule>().Module<PrivacyModule>().Module<RosterModule>().Module<PresenceModule>();
            with.Module<OfflineModule>().Module<OfflineChatMarkersModule>().Module<InboxModule>().Module<LastActivityModule>().Module<SmartMarkersModule>().Module<ExistenceCacheModule>();
            with.Module<MamModule>(new MamOptions { Pm = new MamPmOptions(), Muc = new MamMucOptions { Host = "conference.@HOST@" } });
        });
        await server.Dynamic.AddAsync(One, "free", None);
        await server.Dynamic.AddAsync(Two, "free", None);
        return server;
    }
}
