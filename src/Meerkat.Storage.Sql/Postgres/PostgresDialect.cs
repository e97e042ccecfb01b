using System.Data.Common;
using System.Globalization;
using System.Security.Authentication;
using FluentMigrator.Runner;
using FluentMigrator.Runner.Processors.Postgres;
using LinqToDB.DataProvider;
using LinqToDB.DataProvider.PostgreSQL;
using Meerkat.Core.Hosts;
using Meerkat.Core.Tls;
using Meerkat.Storage.Sql.Mam.TextSearch;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Servers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Meerkat.Storage.Sql.Postgres;

/// <summary>PostgreSQL 13 and later, by Npgsql.</summary>
internal sealed class PostgresDialect : ServerDialect
{
    private const string IdleInTransaction = "25P03"; // idle_in_transaction_session_timeout

    private const int OldestVersion = 130_000;

    public static readonly PostgresDialect Instance = new();

    private static readonly IDataProvider s_provider = PostgreSQLTools.GetDataProvider(PostgreSQLVersion.v13);

    public override string Name => "pgsql";

    public override string Product => "PostgreSQL";

    public override int DefaultPort => 5432;

    // FOR NO KEY UPDATE: rows that point to the owner may be added meanwhile, by those who do not look it up.
    internal override string LockRow => " FOR NO KEY UPDATE";

    internal override string AddOwner => "INSERT INTO owner (domain, localpart) VALUES (@domain, @localpart) ON CONFLICT DO NOTHING";

    internal override TextIndex TextIndex => PostgresTextIndex.Instance;

    // The number is "Meerkat" in ASCII; advisory locks are the database's own.
    public override string TryLockSchema => "SELECT CASE WHEN pg_try_advisory_lock(21782074764714356) THEN 1 ELSE 0 END";

    public override string KeyText(int maxBytes) => "text COLLATE \"C\"";

    public override string Greeting(TimeSpan silence) => string.Create(CultureInfo.InvariantCulture, $"SET idle_in_transaction_session_timeout = {(long)silence.TotalMilliseconds}");

    public override bool IsDuplicate(DbException error) => error is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public override FailureKind Judge(DbException error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => FailureKind.Conflict,
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or IdleInTransaction } => FailureKind.Lost,
        PostgresException => FailureKind.Own,
        _ => FailureKind.Lost, // not said by the server, but by the driver about the connection
    };

    public override string? Refusal(Exception failure, RdbmsConnectionOptions options) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword } => WrongPassword(options),
        PostgresException { SqlState: PostgresErrorCodes.InvalidAuthorizationSpecification, MessageText: var said } =>
            $"does not let \"{options.Username}\" in ({said}): username must be a user that may log in, and pg_hba.conf must let it in from this machine, encrypted or not as tls says",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => NoDatabase(options),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            $"does not let \"{options.Username}\" use the database \"{options.Database}\": GRANT CONNECT, or let username be its owner",
        PostgresException => null,
        NpgsqlException { InnerException: AuthenticationException handshake } => WrongCertificate(handshake),
        NpgsqlException { InnerException: null } when failure.Message.StartsWith("No password has been provided", StringComparison.Ordinal) => // the driver gives no code
            $"wants a password of \"{options.Username}\", and password is empty: it must be that user's",
        NpgsqlException { InnerException: null } when failure.Message.StartsWith("SSL connection requested", StringComparison.Ordinal) => NoTls,
        _ => null,
    };

    public override DbConnection CreateConnection(RdbmsConnectionOptions options, ClientTls? tls)
    {
        var timeout = (int)Math.Ceiling(options.QueryTimeout.TotalSeconds);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = options.Host,
            Port = options.Port ?? DefaultPort,
            Database = options.Database,
            Username = options.Username,
            Password = options.Password,
            ApplicationName = "meerkat",
            Pooling = false, // the pool is ours, so that connections keep their prepared statements
            Timeout = timeout is > 0 and < 1024 ? timeout : 5,
            CommandTimeout = timeout,
            CancellationTimeout = 1000,
            MaxAutoPrepare = 256,
            AutoPrepareMinUsages = 2,
            Enlist = false,
            TcpKeepAlive = true,
            PersistSecurityInfo = true, // the migration library reads the connection string
            SslMode = tls is null ? SslMode.Disable : options.Tls!.Required ? SslMode.Require : SslMode.Prefer, // CONF-142, CONF-297
        }.ConnectionString);
        if (tls is not null)
        {
            connection.SslClientAuthenticationOptionsCallback = tls.Apply;
        }

        return connection;
    }

    public override async Task CheckAsync(DbConnection connection, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('server_version')";
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        if (reader.GetInt32(0) < OldestVersion)
        {
            throw new SchemaException($"PostgreSQL {reader.GetString(2)} is too old: 13 or later is needed.");
        }

        if (reader.GetString(1) is not "UTF8" and var encoding)
        {
            throw new SchemaException($"The database's encoding is {encoding}; it must be made with ENCODING 'UTF8'.");
        }
    }

    public override void AddMigrations(IMigrationRunnerBuilder runner, Func<DbConnection> connect)
    {
        runner.AddPostgres15_0();
        runner.Services.AddScoped<PostgresDbFactory>(services => new Factory(services, connect));
    }

    // One statement, whose text is always the same, whatever the number of rows: the server has it prepared.
    internal override async Task AddManyOnceAsync<TRow>(SqlSession session, string table, IReadOnlyList<TRow> rows, CancellationToken ct)
    {
        if (rows.Count == 0)
        {
            return;
        }

        await using var command = (NpgsqlCommand)session.Driver.CreateCommand();
        command.CommandText = PostgresArrays<TRow>.InsertInto(table);
        PostgresArrays<TRow>.AddTo(command.Parameters, rows);
        await command.ExecuteNonQueryAsync(ct);
    }

    internal override IDataProvider ProviderFor(DbConnection connection) => s_provider;

    private sealed class Factory(IServiceProvider services, Func<DbConnection> connect) : PostgresDbFactory(services)
    {
        protected override DbProviderFactory CreateFactory() => new MigrationConnections(connect, NpgsqlFactory.Instance);
    }
}
