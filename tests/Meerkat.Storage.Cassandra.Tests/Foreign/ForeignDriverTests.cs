using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Cassandra.Connections;
using Meerkat.Storage.Cassandra.Mam;
using Meerkat.Storage.Cassandra.Schema;
using Meerkat.Storage.Cassandra.Tests.Double;
using Meerkat.Testing.Databases;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Cassandra.Tests.Foreign;

/// <summary>The double is taken for a Cassandra by drivers that others wrote: they do the stores' own queries on it, and get the same rows.</summary>
public sealed class ForeignDriverTests : IDisposable
{
    private const string User = "meerkat";
    private const string Password = "s3cret";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid s_bob = BareJid.Parse("bob@one.example");

    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-cassandra-").FullName;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Debians_driver_for_Python_gets_what_ours_gets(bool tls)
    {
        Assert.SkipWhen(!await HasPythonAsync(), "the module cassandra of Debian's Python is not installed (Debian: apt-get install python3-cassandra)");
        await PlayAsync(tls, "/usr/bin/python3", "with_python_cassandra.py");
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Npms_driver_for_Node_gets_what_ours_gets(bool tls)
    {
        var driver = typeof(ForeignDriverTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "CassandraDriver").Value!;
        Assert.SkipWhen(!File.Exists(driver), "npm's cassandra-driver is not there (Debian: apt-get install nodejs npm, and build again)");
        await PlayAsync(tls, "node", "with_node_cassandra.mjs", driver);
    }

    private async Task PlayAsync(bool tls, string program, string script, params string[] more)
    {
        var authority = tls ? new TestAuthority(_folder) : null;
        using var certificate = authority is null ? null : X509Certificate2.CreateFromPemFile(authority.CertificateFile, authority.KeyFile);
        JsonArray steps, expected;
        await using (var ours = await CassandraDouble.StartAsync(credentials: (User, Password)))
        {
            await using var session = new RecordingSession(new CassandraPool("test", ours.Options()));
            await UseAsync(ours, session);
            (steps, expected) = (session.Steps, session.Answers);
        }

        await using var theirs = await CassandraDouble.StartAsync(credentials: (User, Password), certificate: certificate);
        foreach (var (_, table, columns) in ArchiveSchema.Tables.SkipLast(1))
        {
            theirs.Run(ArchiveSchema.Create("meerkat", table, columns));
        }

        // The rest is the drivers' to make: they wait for the servers to agree on each.
        var last = ArchiveSchema.Tables.Last();
        string[] first = ["CREATE KEYSPACE other WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", ArchiveSchema.Create("meerkat", last.Table, last.Columns)];
        var scenario = new JsonObject
        {
            ["host"] = $"{theirs.Nodes[0].Address}",
            ["port"] = theirs.Nodes[0].Port,
            ["user"] = User,
            ["password"] = Password,
            ["ca"] = authority?.CaFile,
            ["keyspace"] = "meerkat",
            ["tables"] = new JsonArray([.. ArchiveSchema.Tables.Select(table => table.Table).Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]),
            ["steps"] = new JsonArray([.. first.Select(text => (JsonNode)new JsonObject { ["kind"] = "schema", ["cql"] = text }), .. steps.Select(step => step!.DeepClone())]),
        };
        var file = Path.Combine(_folder, "scenario.json");
        await File.WriteAllTextAsync(file, scenario.ToJsonString());
        var output = await RunAsync(program, [Path.Combine(AppContext.BaseDirectory, "Foreign", script), file, .. more]);
        var answers = JsonNode.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!.AsArray();

        Assert.Equal(first.Length + steps.Count + 1, answers.Count);
        for (var i = 0; i < steps.Count; i++)
        {
            Assert.True(JsonNode.DeepEquals(expected[i], answers[first.Length + i]), $"{steps[i]}\nours: {expected[i]!.ToJsonString()}\ntheirs: {answers[first.Length + i]!.ToJsonString()}");
        }

        // The driver has read the schema from the system's tables.
        var tables = answers[^1]!.AsArray().Select(table => table!.AsArray().Select(name => (string)name!).ToArray()).ToArray();
        Assert.Equal(ArchiveSchema.Tables.Count(), tables.Length);
        Assert.Contains(["archive_message", "owner", "bucket", "id"], tables);
        Assert.Contains(["archive_owner", "domain", "bucket", "shard", "owner"], tables);
        Assert.True(steps.Count > 60, $"{steps.Count}");
    }

    // Every statement that the stores have.
    private static async Task UseAsync(CassandraDouble cluster, RecordingSession session)
    {
        foreach (var (_, table, columns) in ArchiveSchema.Tables)
        {
            cluster.Run(ArchiveSchema.Create("meerkat", table, columns));
        }

        var accounts = new CassandraAccountArchiveStore(session, TimeProvider.System);
        const long Later = 1L << 50;
        await accounts.AppendAsync([.. Enumerable.Range(1, 10).Select(id => new ArchiveEntry(s_alice, Make(id, id % 2 == 0 ? s_bob : s_alice)))], None);
        await accounts.AppendAsync([new(s_alice, Make(Later, s_bob) with { Resource = "ü", OriginId = "o", IsOutgoing = true }), new(s_alice, Make(1, s_bob))], None);
        await accounts.AppendAsync([new(s_alice, Make(Later + 1, s_bob) with { OriginId = "o", IsOutgoing = true })], None);
        foreach (var query in new ArchiveQuery[]
        {
            new() { Limit = 7 }, new() { Limit = 4, FromEnd = true, Before = 7 }, new() { Limit = 4, After = 8 }, new() { With = s_bob }, new() { With = s_bob, Resource = "ü" },
            new() { Resource = "ü", FromEnd = true }, new() { Index = 8, Limit = 2 }, new() { From = 3, To = Later, Limit = 0 },
        })
        {
            Assert.NotNull(await accounts.QueryAsync(s_alice, query, None));
        }

        Assert.Equal(Later, (await accounts.FindAsync(s_alice, s_bob, true, "o", None))?.Id);
        Assert.True(await accounts.ReplaceAsync(s_alice, Later, "<message/>"u8.ToArray(), None));
        Assert.Equal((1, Later), await accounts.BoundsAsync(s_alice, None));
        Assert.Equal(5, await accounts.RemoveBelowAsync("one.example", 6, 100, None));
        await accounts.RemoveAsync(s_alice, None);

        var rooms = new CassandraRoomArchiveStore(session, TimeProvider.System);
        var room = BareJid.Parse("room@muc.one.example");
        await rooms.AppendAsync([.. Enumerable.Range(1, 5).Select(id => new ArchiveEntry(room, Make(id, s_bob)))], None);
        var said = await rooms.OfSenderAsync(s_bob, null, 2, None);
        Assert.Equal(3, (await rooms.OfSenderAsync(s_bob, said[^1], 5, None)).Count);
        Assert.Equal(5, await rooms.RemoveBelowAsync("muc.one.example", long.MaxValue, 100, None));

        var preferences = new CassandraArchivePreferenceStore(session);
        await preferences.SetAsync(s_alice, new(ArchiveDefault.Roster, [s_bob, s_alice], [BareJid.Parse("far.example")]), None);
        Assert.NotNull(await preferences.GetAsync(s_alice, None));
        await preferences.RemoveAsync(s_alice, None);
        await preferences.RemoveDomainAsync("one.example", None);

        session.Fails("SELEKT", "2000");
        session.Fails("SELECT x FROM meerkat.nothing", "2200");
        session.Fails("SELECT xml FROM meerkat.archive_message WHERE remote = 'x'", "2200");
        session.Fails("SELECT id FROM meerkat.archive_message WHERE owner = 'x' AND bucket = 1 LIMIT 0", "2200");
        session.Fails("INSERT INTO meerkat.archive_message (owner, id) VALUES ('x', 1)", "2200");
        session.Fails("CREATE TABLE meerkat.archive_origin (a int PRIMARY KEY)", "2400");
        session.Fails("INSERT INTO system.local (key) VALUES ('x')", "2100");
    }

    private static ArchivedMessage Make(long id, BareJid remote) => new(id, remote, System.Text.Encoding.UTF8.GetBytes($"<message><body>{id} ß\U0001F600</body></message>")) { Remote = remote };

    private static async Task<bool> HasPythonAsync()
    {
        if (!File.Exists("/usr/bin/python3"))
        {
            return false;
        }

        using var python = Process.Start("/usr/bin/python3", ["-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('cassandra') is None)"]);
        await python.WaitForExitAsync();
        return python.ExitCode == 0;
    }

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["LANG"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{await errors}\n{await output}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
