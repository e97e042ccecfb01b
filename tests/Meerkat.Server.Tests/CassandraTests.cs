using Meerkat.Hostile;
using Meerkat.Storage.Cassandra.Tests.Double;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>A server whose archives are in Cassandra, as a process, on a double of two servers: what its configuration says is what happens (MAM-085).</summary>
[Collection("Server processes under load")] // one at a time
public sealed class CassandraTests
{
    private const int Messages = 10;

    [Fact]
    public async Task Archives_and_preferences_are_in_the_cluster_and_outlive_one_of_its_servers_and_the_process()
    {
        await using var cluster = await CassandraDouble.StartAsync(nodes: 2, credentials: ("meerkat", "s3cret"));
        await using var server = await ServerProcess.StartAsync(text => OnCluster(text, cluster));
        await TalkAsync(server, "first");
        Assert.Equal(2 * Messages, RowsOf(cluster, "archive_message")); // a copy each

        await cluster.Nodes[0].StopAsync();
        await TalkAsync(server, "second");
        await server.KillAsync();
        await server.RestartAsync();

        await using var client = await LogInAsync(server, "a");
        await client.SendAsync("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>15</max></set></query></iq>");
        var ids = new List<string>();
        var fin = await client.ReceiveAsync(element =>
        {
            if (element.Child("result", Ns.Mam) is { } result)
            {
                ids.Add(result.FirstChild!.Value.Child("message", Ns.Client)!.Value.Attribute("id")!);
            }

            return element.Attribute("id") == "q";
        });
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"first{i}").Concat(Enumerable.Range(0, 5).Select(i => $"second{i}")), ids);
        Assert.Contains($"<count>{2 * Messages}</count>", $"{fin}");

        // MAM-024, and MAM-040: what the cluster cannot do is said.
        await client.SendAsync("<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='roster'><always/><never><jid>c@localhost</jid></never></prefs></iq>");
        Assert.Equal("result", (await client.ReceiveAsync(element => element.Attribute("id") == "p")).Attribute("type"));
        Assert.Equal(1, RowsOf(cluster, "archive_preference"));
        foreach (var text in new[] { "word", "?" })
        {
            await client.SendAsync($"<iq type='set' id='t'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='{{urn:xmpp:fulltext:0}}fulltext'><value>{text}</value></field></x></query></iq>");
            Assert.Contains("feature-not-implemented", $"{await client.ReceiveAsync(element => element.Attribute("id") == "t")}");
        }

        await client.SendAsync("<iq type='get' id='f'><query xmlns='urn:xmpp:mam:2'/></iq>");
        var form = $"{await client.ReceiveAsync(element => element.Attribute("id") == "f")}";
        Assert.DoesNotContain("fulltext", form);
        Assert.DoesNotContain("include-groupchat", form);

        // MAM-087: who goes takes everything along.
        await client.SendAsync("<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>");
        await client.ReceiveAsync(element => element.Attribute("id") == "r");
        for (var left = 100; left > 0 && (RowsOf(cluster, "archive_message") > 2 * Messages || RowsOf(cluster, "archive_preference") > 0); left--)
        {
            await Task.Delay(100);
        }

        Assert.Equal((2 * Messages, 0), (RowsOf(cluster, "archive_message"), RowsOf(cluster, "archive_preference")));
    }

    [Fact] // CONF-306: tables are looked at and made by commands, for those who forbid it at start
    public async Task Commands_about_databases_look_after_the_keyspace()
    {
        await using var cluster = await CassandraDouble.StartAsync(nodes: 2, credentials: ("meerkat", "s3cret"), keyspace: null);
        var folder = Directory.CreateTempSubdirectory("meerkat-cassandra-").FullName;
        try
        {
            var file = Path.Combine(folder, "meerkat.toml");
            await File.WriteAllTextAsync(file, OnCluster("[general]\n  hosts = [\"localhost\"]\n  default_server_domain = \"localhost\"\n\n[modules.mod_mam]\n  pm = {}\n", cluster));
            Assert.Equal(1, await RunAsync("migrate")); // the keyspace is the operator's to make
            cluster.Run("CREATE KEYSPACE meerkat WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
            Assert.Equal(3, await RunAsync("status"));
            Assert.Empty(cluster.Keyspaces.All.Single().Tables);
            Assert.Equal(0, await RunAsync("migrate"));
            Assert.Equal(0, RowsOf(cluster, "archive_message"));
            Assert.Equal(0, await RunAsync("migrate"));

            Task<int> RunAsync(string command) => Server.Commands.DatabaseCommands.Create().Parse([command, "--config", file, "--data", folder]).InvokeAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task TalkAsync(ServerProcess server, string name)
    {
        await using var alice = await LogInAsync(server, "a");
        await using var bob = await LogInAsync(server, "b");
        for (var i = 0; i < Messages; i++)
        {
            await alice.SendAsync($"<message to='{bob.Jid}' type='chat' id='{name}{i}'><body>{i}</body></message>");
            await bob.ReceiveAsync(element => element.Attribute("id") == $"{name}{i}");
        }

        // A query is answered when what was sent before is written.
        foreach (var client in new[] { alice, bob })
        {
            await client.SendAsync("<iq type='get' id='m'><metadata xmlns='urn:xmpp:mam:2'/></iq>");
            Assert.Equal("result", (await client.ReceiveAsync(element => element.Attribute("id") == "m")).Attribute("type"));
        }
    }

    private static int RowsOf(CassandraDouble cluster, string table) => cluster.Keyspaces.Table("meerkat", table).Rows(null, isDescending: false).Count();

    private static string OnCluster(string configuration, CassandraDouble cluster) =>
        configuration.Replace("[modules.mod_mam]\n", "[modules.mod_mam]\n  backend = \"cassandra\"\n  user_prefs_store = \"cassandra\"\n", StringComparison.Ordinal) + $$"""

            [outgoing_pools.cassandra.default]
              workers = 4
              call_timeout = 20000
              connection.servers = [{host = "{{cluster.Nodes[0].Address}}", port = {{cluster.Nodes[0].Port}}}, {host = "{{cluster.Nodes[1].Address}}", port = {{cluster.Nodes[1].Port}}}]
              connection.keyspace = "meerkat"
              connection.consistency = "one"
              connection.auth.plain = {username = "meerkat", password = "s3cret"}
            """;

    private static async Task<TestClient> LogInAsync(ServerProcess server, string account)
    {
        var client = await TestClient.ConnectAsync(server.StartTls, ServerProcess.Domain);
        await client.LogInAsync(account, ServerProcess.Domain, ServerProcess.Password);
        await client.BindAsync();
        return client;
    }
}
