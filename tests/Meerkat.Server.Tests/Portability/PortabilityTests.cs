using System.Text;
using Meerkat.Core.Accounts;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Privacy;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Modules.Roster;
using Meerkat.Modules.VCard;
using Meerkat.Server.Portability;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Server.Tests.Portability;

/// <summary>Accounts from one server to another through a file of accounts (XEP-0227).</summary>
public sealed class PortabilityTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@example.test");

    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-pie-").FullName;
    private readonly List<string> _reports = [];

    private string Path => System.IO.Path.Combine(_folder, "accounts.xml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact] // XEP-0227 §4.1 to §4.7
    public async Task An_account_arrives_with_all_that_it_had()
    {
        await using var old = await StartAsync();
        await using (var alice = await old.ConnectAsync("alice"))
        {
            await alice.AskAsync("<iq type='set'><vCard xmlns='vcard-temp'><FN>Alice &lt;L&gt; \U0001F600</FN></vCard></iq>");
            await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
            await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:private'><o xmlns='app:o' a='&apos;'/></query></iq>");
            await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@example.test' name='B&amp;B'><group>Zoo</group></item></query></iq>");
            await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:privacy'><list name='quiet'><item type='jid' value='x@y.test' action='deny' order='1'><message/></item></list></query></iq>");
            await alice.AskAsync("<iq type='set'><query xmlns='jabber:iq:privacy'><default name='quiet'/></query></iq>");
            await alice.SendAsync("<presence type='subscribe' to='bob@example.test'/>");
            await alice.SendAsync("<presence type='unavailable'/>"); // a session counts from its binding on (CORE-121), and may be there still when Bob writes
            await alice.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        }

        await using (var bob = await old.ConnectAsync("bob"))
        {
            await bob.SendAsync("<presence type='subscribe' to='alice@example.test'><status>it's me</status></presence>");
            await bob.SendAsync("<message to='alice@example.test' type='chat' id='m1'><body>first</body></message>");
            await bob.SendAsync("<message to='alice@example.test' type='chat' id='m2'><body>second</body></message>");
            await bob.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        }

        Assert.Equal(2, await ExportAsync(old));
        var written = await File.ReadAllTextAsync(Path);
        Assert.DoesNotContain("secret", written, StringComparison.Ordinal); // §8

        await using var young = await StartAsync();
        young.Time.Advance(TimeSpan.FromDays(1));
        var import = await ImportAsync(young);
        Assert.Equal((2, 0), (import.Taken, import.Refused));
        Assert.Empty(_reports);

        Assert.True(await young.Host.Auth.CheckPasswordAsync(s_alice, "secret", None));
        Assert.False(await young.Host.Auth.CheckPasswordAsync(s_alice, "wrong", None));
        Assert.Equal(ScramCredentials.AllHashes, (await young.Host.Auth.FindPasswordAsync(s_alice, None))!.Scram!.Keys.Select(keys => keys.Hash));
        await using var again = young.Open();
        await again.LogInAsync("alice", "example.test", "secret");
        await again.BindAsync();
        var card = await again.AskAsync("<iq type='get'><vCard xmlns='vcard-temp'/></iq>");
        Assert.Equal("Alice <L> \U0001F600", card.FirstChild!.Value.ChildText("FN"));
        var notes = await again.AskAsync("<iq type='get'><query xmlns='jabber:iq:private'><n xmlns='app:n'/><o xmlns='app:o'/></query></iq>");
        Assert.Equal(("milk", "'"), (notes.FirstChild!.Value.Children[0].Text, notes.FirstChild!.Value.Children[1].Attribute("a")));
        var roster = (await again.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>")).FirstChild!.Value.FirstChild!.Value;
        Assert.Equal(("bob@example.test", "B&B", "none", "subscribe", "Zoo"), (roster.Attribute("jid"), roster.Attribute("name"), roster.Attribute("subscription"), roster.Attribute("ask"), roster.ChildText("group")));
        var names = await again.AskAsync("<iq type='get'><query xmlns='jabber:iq:privacy'/></iq>");
        Assert.Equal("quiet", names.FirstChild!.Value.Child("default")!.Value.Attribute("name"));
        var list = await again.AskAsync("<iq type='get'><query xmlns='jabber:iq:privacy'><list name='quiet'/></query></iq>");
        Assert.Equal("x@y.test", list.FirstChild!.Value.FirstChild!.Value.FirstChild!.Value.Attribute("value"));
        await again.SendAsync("<presence/>");
        await again.ReceiveAsync(element => TestClient.Fits(element, Pattern("<message id='m1' from='bob@example.test'><body>first</body><delay xmlns='urn:xmpp:delay' stamp='2030-01-02T03:04:05Z'/></message>")) || element.Attribute("id") == "m1");
        await again.ReceiveAsync(element => element.Attribute("id") == "m2");
        await again.ReceiveAsync(element => TestClient.Fits(element, Pattern("<presence type='subscribe' from='bob@example.test'><status>it's me</status></presence>")));
    }

    [Fact] // an export of an import is the same file
    public async Task What_was_imported_is_exported_the_same()
    {
        await WriteAsync(
            """
            <user name='alice'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'><iter-count>4096</iter-count><salt>QSXCR+Q6sek8bf92</salt><server-key>D+CSWLOshSulAsxiupA+qs2/fTE=</server-key><stored-key>6dlGYMOdZcOPutkcNY8U2g7vK9Y=</stored-key></scram-credentials>
            <query xmlns='jabber:iq:roster'><item jid='bob@example.test' subscription='both'/></query><presence xmlns='jabber:client' from='eve@x.test' to='alice@example.test' type='subscribe'/></user>
            """);
        await using var one = await StartAsync();
        await ImportAsync(one);
        await ExportAsync(one);
        var first = await File.ReadAllTextAsync(Path);
        await using var two = await StartAsync();
        await ImportAsync(two);
        await ExportAsync(two);

        Assert.Single(_reports.Distinct(), report => report.Contains("Sha512", StringComparison.Ordinal)); // AUTH-037
        Assert.Equal(first, await File.ReadAllTextAsync(Path));
        Assert.Contains("6dlGYMOdZcOPutkcNY8U2g7vK9Y=", first, StringComparison.Ordinal);
        Assert.True(await two.Host.Auth.CheckPasswordAsync(s_alice, "pencil", None)); // RFC 5802 §5
    }

    [Theory] // XEP-0227 §4.1; COMPAT: as ejabberd 23.01 writes keys, and as older ones did
    [InlineData("<user name='alice' password='pencil'/>")]
    [InlineData("<user name='alice' password='scram:6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+qs2/fTE=,QSXCR+Q6sek8bf92,4096'/>")]
    [InlineData("<user name='alice'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'><iter-count>4096</iter-count><salt>UVNYQ1IrUTZzZWs4YmY5Mg==</salt><server-key>RCtDU1dMT3NoU3VsQXN4aXVwQStxczIvZlRFPQ==</server-key><stored-key>NmRsR1lNT2RaY09QdXRrY05ZOFUyZzd2SzlZPQ==</stored-key></scram-credentials></user>")]
    public async Task A_password_is_taken_over_in_each_form(string user)
    {
        await WriteAsync(user);
        await using var server = await StartAsync();

        Assert.Equal(1, (await ImportAsync(server)).Taken);

        Assert.True(await server.Host.Auth.CheckPasswordAsync(s_alice, "pencil", None));
        Assert.False(await server.Host.Auth.CheckPasswordAsync(s_alice, "pen", None));
    }

    [Theory] // XEP-0227 §4.7; COMPAT: Prosody leaves the namespace out
    [InlineData(" xmlns='jabber:client'")]
    [InlineData("")]
    public async Task A_request_that_waits_goes_on_waiting(string ns)
    {
        await WriteAsync($"<user name='alice' password='x'><presence{ns} type='subscribe' from='eve@x.test'><status>it's me</status></presence></user>");
        await using var server = await StartAsync();

        Assert.Equal(1, (await ImportAsync(server)).Taken);
        Assert.Empty(_reports);

        await ExportAsync(server);
        var exported = XmlElement.Parse(await File.ReadAllBytesAsync(Path)).FirstChild!.Value.FirstChild!.Value.Child("presence", Ns.Client)!.Value;
        Assert.Equal(("eve@x.test", "subscribe", "it's me"), (exported.Attribute("from"), exported.Attribute("type"), exported.ChildText("status")));
    }

    [Fact] // COMPAT: back to ejabberd
    public async Task Keys_for_ejabberd_are_encoded_twice()
    {
        var keys = ScramKeys.Derive(ScramHash.Sha1, "pencil", Convert.FromBase64String("QSXCR+Q6sek8bf92"), 4096);
        var element = Assert.Single(PortableCredentials.Write(AccountPassword.FromScram(new ScramCredentials(4096, [keys])), forEjabberd: true));
        Assert.Equal("NmRsR1lNT2RaY09QdXRrY05ZOFUyZzd2SzlZPQ==", element.ChildText("stored-key"));
        Assert.True(PortableCredentials.Read(element)!.Verify("pencil"));
        await Task.CompletedTask;
    }

    [Fact] // the dry run lists what cannot be taken over, and writes nothing
    public async Task A_dry_run_says_what_the_import_would_leave()
    {
        await WriteAsync(
            """
            <user name='alice'><query xmlns='jabber:iq:roster'><item jid='bob@example.test'/><item jid='not a jid'/></query>
            <scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-MD5'><iter-count>1</iter-count><salt>AA==</salt><server-key>AA==</server-key><stored-key>AA==</stored-key></scram-credentials></user>
            <user name='bad name' password='x'/><user name='bob' password='pencil'><pubsub xmlns='http://jabber.org/protocol/pubsub'/><query xmlns='jabber:iq:private'><x xmlns=''/></query></user>
            <user name='there' password='x'/>
            """,
            "<host jid='elsewhere.test'><user name='eve' password='x'/><user name='mallory' password='x'/></host>");
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("there@example.test", "old");

        var import = await ImportAsync(server, dryRun: true);

        Assert.Equal((1, 5), (import.Taken, import.Refused));
        foreach (var expected in new[]
        {
            "not a jid", "SCRAM-MD5", "alice@example.test: there are neither", "bad name@example.test", "pubsub", "<x/> has no namespace", "there@example.test: there is such", "elsewhere.test: this domain",
        })
        {
            Assert.Single(_reports, report => report.Contains(expected, StringComparison.Ordinal));
        }

        Assert.Single(await server.Host.Auth.ListAsync("example.test", AccountListing.All, None));
        Assert.False(File.Exists(Path + ".progress"));
    }

    [Fact]
    public async Task An_account_that_exists_is_left_alone_or_merged()
    {
        await WriteAsync("<user name='alice' password='new'><vCard xmlns='vcard-temp'><FN>New</FN></vCard></user>");
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        Assert.Equal((0, 1), await ImportAsync(server) is var left ? (left.Taken, left.Refused) : default);
        Assert.Equal("error", (await alice.AskAsync("<iq type='get'><vCard xmlns='vcard-temp'/></iq>")).Attribute("type"));
        Assert.Equal(1, (await ImportAsync(server, merge: true)).Taken);
        Assert.Equal("New", (await alice.AskAsync("<iq type='get'><vCard xmlns='vcard-temp'/></iq>")).FirstChild!.Value.ChildText("FN"));
        Assert.True(await server.Host.Auth.CheckPasswordAsync(s_alice, "secret", None));
    }

    [Theory] // interrupted anywhere, it goes on, and nothing comes twice
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task An_interrupted_import_goes_on_where_it_was(int stopAfter)
    {
        var messages = string.Concat(Enumerable.Range(0, 4).Select(i => $"<message xmlns='jabber:client' from='x@y.test' to='bob@example.test' id='{i}'><body>{i}</body></message>"));
        await WriteAsync($"<user name='alice' password='a'/><user name='bob' password='b'><vCard xmlns='vcard-temp'/><one xmlns='app:test'/>"
            + $"<offline-messages>{messages}</offline-messages><many xmlns='app:test'><a/><b/></many></user><user name='carol' password='c'><one xmlns='app:test'/></user>");
        await using var server = await StartAsync();
        using (var stop = new CancellationTokenSource())
        {
            var events = 0;
            using var progress = ImportProgress.Open(Path, anew: false);
            var import = new PortableImport(server.Context, _reports.Add) { Progressed = _ => Count() };
            Storing(server).Happened = Count;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => import.RunAsync(Path, progress, stop.Token));
            Storing(server).Happened = null;

            void Count()
            {
                if (++events == stopAfter)
                {
                    stop.Cancel();
                }
            }
        }

        await ImportAsync(server);

        Assert.Equal(["alice", "bob", "carol"], (await server.Host.Auth.ListAsync("example.test", AccountListing.All, None)).Select(account => account.Local));
        Assert.Equal(["bob one", "bob a", "bob b", "carol one"], Storing(server).Imported);
        Assert.Empty(_reports);
        await using var bob = server.Open();
        await bob.LogInAsync("bob", "example.test", "b");
        await bob.BindAsync();
        await bob.SendAsync("<presence/>");
        for (var i = 0; i < 4; i++)
        {
            var message = await bob.ReceiveAsync(element => element.Name == "message");
            Assert.Equal($"{i}", message.Attribute("id"));
        }

        await bob.ReceiveAsync(element => element.Name == "presence");
        Assert.False(File.Exists(Path + ".progress"));
    }

    private static Storing Storing(TestServer server) => (Storing)server.Host.Portable.Single(data => data is Storing);

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(with => with
        .Module<RosterModule>().Module<PresenceModule>().Module<VCardModule>().Module<PrivateStorageModule>().Module<PrivacyModule>().Module<OfflineModule>().Module<StoringModule>());

    private async Task<long> ExportAsync(TestServer server)
    {
        await using var output = File.Create(Path);
        return await new PortableExport(server.Context, _reports.Add).RunAsync(["example.test"], output, None);
    }

    private async Task<PortableImport> ImportAsync(TestServer server, bool dryRun = false, bool merge = false)
    {
        using var progress = ImportProgress.Open(Path, anew: dryRun);
        var import = new PortableImport(server.Context, _reports.Add) { IsDryRun = dryRun, MergesExisting = merge };
        await import.RunAsync(Path, progress, None);
        progress.Finished();
        return import;
    }

    private Task WriteAsync(string users, string hosts = "") =>
        File.WriteAllTextAsync(Path, $"<?xml version='1.0'?><server-data xmlns='urn:xmpp:pie:0'><host jid='example.test'>{users}</host>{hosts}</server-data>", Encoding.UTF8);

    private static XmlElement Pattern(string xml) => XmlElement.Parse(xml, Ns.Client);
}
