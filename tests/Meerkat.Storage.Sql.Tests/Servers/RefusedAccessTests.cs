using LinqToDB.Data;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Core.Tls;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Servers;
using Meerkat.Testing.Databases;
using MySqlConnector;
using Npgsql;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Servers;

/// <summary>What no waiting will mend ends a start at once and says what would; what may pass is waited for (OPS-003, CONF-134). With the real servers.</summary>
public sealed class RefusedAccessTests
{
    private const string Wrong = "no-such-password";

    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<Backend> Installed => [Backend.Postgres, Backend.MariaDb];

    [Theory, MemberData(nameof(Installed))]
    public async Task A_wrong_password_or_user_is_said(Backend backend)
    {
        var options = await OptionsAsync(backend);
        foreach (var connection in new[] { options.Connection with { Password = Wrong }, options.Connection with { Username = "nobody", Password = Wrong }, options.Connection with { Password = null } })
        {
            var said = await RefusalAsync(options with { Connection = connection });
            Assert.Contains($"\"{connection.Username}\"", said);
            Assert.Contains("password", said);
        }
    }

    [Theory, MemberData(nameof(Installed))]
    public async Task A_database_that_is_not_there_is_said(Backend backend)
    {
        var options = await OptionsAsync(backend);
        var said = await RefusalAsync(options with { Connection = options.Connection with { Database = "no_such_database" } });
        Assert.Contains("has no database \"no_such_database\"", said);
        Assert.Contains("CREATE DATABASE", said);
    }

    [Theory, MemberData(nameof(Installed))] // whoever may log in need not be let into every database
    public async Task A_database_that_the_user_may_not_use_is_said(Backend backend)
    {
        var options = await OptionsAsync(backend);
        var user = $"stranger_{Guid.NewGuid():N}"[..20];
        if (backend is Backend.Postgres)
        {
            await AskPostgresAsync(options, $"CREATE ROLE {user} LOGIN PASSWORD '{Wrong}'; REVOKE CONNECT ON DATABASE {options.Connection.Database} FROM PUBLIC");
        }
        else
        {
            await DatabaseServers.AskMySqlAsync(options, $"CREATE USER '{user}'@'%' IDENTIFIED BY '{Wrong}'");
        }

        Assert.Contains($"does not let \"{user}\" use the database \"{options.Connection.Database}\"", await RefusalAsync(options with { Connection = options.Connection with { Username = user, Password = Wrong } }));
    }

    [Theory, MemberData(nameof(Installed))] // CONF-297
    public async Task Tls_that_is_required_and_not_offered_is_said(Backend backend)
    {
        var options = await OptionsAsync(backend);
        var tls = new RdbmsTlsOptions { Required = true, VerifyMode = TlsVerifyMode.None };
        Assert.Contains("offers no TLS, which tls.required = true wants", await RefusalAsync(options with { Connection = options.Connection with { Tls = tls } }));
    }

    [Theory, MemberData(nameof(Installed))] // CONF-282 to CONF-296
    public async Task A_certificate_that_is_not_trusted_is_said(Backend backend)
    {
        await using var server = backend is Backend.Postgres ? (DatabaseProcess)await PostgresProcess.CreateAsync(tls: true) : await MariaDbProcess.CreateAsync(tls: true);
        var options = server is PostgresProcess postgres ? DatabaseServers.PostgresOptions(postgres, "postgres") : DatabaseServers.MariaDbOptions((MariaDbProcess)server, "mysql");
        foreach (var required in new[] { true, false })
        {
            Assert.Contains("tls.cacertfile", await RefusalAsync(options with { Connection = options.Connection with { Tls = new RdbmsTlsOptions { Required = required } } }));
        }
    }

    [Fact] // as pg_hba.conf has it: hostssl lines alone, or an address that is in no line
    public async Task A_line_that_is_missing_in_pg_hba_is_said()
    {
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        await using var server = await PostgresProcess.CreateAsync();
        var file = Path.Combine(server.Folder, "data", "pg_hba.conf");
        await File.WriteAllTextAsync(file, "hostssl all all 127.0.0.1/32 scram-sha-256\n");
        await server.StopAsync();
        await server.StartAsync();
        Assert.Contains("no pg_hba.conf entry for host \"127.0.0.1\"", await RefusalAsync(DatabaseServers.PostgresOptions(server, "postgres")));
    }

    [Theory, MemberData(nameof(Installed))] // others will leave: it is waited for
    public async Task Too_many_connections_are_waited_for(Backend backend)
    {
        var options = await OptionsAsync(backend);
        var user = $"crowd_{Guid.NewGuid():N}"[..20];
        if (backend is Backend.Postgres)
        {
            await AskPostgresAsync(options, $"CREATE ROLE {user} LOGIN PASSWORD '{Wrong}' CONNECTION LIMIT 1");
        }
        else
        {
            await DatabaseServers.AskMySqlAsync(options, $"CREATE USER '{user}'@'%' IDENTIFIED BY '{Wrong}' WITH MAX_USER_CONNECTIONS 1; GRANT ALL ON {options.Connection.Database}.* TO '{user}'@'%'");
        }

        options = options with { Connection = options.Connection with { Username = user, Password = Wrong } };
        await using var patient = ServerTestDatabase.Open(options);
        Task<DatabaseStatus> asking;
        await using (var other = ServerTestDatabase.Open(options))
        {
            Assert.Equal(1, await other.ReadAsync(_ => new ValueTask<int>(1), None)); // it keeps its connection
            await using var hasty = ServerTestDatabase.Open(options with { CallTimeout = TimeSpan.FromMilliseconds(300) });
            var gone = await Assert.ThrowsAsync<StorageUnavailableException>(() => new DatabaseOperations(hasty).StatusAsync(None));
            Assert.True(gone.InnerException is PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } or MySqlException { Number: 1226 }, gone.Message);
            asking = new DatabaseOperations(patient).StatusAsync(None);
        }

        Assert.NotEmpty((await asking).Pending);
    }

    private static async Task<RdbmsPoolOptions> OptionsAsync(Backend backend) =>
        backend is Backend.Postgres ? await DatabaseServers.CreatePostgresAsync(migrated: false) : await DatabaseServers.CreateMariaDbAsync(migrated: false);

    // A start, with and without leave to migrate, and the command: none waits, and all say the same.
    private static async Task<string> RefusalAsync(RdbmsPoolOptions options)
    {
        var on = options.Connection;
        await using var database = ServerTestDatabase.Open(options with { CallTimeout = TimeSpan.FromHours(1) });
        var operations = new DatabaseOperations(database);
        var said = (await Assert.ThrowsAsync<AccessRefusedException>(() => operations.PrepareAsync(migrate: true, None))).Message;
        Assert.Equal(said, (await Assert.ThrowsAsync<AccessRefusedException>(() => operations.PrepareAsync(migrate: false, None))).Message);
        Assert.Equal(said, (await Assert.ThrowsAsync<AccessRefusedException>(() => operations.StatusAsync(None))).Message);
        Assert.Contains($" at {on.Host}:{on.Port} (pool {database.Name}) ", said);
        Assert.DoesNotContain(Wrong, said);
        Assert.DoesNotContain(PostgresProcess.Password, said);
        Assert.DoesNotContain(MariaDbProcess.Password, said);
        return said;
    }

    private static async Task AskPostgresAsync(RdbmsPoolOptions options, string sql)
    {
        await using var database = ServerTestDatabase.Open(options);
        await database.WriteAsync(async session => await session.ExecuteAsync(sql, None), None);
    }
}
