using Meerkat.Hostile;
using Meerkat.Testing;
using Meerkat.Testing.Databases;
using Npgsql;
using Xunit;

namespace Meerkat.Admin.Tests.Control;

/// <summary>Domains that are added to servers that run, as processes, from outside (OPS-203 to OPS-205, CORE-237 to CORE-242).</summary>
public sealed class DomainProcessTests
{
    private const string Added = "added.example";
    private const string Type = "customers";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact] // OPS-203, OPS-204: meerkatctl adds it, clients log in over TLS with the listener's certificate; a restart changes nothing
    public async Task A_domain_that_meerkatctl_adds_takes_log_ins_at_once_and_after_a_restart()
    {
        await using var server = await ServerProcess.StartAsync(text => WithDomains(text, ""));
        Assert.Equal("host-unknown", await RefusalAsync(server, Added));
        await CtlAsync(server, "addDomain", "--domain", Added, "--hostType", Type);
        await RegisterAsync(server, "ann", Added);
        await using (var ann = await LogInAsync(server, "ann", Added))
        {
            await using var a = await LogInAsync(server, "a", ServerProcess.Domain);
            await ann.SendAsync($"<message to='{a.Jid}' id='x'><body>hello</body></message>");
            await a.ReceiveAsync(element => element.Attribute("id") == "x" && element.Attribute("from") == ann.Jid);
            Assert.Contains("muclight." + Added, (await ann.AskAsync($"<iq type='get' to='{Added}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")).ToString());

            await CtlAsync(server, "disableDomain", "--domain", Added);
            await ann.ReceiveAsync(element => element.ToString().Contains("host-gone", StringComparison.Ordinal));
            Assert.Equal("host-unknown", await RefusalAsync(server, Added));
        }

        await server.KillAsync();
        await server.RestartAsync();
        Assert.Equal("host-unknown", await RefusalAsync(server, Added));
        await CtlAsync(server, "enableDomain", "--domain", Added);
        await using (await LogInAsync(server, "ann", Added))
        {
        }

        await CtlAsync(server, "requestRemoveDomain", "--domain", Added, "--hostType", Type);
        await UntilAsync(async () => (await ControlProgram.RunAsync(server.DataFolder, "domain", "domainDetails", "--domain", Added)).Code == "not_found");
        Assert.Equal("host-unknown", await RefusalAsync(server, Added));
        Assert.Empty(server.Errors);
    }

    [Fact] // CORE-242: two processes, one PostgreSQL
    public async Task Another_process_on_the_same_database_follows_within_the_polling_interval()
    {
        await using var postgres = await PostgresAsync();
        var rows = OnPool(postgres.Port);
        await using var first = await ServerProcess.StartAsync(text => WithDomains(text, rows));
        await using var second = await ServerProcess.StartAsync(text => WithDomains(text, rows, registers: false));
        await CtlAsync(first, "addDomain", "--domain", Added, "--hostType", Type);
        await UntilAsync(async () => await RefusalAsync(second, Added) is null);
        await RegisterAsync(second, "ann", Added);
        await using (var here = await LogInAsync(first, "ann", Added))
        {
            await using var there = await LogInAsync(second, "ann", Added);
            await CtlAsync(first, "disableDomain", "--domain", Added);
            await here.ReceiveAsync(element => element.ToString().Contains("host-gone", StringComparison.Ordinal));
            await there.ReceiveAsync(element => element.ToString().Contains("host-gone", StringComparison.Ordinal));
        }

        Assert.Equal("host-unknown", await RefusalAsync(second, Added));
        await CtlAsync(second, "removeDomain", "--domain", Added, "--hostType", Type);
        Assert.Equal(0, await CountAsync(postgres, "SELECT COUNT(*) FROM owner WHERE domain LIKE '%added.example'"));
        Assert.Equal("not_found", (await ControlProgram.RunAsync(first.DataFolder, "domain", "domainDetails", "--domain", Added)).Code);
    }

    [Fact] // CORE-241: the accounts are gone and the rest is not, when the server is killed; the next start removes the rest
    public async Task A_removal_that_is_killed_in_the_middle_goes_on_at_the_next_start()
    {
        await using var postgres = await PostgresAsync();
        await using var server = await ServerProcess.StartAsync(text => WithDomains(text, OnPool(postgres.Port)));
        await CtlAsync(server, "addDomain", "--domain", Added, "--hostType", Type);
        await CtlAsync(server, "addDomain", "--domain", "other.example", "--hostType", Type);
        foreach (var domain in (string[])[Added, "other.example"])
        {
            await RegisterAsync(server, "ann", domain);
            await using var ann = await LogInAsync(server, "ann", domain);
            await ann.AskAsync("<iq type='set'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
            await ann.AskAsync($"<iq type='set'><query xmlns='jabber:iq:roster'><item jid='bob@{domain}'/></query></iq>");
        }

        const string Accounts = "SELECT COUNT(*) FROM account a JOIN owner o ON o.id = a.owner_id WHERE o.domain = 'added.example'";
        const string Private = "SELECT COUNT(*) FROM private_xml a JOIN owner o ON o.id = a.owner_id WHERE o.domain = 'added.example'";
        const string Status = "SELECT COALESCE(MAX(status), -1) FROM domain_settings WHERE domain = 'added.example'";
        Assert.Equal((1, 1), (await CountAsync(postgres, Accounts), await CountAsync(postgres, Private)));
        await using (var holding = await OpenAsync(postgres))
        {
            // Nobody removes a row of this table while it is held: the removal stands there.
            await using var transaction = await holding.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await ExecuteAsync(holding, "LOCK TABLE private_xml IN SHARE MODE");
            await CtlAsync(server, "requestRemoveDomain", "--domain", Added, "--hostType", Type);
            await UntilAsync(async () => await CountAsync(postgres, Accounts) == 0);
            await server.KillAsync();
            Assert.Equal((0, 1, 2), (await CountAsync(postgres, Accounts), await CountAsync(postgres, Private), await CountAsync(postgres, Status)));
        }

        await server.RestartAsync();
        await UntilAsync(async () => await CountAsync(postgres, Status) == -1);
        Assert.Equal(0, await CountAsync(postgres, Private));
        Assert.Equal(0, await CountAsync(postgres, "SELECT COUNT(*) FROM owner WHERE domain LIKE '%added.example'"));
        Assert.Equal(2, await CountAsync(postgres, "SELECT COUNT(*) FROM roster_item a JOIN owner o ON o.id = a.owner_id WHERE o.domain = 'other.example'") + await CountAsync(postgres, Private.Replace(Added, "other.example", StringComparison.Ordinal)));
        await using (await LogInAsync(server, "ann", "other.example"))
        {
        }

        // The name is free, and whoever takes it finds nothing of before.
        await CtlAsync(server, "addDomain", "--domain", Added, "--hostType", Type);
        await RegisterAsync(server, "ann", Added);
        await using var anew = await LogInAsync(server, "ann", Added);
        Assert.DoesNotContain("milk", (await anew.AskAsync("<iq type='get'><query xmlns='jabber:iq:private'><n xmlns='app:n'/></query></iq>")).ToString(), StringComparison.Ordinal);
    }

    private static async Task<PostgresProcess> PostgresAsync()
    {
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        return await PostgresProcess.CreateAsync();
    }

    private static string OnPool(int port) => $"""

        [outgoing_pools.rdbms.default.connection]
          driver = "pgsql"
          host = "127.0.0.1"
          port = {port}
          database = "postgres"
          username = "meerkat"
          password = "{PostgresProcess.Password}"
          query_timeout = 20_000
        """;

    // A host type with everything in the pool, where there is one. Two servers on one database cannot both make the accounts of the static domain.
    private static string WithDomains(string text, string pool, bool registers = true)
    {
        text = text.Replace("[general]\n", $"[general]\n  host_types = [\"{Type}\"]\n", StringComparison.Ordinal);
        if (pool.Length > 0)
        {
            text = registers ? text.Replace("[auth.internal]", "[auth.rdbms]", StringComparison.Ordinal) : text;
            foreach (var module in (string[])["mod_last", "mod_offline", "mod_privacy", "mod_private", "mod_roster", "mod_vcard"])
            {
                text = text.Replace($"[modules.{module}]\n", $"[modules.{module}]\nbackend = \"rdbms\"\n", StringComparison.Ordinal);
            }
        }

        return $"{text}\n[modules.mod_muc_light]\n{(pool.Length > 0 ? "backend = \"rdbms\"\n" : "")}[services.service_domain_db]\nevent_polling_interval = 1\n{pool}\n"
            + (registers || pool.Length == 0 ? "" : $"[[host_config]]\nhost_type = \"{Type}\"\n[host_config.auth]\npassword.scram_iterations = 1000\n[host_config.auth.rdbms]\n");
    }

    private static async Task CtlAsync(ServerProcess server, string operation, params string[] arguments)
    {
        var result = await ControlProgram.RunAsync(server.DataFolder, ["domain", operation, .. arguments]);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    // In-band (XEP-0077).
    private static async Task RegisterAsync(ServerProcess server, string name, string domain)
    {
        await using var client = await TestClient.ConnectAsync(server.StartTls, domain);
        await client.OpenStreamAsync(domain);
        await client.SendAsync($"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{name}</username><password>{ServerProcess.Password}</password></query></iq>");
        await client.ExpectAsync("<iq type='result' id='r'/>");
    }

    private static async Task<TestClient> LogInAsync(ServerProcess server, string name, string domain)
    {
        var client = await TestClient.ConnectAsync(server.DirectTls, domain);
        await client.EncryptAsync();
        await client.LogInAsync(name, domain, ServerProcess.Password);
        await client.BindAsync();
        return client;
    }

    // The condition of the stream error that a stream to the domain is answered with; null where it is served.
    private static async Task<string?> RefusalAsync(ServerProcess server, string domain)
    {
        await using var client = await TestClient.ConnectAsync(server.StartTls, domain);
        await client.SendAsync($"<stream:stream to='{domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        await client.ReceiveHeaderAsync();
        var first = await client.ReceiveAsync();
        return first.Name == "error" ? first.FirstChild!.Value.Name : null;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!await isSo())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(PostgresProcess postgres)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={postgres.Port};Database=postgres;Username=meerkat;Password={PostgresProcess.Password};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<long> CountAsync(PostgresProcess postgres, string sql)
    {
        await using var connection = await OpenAsync(postgres);
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
