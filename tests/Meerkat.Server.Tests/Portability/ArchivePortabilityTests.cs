using System.Globalization;
using System.Text;
using Meerkat.Core.Routing;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Offline;
using Meerkat.Modules.VCard;
using Meerkat.Server.Portability;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Server.Tests.Portability;

/// <summary>Archives in files of accounts (XEP-0227 §4.9), and exports that are interrupted.</summary>
public sealed class ArchivePortabilityTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@example.test");

    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-pie-").FullName;
    private readonly List<string> _reports = [];
    private readonly Dictionary<TestServer, WatchedArchives> _archives = [];

    private string File => Path.Combine(_folder, "accounts.xml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact] // XEP-0227 §4.9
    public async Task An_archive_arrives_with_its_ids_and_times()
    {
        await using var old = await StartAsync();
        await using (var alice = await old.ConnectAsync("alice"))
        await using (var bob = await old.ConnectAsync("bob"))
        {
            await alice.SendAsync("<message to='bob@example.test' type='chat' id='m1'><body>a &lt; b \U0001F600</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>");
            await alice.AskAsync("<iq type='get'><vCard xmlns='vcard-temp'/></iq>");
            old.Time.Advance(TimeSpan.FromMinutes(1));
            await bob.SendAsync($"<message to='{alice.Jid}' type='chat' id='m2'><body>yes</body></message>");
            await bob.AskAsync("<iq type='get'><vCard xmlns='vcard-temp'/></iq>");
        }

        var before = await MessagesAsync(old, s_alice);
        await ExportAsync(old);
        var first = XmlElement.Parse(await System.IO.File.ReadAllBytesAsync(File));
        await using var young = await StartAsync();
        young.Time.Advance(TimeSpan.FromDays(1));
        await ImportAsync(young);
        var after = await MessagesAsync(young, s_alice);
        await ExportAsync(young);

        Assert.Empty(_reports);
        Assert.Equal(2, before.Count);
        Assert.Equal(before.Select(Shown), after.Select(Shown));
        var second = XmlElement.Parse(await System.IO.File.ReadAllBytesAsync(File));
        Assert.True(XmlElement.ValueEquals(first, second), second.ToString());
        var archive = second.FirstChild!.Value.FirstChild!.Value.Child("archive", Ns.PortableArchive)!.Value;
        Assert.Equal(["result", "result"], archive.Children.Select(result => result.Name).ToArray());
        var id = new StanzaId(before[0].Id);
        Assert.Equal((id.ToString(), XmppDateTime.Format(id.Time)), (archive.FirstChild!.Value.Attribute("id"), archive.FirstChild!.Value.FirstChild!.Value.Child("delay", Ns.Delay)!.Value.Attribute("stamp")));
        var message = archive.FirstChild!.Value.Child("forwarded", Ns.Forward)!.Value.Child("message", Ns.Client)!.Value;
        Assert.Equal((before[0].From!.ToString(), "bob@example.test", "m1", "a < b \U0001F600"), (message.Attribute("from"), message.Attribute("to"), message.Attribute("id"), message.ChildText("body")));
        Assert.NotNull(await Store(young).FindAsync(s_alice, BareJid.Parse("bob@example.test"), true, "o1", None)); // MAM-071
        var page = await Store(young).QueryAsync(s_alice, new ArchiveQuery { Words = ["yes"] }, None);
        Assert.Equal(before[1].Id, Assert.Single(page!.Messages).Id); // MAM-041
    }

    [Fact] // XEP-0227 §4.9: as others write it; ids are theirs, order and time are kept
    public async Task An_archive_of_another_server_keeps_times_and_order()
    {
        var messages = Enumerable.Range(0, 7).Select(i => Result($"{1700000000000000 + i}", $"2023-11-14T22:13:{20 + (i / 4):D2}Z", i % 2 == 0 ? "alice@example.test/a" : "bob@example.test/b", i % 2 == 0 ? "bob@example.test" : "alice@example.test", $"<body>{i}</body>"));
        await WriteAsync($"<archive xmlns='urn:xmpp:pie:0#mam'>{string.Concat(messages)}</archive>");
        await using var server = await StartAsync();

        await ImportAsync(server);
        var once = await MessagesAsync(server, s_alice);
        await ImportAsync(server, merge: true); // twice changes nothing

        Assert.Empty(_reports);
        Assert.Equal(once.Select(Shown), (await MessagesAsync(server, s_alice)).Select(Shown));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], once.Select(message => XmlElement.Parse(message.Xml.Span, Ns.Client).ChildText("body")));
        Assert.Equal([true, false, true, false, true, false, true], once.Select(message => message.IsOutgoing));
        Assert.All(once, message => Assert.Equal("bob@example.test", message.Remote.ToString()));
        Assert.Equal(Enumerable.Range(0, 7).Select(i => 20 + (i / 4)), once.Select(message => new StanzaId(message.Id).Time.Second));
    }

    [Fact] // the dry run names what cannot be taken over
    public async Task What_is_no_message_is_told_and_passed_over()
    {
        await WriteAsync(
            "<archive xmlns='urn:xmpp:pie:0#mam'><result xmlns='urn:xmpp:mam:2' id='1'/>"
            + "<result xmlns='urn:xmpp:mam:2' id='2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='bob@example.test'><body>when?</body></message></forwarded></result>"
            + Result("3", "2023-11-14T22:13:20Z", "", "alice@example.test", "<body>who?</body>")
            + Result("4", "2023-11-14T22:13:20Z", "bob@example.test", "alice@example.test", "<body>good</body>") + "</archive>");
        await using var server = await StartAsync();

        await ImportAsync(server);

        Assert.Equal(
            ["alice@example.test: archive: one is no message", "alice@example.test: archive: one does not say when it was sent", "alice@example.test: archive: one does not say who sent it"], _reports);
        Assert.Single(await MessagesAsync(server, s_alice));
    }

    [Theory] // interrupted anywhere, the import goes on, and nothing comes twice
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_interrupted_import_of_an_archive_goes_on(int stopAfter)
    {
        await WriteAsync($"<archive xmlns='urn:xmpp:pie:0#mam'>{string.Concat(Enumerable.Range(0, 500).Select(i => Result($"x{i}", "2023-11-14T22:13:20Z", "bob@example.test", "alice@example.test", $"<body>{i}</body>")))}</archive>");
        var archives = new WatchedArchives();
        await using var server = await StartAsync(archives);
        using (var stop = new CancellationTokenSource())
        {
            archives.Appended = count =>
            {
                if (count == stopAfter)
                {
                    stop.Cancel();
                    throw new OperationCanceledException(); // written, and not noted
                }
            };
            using var progress = ImportProgress.Open(File, anew: false);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new PortableImport(server.Context, _reports.Add).RunAsync(File, progress, stop.Token));
            archives.Appended = null;
        }

        await ImportAsync(server);

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), (await MessagesAsync(server, s_alice)).Select(message => XmlElement.Parse(message.Xml.Span, Ns.Client).ChildText("body")));
        Assert.Empty(_reports);
    }

    [Fact] // an export that goes on gives the same file, wherever it was interrupted
    public async Task An_interrupted_export_goes_on_to_the_same_file()
    {
        var archives = new WatchedArchives();
        await using var server = await FilledAsync(archives);
        await ExportAsync(server);
        var whole = await System.IO.File.ReadAllBytesAsync(File);
        var resumed = 0;
        for (var stopAfter = 1; ; stopAfter++)
        {
            var asked = 0;
            using var stop = new CancellationTokenSource();
            archives.Queried = () =>
            {
                if (++asked == stopAfter)
                {
                    stop.Cancel();
                }
            };
            var isWhole = await ExportAsync(server, ct: stop.Token) is not null;
            archives.Queried = null;
            if (!isWhole)
            {
                Assert.False(System.IO.File.Exists(File));
                resumed += Progress(server).Point is null ? 0 : 1;
                await ExportAsync(server);
            }

            Assert.Equal(whole, await System.IO.File.ReadAllBytesAsync(File));
            Assert.Equal(["accounts.xml"], Directory.GetFiles(_folder).Select(Path.GetFileName));
            if (isWhole)
            {
                break;
            }
        }

        Assert.True(resumed > 5, $"{resumed}");
    }

    [Fact] // and what is written twice is not read twice: of the long archive only what is not there
    public async Task What_an_interrupted_export_has_written_stays_as_it_is()
    {
        var archives = new WatchedArchives();
        await using var server = await FilledAsync(archives);
        await ExportInterruptedAsync(server, archives);
        var point = Progress(server).Point!;
        Assert.NotNull(point.Piece);
        Assert.InRange(point.Offset, 10_000, new FileInfo(File + ".part").Length);

        // The account that is half written has another password since: it stays as it was.
        Assert.Equal(Core.Accounts.AccountResult.Ok, await server.Host.Auth.Accounts.SetPasswordAsync(point.Account, "another", None));
        var kept = (await System.IO.File.ReadAllBytesAsync(File + ".part"))[..(int)point.Offset];
        await ExportAsync(server);

        Assert.Equal(kept, (await System.IO.File.ReadAllBytesAsync(File))[..(int)point.Offset]);
    }

    [Theory] // where it cannot go on it begins anew
    [InlineData("account")]
    [InlineData("message")]
    [InlineData("file")]
    [InlineData("options")]
    public async Task What_has_changed_is_written_anew(string changed)
    {
        var archives = new WatchedArchives();
        await using var server = await FilledAsync(archives);
        await ExportInterruptedAsync(server, archives);
        var account = Progress(server).Point!.Account;
        switch (changed)
        {
            case "account":
                Assert.Equal(Core.Accounts.AccountResult.Ok, await server.Host.Auth.Accounts.RemoveAsync(account, None));
                break;
            case "message":
                await archives.RemoveAsync(account, None);
                break;
            case "file":
                await using (var part = System.IO.File.OpenWrite(File + ".part"))
                {
                    part.SetLength(100);
                }

                break;
        }

        await ExportAsync(server, isForEjabberd: changed == "options");
        var resumed = await System.IO.File.ReadAllBytesAsync(File);
        System.IO.File.Delete(File);
        await ExportAsync(server, isForEjabberd: changed == "options");

        Assert.Equal(await System.IO.File.ReadAllBytesAsync(File), resumed);
    }

    private static string Shown(ArchivedMessage message) => string.Create(
        CultureInfo.InvariantCulture, $"{message.Id} {message.From} {message.Remote} {message.Resource} {message.IsOutgoing} {message.IsGroupchat} {message.OriginId} {XmlElement.Parse(message.Xml.Span, Ns.Client).ChildText("body")}");

    private static string Result(string id, string stamp, string from, string to, string content) =>
        $"<result xmlns='urn:xmpp:mam:2' id='{id}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='{stamp}'/><message xmlns='jabber:client' {(from.Length > 0 ? $"from='{from}' " : "")}to='{to}' type='chat'>{content}</message></forwarded></result>";

    // Ends in the middle of an archive: before its sixth page.
    private async Task ExportInterruptedAsync(TestServer server, WatchedArchives archives)
    {
        using var stop = new CancellationTokenSource();
        var asked = 0;
        archives.Queried = () =>
        {
            if (++asked == 6)
            {
                stop.Cancel();
            }
        };
        await ExportAsync(server, ct: stop.Token);
        archives.Queried = null;
    }

    private async Task<IReadOnlyList<ArchivedMessage>> MessagesAsync(TestServer server, BareJid owner)
    {
        await server.Host.Operations<MamOperations>()!.FlushAsync();
        return (await Store(server).QueryAsync(owner, new ArchiveQuery { Limit = 10_000 }, None))!.Messages;
    }

    private WatchedArchives Store(TestServer server) => _archives[server];

    private async Task<TestServer> StartAsync(WatchedArchives? archives = null)
    {
        archives ??= new WatchedArchives();
        var server = await TestServer.StartAsync(with =>
        {
            with.Stores = new Stores(archives, with.Stores);
            with.Module<MamModule>(new MamOptions { Pm = new MamPmOptions() }).Module<VCardModule>().Module<OfflineModule>();
        });
        _archives[server] = archives;
        return server;
    }

    private async Task<TestServer> FilledAsync(WatchedArchives archives)
    {
        var server = await StartAsync(archives);
        var bob = BareJid.Parse("bob@example.test");
        var keys = Core.Accounts.AccountPassword.FromScram(new ScramCredentials(4096, [ScramKeys.Derive(ScramHash.Sha1, "secret", new byte[16], 4096)])); // of a password new ones would be made each time
        for (var user = 0; user < 6; user++)
        {
            var name = BareJid.Parse($"user{user}@example.test");
            Assert.Equal(Core.Accounts.AccountResult.Ok, await server.Host.Auth.Accounts.ImportAsync(name, keys, None));
            await archives.AppendAsync(
                [.. Enumerable.Range(0, user == 3 ? 1000 : 30).Select(i => new ArchiveEntry(name, new ArchivedMessage(StanzaId.First(DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i)).Value, bob, Encoding.UTF8.GetBytes($"<message><body>{i} of {user}</body></message>")) { Remote = bob }))], None);
        }

        return server;
    }

    private ExportProgress Progress(TestServer server) => ExportProgress.Open(File, new PortableExport(server.Context, _reports.Add).Describe(["example.test"]), anew: false);

    // As the command does it.
    private async Task<long?> ExportAsync(TestServer server, bool isForEjabberd = false, CancellationToken ct = default)
    {
        var export = new PortableExport(server.Context, _reports.Add) { MarkEvery = 1000, IsForEjabberd = isForEjabberd };
        System.IO.File.Delete(File);
        export.Progress = ExportProgress.Open(File, export.Describe(["example.test"]), anew: !System.IO.File.Exists(File + ".part"));
        long written;
        await using (var output = new FileStream(File + ".part", FileMode.OpenOrCreate, FileAccess.ReadWrite))
        {
            try
            {
                written = await export.RunAsync(["example.test"], output, ct);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        System.IO.File.Move(File + ".part", File);
        export.Progress.Forget();
        return written;
    }

    private async Task ImportAsync(TestServer server, bool merge = false)
    {
        using var progress = ImportProgress.Open(File, anew: false);
        await new PortableImport(server.Context, _reports.Add) { MergesExisting = merge }.RunAsync(File, progress, None);
        progress.Finished();
    }

    private Task WriteAsync(string content) =>
        System.IO.File.WriteAllTextAsync(File, $"<?xml version='1.0'?><server-data xmlns='urn:xmpp:pie:0'><host jid='example.test'><user name='alice' password='x'>{content}</user></host></server-data>", Encoding.UTF8);
}
