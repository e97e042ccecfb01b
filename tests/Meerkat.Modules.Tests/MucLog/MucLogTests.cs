using Meerkat.Modules.Muc;
using Meerkat.Modules.MucLog;
using Meerkat.Modules.Tests.Muc;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.MucLog;

/// <summary>Room logs (MUC-110).</summary>
public sealed class MucLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meerkat-log");

    [Fact]
    public async Task A_logged_room_has_a_page_a_day_and_says_that_it_is_logged()
    {
        await using var server = await StartAsync(Options());
        await using var owner = await server.CreateAsync("owner", "owner", "enablelogging=1", "roomname=&lt;Cave&gt;");
        await using var alice = await server.ConnectAsync("alice");
        var got = await alice.JoinAsync("al");
        Assert.Contains("170", got[1].Codes()); // MUC-026
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>look: http://example.test/x?a=1&amp;b=2 &lt;script&gt;</body></message>");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>/me waves</body></message>");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><subject>today</subject></message>");
        await alice.SendAsync($"<presence to='{MucServer.Room}/ally'/>");
        await owner.PresenceOfAsync("ally");
        await owner.AdminAsync("<item nick='ally' role='none'><reason>late</reason></item>");
        var page = await ReadAsync(server, $"{MucServer.Room}/2030/01/02.html");
        foreach (var part in (string[])["<title>&lt;Cave&gt; - 2030-01-02</title>", "href=\"01.html\"", "href=\"03.html\"", "al enters the room", "rel=\"nofollow\">http://example.test/x?a=1&amp;b=2</a> &lt;script&gt;",
            "al waves", "al has set the subject to: today", "al is now known as ally", "ally has been kicked: late", "[03:04:05]", $"xmpp:{MucServer.Room}"])
        {
            Assert.Contains(part, page);
        }
    }

    [Fact]
    public async Task Plain_files_lie_side_by_side()
    {
        await using var server = await StartAsync(Options() with { FileFormat = MucLogFormat.Plaintext, Dirtype = MucLogDirType.Plain, Dirname = MucLogDirName.RoomName });
        await using var owner = await server.CreateAsync("owner", "owner", "enablelogging=1");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>hello</body></message>");
        await owner.MessageAsync("hello");
        Assert.Contains("[03:04:05] <owner> hello\n", await ReadAsync(server, "room/2030-01-02.txt"));
    }

    [Theory] // MUC-014, MUC-040: who is no occupant has no nick
    [InlineData(MucLogFormat.Plaintext, "room@conference.example.test/2030/01/02.txt", "[03:04:05] *** The room says: tea\n", "*** The room says: all &\n")]
    [InlineData(MucLogFormat.Html, "room@conference.example.test/2030/01/02.html", "<span class=\"event\">The room says: tea</span>", "<span class=\"event\">The room says: all &amp;</span>")]
    public async Task What_an_administrator_says_without_being_there_the_room_says(MucLogFormat format, string file, string said, string toAll)
    {
        await using var server = await MucServer.StartAsync(new MucOptions { AccessAdmin = "staff" }, with =>
        {
            with.Acl["boss"] = [new() { User = "boss" }];
            with.Access["staff"] = [new() { Acl = "boss", Value = Core.Access.AccessValue.Allow }];
            with.Module(Core.Modules.ModuleDescription.Of(typeof(MucLogModule)), Options() with { FileFormat = format });
        });
        await using var owner = await server.CreateAsync("owner", "owner", "enablelogging=1");
        await using var boss = await server.ConnectAsync("boss");
        await boss.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>tea</body></message>");
        await owner.MessageAsync("tea");
        await boss.SendAsync($"<message to='{MucServer.Service}'><body>all &amp;</body></message>");
        await owner.MessageAsync("all &");

        var log = await ReadAsync(server, file);
        Assert.Contains(said, log);
        Assert.Contains(toAll, log);
        Assert.DoesNotContain("<>", log);
        Assert.DoesNotContain("&lt;&gt;", log);
    }

    [Fact] // XEP-0045 §6.4: muc#roominfo_logs
    public async Task A_logged_room_tells_where_its_logs_can_be_read()
    {
        const string Ask = $"<iq type='get' to='{MucServer.Room}'><query xmlns='{Ns.DiscoInfo}'/></iq>";
        await using var server = await StartAsync(Options() with { Url = "https://example.test/logs/" });
        await using var owner = await server.CreateAsync();
        Assert.DoesNotContain("muc#roominfo_logs", (await owner.AskAsync(Ask)).ToString());
        await owner.ConfigureAsync("enablelogging=1");
        Assert.Contains("<field var='muc#roominfo_logs' type='text-single' label='Address of the logs'><value>https://example.test/logs/room%40conference.example.test/</value></field>", (await owner.AskAsync(Ask)).ToString());
    }

    [Fact]
    public async Task Only_who_may_has_his_room_logged_and_others_are_not()
    {
        await using var server = await StartAsync(Options() with { AccessLog = "none" });
        await using var owner = await server.CreateAsync();
        (await owner.AskAsync($"<iq type='set' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_enablelogging'><value>1</value></field></x></query></iq>")).IsError("not-acceptable", "modify");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>hello</body></message>");
        await owner.MessageAsync("hello");
        await ((MucLogModule)server.Host.Modules["mod_muc_log"]).FlushAsync();
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void A_room_cannot_be_named_out_of_its_folder() =>
        Assert.Equal(
            Path.Combine("out", "%2E.x%23", "2030-01-02.html"),
            MucLogPath.Of(new MucLogOptions { Outdir = "out", Dirtype = MucLogDirType.Plain, Dirname = MucLogDirName.RoomName }, BareJid.Parse("..x#@a.example"), new(2030, 1, 2, 0, 0, 0, default)));

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // The server is still going down, and logs who leaves.
        }
    }

    private static Task<TestServer> StartAsync(MucLogOptions options) => MucServer.StartAsync(null, with => with.Module(Core.Modules.ModuleDescription.Of(typeof(MucLogModule)), options));

    private MucLogOptions Options() => new() { Outdir = _folder.FullName, AccessLog = "all", Timezone = MucLogTimezone.Universal };

    private async Task<string> ReadAsync(TestServer server, string file)
    {
        await ((MucLogModule)server.Host.Modules["mod_muc_log"]).FlushAsync();
        return await File.ReadAllTextAsync(Path.Combine(_folder.FullName, file), TestContext.Current.CancellationToken);
    }
}
