using System.Reflection;
using System.Xml.Linq;
using Meerkat.Core.Modules;
using Meerkat.Core.Streams;
using Meerkat.Modules.Disco;
using Meerkat.Modules.HttpUpload;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Roster;
using Meerkat.Server.Running;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>What the attributes say is what is written down and what clients are told.</summary>
public sealed class StandardsTests
{
    // What announces something and is no module.
    private static readonly Type[] s_core = [typeof(ClientStream), typeof(ClientStream).Assembly.GetType("Meerkat.Core.Streams.Authentication", throwOnError: true)!];

    // What a module needs beside itself to announce all that it can.
    private static readonly Dictionary<string, (object? Options, string[] Others)> s_setups = new()
    {
        ["mod_mam"] = (new MamOptions { Pm = new MamPmOptions { ArchiveGroupchats = true }, Muc = new MamMucOptions() }, ["mod_muc", "mod_presence"]),
        ["mod_muc"] = (null, ["mod_presence"]),
        ["mod_muc_log"] = (null, ["mod_presence"]),
        ["mod_roster"] = (new RosterOptions { Versioning = true }, []),
    };

    // A row a module, so that a failure names it.
    public static TheoryData<string> Modules => [.. ModulesHere.Catalogue.All.Select(module => module.Key)];

    // MEERKAT_WRITE_DOCS=1 with these tests rewrites the files.
    [Theory]
    [InlineData("docs/standards.md")]
    [InlineData("doap.xml")]
    public void The_committed_file_is_what_the_attributes_say(string file)
    {
        var expected = file == "doap.xml" ? Standards.Doap() : Standards.Page();
        var path = Path.Combine(Root(), file);
        if (Environment.GetEnvironmentVariable("MEERKAT_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact] // XEP-0453
    public void The_description_of_the_project_is_XML_and_names_each_XEP_once()
    {
        XNamespace xmpp = "https://linkmauve.fr/ns/xmpp-doap#";
        var xeps = XDocument.Parse(Standards.Doap()).Descendants(xmpp + "xep").Select(xep => xep.FirstAttribute!.Value).ToArray();

        Assert.NotEmpty(xeps);
        Assert.Equal(xeps.Distinct(), xeps);
        Assert.Contains("https://xmpp.org/extensions/xep-0030.html", xeps);
    }

    [Fact]
    public void One_XEP_is_followed_in_one_version()
    {
        Assert.All(Standards.Xeps.GroupBy(entry => entry.Xep.Number), same => Assert.Single(same.Select(entry => entry.Xep.Version).Distinct()));
    }

    // DSC-005, XEP-0030 §3, RFC 6120 §4.3.2: entity by entity, and both ways.
    [Theory]
    [MemberData(nameof(Modules))]
    public async Task A_module_announces_what_it_says_and_nothing_else(string key)
    {
        var (options, others) = s_setups.GetValueOrDefault(key, (null, []));
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Module<DiscoModule>().Module(ModulesHere.Catalogue.Find(key)!, options);
            foreach (var other in others)
            {
                with.Module(ModulesHere.Catalogue.Find(other)!);
            }

            with.Stores = new NoUploads(with.Stores);
        });
        var told = await TellAsync(server);

        Assert.Empty(Said(ModulesHere.Catalogue.Find(key)!.Type).Except(told));
        Assert.Empty(told.Except(server.Host.Modules.Values.Select(module => module.GetType()).Concat(s_core).SelectMany(Said)));
    }

    [Fact] // RFC 6120 §4.3.2, XEP-0440: what belongs to no module
    public async Task The_core_announces_what_it_says()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<DiscoModule>());

