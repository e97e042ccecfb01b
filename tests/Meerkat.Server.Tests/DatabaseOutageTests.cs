using Meerkat.Hostile;
using Meerkat.Testing;
using Meerkat.Testing.Databases;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>A server whose data are in PostgreSQL, as a process, while its database goes away and comes back (OPS-211).</summary>
[Collection("Server processes under load")] // one at a time
public sealed class DatabaseOutageTests
{
    private const string Stored = "<iq type='set' id='s'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>";
    private const string Asked = "<iq type='get' id='g'><query xmlns='jabber:iq:private'><n xmlns='app:n'/></query></iq>";
    private static readonly string[] Storing = ["mod_last", "mod_muc_light", "mod_offline", "mod_privacy", "mod_private", "mod_roster", "mod_vcard"];

    [Fact]
    public async Task Sessions_outlive_an_outage_of_their_database_and_work_again_after_it()
    {
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        await using var postgres = await PostgresProcess.CreateAsync(durable: true);
        await using var server = await ServerProcess.StartAsync(text => OnPool(text, postgres.Port));
        Assert.False(File.Exists(server.Database), "the embedded database was made, though nothing is in it");
        await using var alice = await LogInAsync(server, "a");
        await using var bob = await LogInAsync(server, "b");
        await alice.SendAsync(Stored);
        await alice.ExpectAsync("<iq type='result' id='s'/>");

        await postgres.KillAsync();
        await alice.SendAsync(Stored);
        Assert.Contains("<internal-server-error ", (await alice.ReceiveAsync()).ToString());
        await alice.SendAsync($"<message to='{bob.Jid}' id='m'><body>are you there?</body></message>");
        Assert.Equal("m", (await bob.ReceiveAsync()).Attribute("id")); // who is online needs no database
        await using (var late = await TestClient.ConnectAsync(server.StartTls, ServerProcess.Domain))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => late.LogInAsync("c", ServerProcess.Domain, ServerProcess.Password));
        }

        await postgres.StartAsync();
        string answer;
        do
        {
            await alice.SendAsync(Asked);
            answer = (await alice.ReceiveAsync()).ToString();
        }
        while (answer.Contains("<internal-server-error ", StringComparison.Ordinal));

        Assert.Contains("milk", answer);
        await using var again = await LogInAsync(server, "c");
        Assert.True(server.IsRunning);
    }

    private static string OnPool(string configuration, int port)
    {
        foreach (var module in Storing)
        {
            configuration = configuration.Replace($"[modules.{module}]\n", $"[modules.{module}]\nbackend = \"rdbms\"\n", StringComparison.Ordinal);
        }

        return configuration.Replace("[auth.internal]", "[auth.rdbms]", StringComparison.Ordinal) + $"""

            [outgoing_pools.rdbms.default.connection]
              driver = "pgsql"
              host = "127.0.0.1"
              port = {port}
              database = "postgres"
              username = "meerkat"
              password = "{PostgresProcess.Password}"
              query_timeout = 1000
              max_start_interval = 1
            """;
    }

    private static async Task<TestClient> LogInAsync(ServerProcess server, string account)
    {
        var client = await TestClient.ConnectAsync(server.StartTls, ServerProcess.Domain);
        await client.LogInAsync(account, ServerProcess.Domain, ServerProcess.Password);
        await client.BindAsync();
        return client;
    }
}