        Assert.Empty(s_core.SelectMany(Said).Except(await TellAsync(server)));
    }

    private static IEnumerable<string> Said(Type type) =>
        from announces in type.GetCustomAttributes<AnnouncesAttribute>()
        from entity in Enum.GetValues<Announcer>()
        where entity is not Announcer.Stream && announces.By.HasFlag(entity)
        from feature in announces.Features
        select $"{entity}: {feature}";

    // All that clients are told: before and after they log in, by the domain, by their account, by its services and by rooms of these.
    private static async Task<HashSet<string>> TellAsync(TestServer server)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        await server.Accounts.AddAsync($"alice@{server.Domain}", "secret");
        await using var stranger = server.Open(startTls: true);
        Streams(Announcer.StreamBefore, await stranger.OpenStreamAsync());
        await using var bound = server.Open(facts: new TransportFacts("memory", null, true) { ChannelBinding = new SomeBinding() });
        Streams(Announcer.StreamBefore, await bound.OpenStreamAsync());
        await using var alice = server.Open();
        Streams(Announcer.StreamAfter, await alice.LogInAsync("alice", server.Domain, "secret"));
        await alice.BindAsync();
        await AskAsync(Announcer.Server, server.Domain);
        await AskAsync(Announcer.Account, alice.BareJid);
        var items = await alice.AskAsync($"<iq type='get' to='{server.Domain}'><query xmlns='{Ns.DiscoItems}'/></iq>");
        foreach (var service in items.Child("query", Ns.DiscoItems)!.Value.Children.Select(item => item.Attribute("jid")!).ToArray())
        {
            var features = await AskAsync(Announcer.Service, service);
            if (features.Contains(Ns.Muc))
            {
                // A room as they are, and one of the other kind in everything.
                await RoomAsync(service, "plain", []);
                await RoomAsync(service, "special", ["publicroom=0", "persistentroom=1", "membersonly=1", "whois=anyone", "moderatedroom=0", "passwordprotectedroom=1", "roomsecret=s"]);
            }
            else if (features.Contains(Ns.MucLight))
            {
                await AskAsync(Announcer.Room, $"den@{service}");
            }
        }

        return told;

        void Streams(Announcer by, XmlElement features)
        {
            foreach (var feature in features.Children)
            {
                told.Add($"{by}: {feature.Namespace}");
            }
        }

        async Task<IReadOnlyList<string>> AskAsync(Announcer by, string entity)
        {
            var answer = await alice.AskAsync($"<iq type='get' to='{entity}'><query xmlns='{Ns.DiscoInfo}'/></iq>");
            var features = DiscoInfo.Read(answer.Child("query", Ns.DiscoInfo)!.Value)!.Features;
            told.UnionWith(features.Select(feature => $"{by}: {feature}"));
            return features;
        }

        async Task RoomAsync(string service, string name, string[] fields)
        {
            await alice.SendAsync($"<presence to='{name}@{service}/ally'><x xmlns='{Ns.Muc}'/></presence>");
            await alice.ReceiveAsync(element => element.Name == "presence" && element.Attribute("from") == $"{name}@{service}/ally");
            var form = string.Concat(fields.Select(field => field.Split('=')).Select(field => $"<field var='muc#roomconfig_{field[0]}'><value>{field[1]}</value></field>"));
            var configured = await alice.AskAsync($"<iq type='set' to='{name}@{service}'><query xmlns='{Ns.MucOwner}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>{Ns.MucRoomConfig}</value></field>{form}</x></query></iq>");
            Assert.Equal("result", configured.Attribute("type"));
            await AskAsync(Announcer.Room, $"{name}@{service}");
        }
    }

    // Nothing is uploaded here, so that no folder is made.
    private sealed class NoUploads(IStoreProvider inner) : IStoreProvider
    {
        public object? Create(Type contract, Core.Hosts.HostType host, object? options) =>
            contract == typeof(IUploadStore) ? new DiskUploadStore(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")), ((HttpUploadOptions)options!).Disk, host.Server.Time) : inner.Create(contract, host, options);
    }

    private sealed class SomeBinding : IChannelBinding
    {
        public IReadOnlyList<string> Types => [ChannelBindingType.Exporter];

        public bool TryGet(string type, out ReadOnlyMemory<byte> data)
        {
            data = new byte[32];
            return true;
        }
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Meerkat.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new FileNotFoundException("Meerkat.slnx is in no folder above the tests.");
    }
}
