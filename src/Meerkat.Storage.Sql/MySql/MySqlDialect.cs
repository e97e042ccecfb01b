using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Security.Authentication;
using System.Text;
using FluentMigrator.Runner;
using FluentMigrator.Runner.Generators.MySql;
using FluentMigrator.Runner.Processors.MySql;
using LinqToDB.Data;
using LinqToDB.DataProvider;
using LinqToDB.DataProvider.MySql;
using LinqToDB.Interceptors;
using LinqToDB.Mapping;
using Meerkat.Core.Hosts;
using Meerkat.Core.Tls;
using Meerkat.Storage.Sql.Mam.TextSearch;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Servers;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;

namespace Meerkat.Storage.Sql.MySql;

/// <summary>MySQL 8.0.14 and later (CONF-143), and MariaDB 10.6 and later, by MySqlConnector.</summary>
/// <remarks>Text in keys is <c>varbinary</c>: <c>utf8mb4_bin</c> would ignore trailing spaces, and count four bytes for every character against the 3072 of an index (docs/decisions/0003).</remarks>
internal sealed class MySqlDialect : ServerDialect
{
    private const MySqlErrorCode HostNotPrivileged = (MySqlErrorCode)1130;
    private const MySqlErrorCode AccessDeniedNoPassword = (MySqlErrorCode)1698;
    private const MySqlErrorCode PasswordExpired = (MySqlErrorCode)1862;
    private const MySqlErrorCode AccountLocked = (MySqlErrorCode)3118;
    private const MySqlErrorCode SecureTransportRequired = (MySqlErrorCode)3159;
    private const MySqlErrorCode MariaDbAccountLocked = (MySqlErrorCode)4151;

    public static readonly MySqlDialect Instance = new();

    private static readonly IDataProvider s_mySql = MySqlTools.GetDataProvider(MySqlVersion.MySql80, MySqlProvider.MySqlConnector);
    private static readonly IDataProvider s_mariaDb = MySqlTools.GetDataProvider(MySqlVersion.MariaDB10, MySqlProvider.MySqlConnector);

    private static readonly int[] s_rowsAtOnce = [64, 8, 1];
    private static readonly ConcurrentDictionary<(string Table, Type Row, int Rows), string> s_inserts = new();

    private MySqlDialect()
    {
    }

    public override string Name => "mysql";

    public override string Product => "The MySQL server";

    public override int DefaultPort => 3306;

    // A text that does not fit is an error, not a shorter text, whatever the server's own settings say.
    // MySQL itself ends no transaction for silence.
    public override string Greeting(TimeSpan silence) =>
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', SESSION innodb_lock_wait_timeout = 5"
        + string.Create(CultureInfo.InvariantCulture, $" /*M! , SESSION idle_transaction_timeout = {Math.Ceiling(silence.TotalSeconds)} */");

    // The server's locks have one name space: the database's own name, shortened, is part of it.
    public override string TryLockSchema => "SELECT COALESCE(GET_LOCK(CONCAT('meerkat.', SHA1(DATABASE())), 0), 0)";

    internal override string LockRow => " FOR UPDATE";

    // Not IGNORE, which forgives other mistakes too.
    internal override string AddOwner => "INSERT INTO owner (domain, localpart) VALUES (@domain, @localpart) ON DUPLICATE KEY UPDATE id = id";

    // Not IGNORE here either: a row whose owner was removed meanwhile would be lost without a word.
    internal override string InsertOnce(string insert) => insert + " ON DUPLICATE KEY UPDATE owner_id = owner_id";

    internal override TextIndex TextIndex => MySqlTextIndex.Instance;

    internal override bool HasTransactionalSchema => false;

    internal override MappingSchema Mapping { get; } = CreateMapping();

    public override string KeyText(int maxBytes) => $"varbinary({maxBytes})";

    public override bool IsDuplicate(DbException error) => error is MySqlException { ErrorCode: MySqlErrorCode.DuplicateKeyEntry or MySqlErrorCode.DuplicateEntryWithKeyName };

    public override FailureKind Judge(DbException error) => error is not MySqlException { ErrorCode: var code } ? FailureKind.Own : code switch
    {
        MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout => FailureKind.Conflict,
        MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.ServerShutdown or MySqlErrorCode.NormalShutdown or MySqlErrorCode.ConnectionCountError
            or MySqlErrorCode.QueryInterrupted => FailureKind.Lost,
        (MySqlErrorCode)1927 => FailureKind.Lost, // MariaDB: the connection was killed
        _ => FailureKind.Own,
    };

    public override string? Refusal(Exception failure, RdbmsConnectionOptions options) => failure is not MySqlException { ErrorCode: var code } ? null : code switch
    {
        MySqlErrorCode.AccessDenied or AccessDeniedNoPassword => WrongPassword(options),
        MySqlErrorCode.DatabaseAccessDenied =>
            $"does not let \"{options.Username}\" use the database \"{options.Database}\", or has none of that name: GRANT ALL on it, or let the key database name one that is there",
        MySqlErrorCode.UnknownDatabase => NoDatabase(options),
        HostNotPrivileged or AccountLocked or MariaDbAccountLocked or PasswordExpired or SecureTransportRequired =>
            $"does not let \"{options.Username}\" in ({failure.Message}): username must be a user that may log in from this machine, encrypted or not as tls says",
        MySqlErrorCode.UnableToConnectToHost when failure.InnerException is AuthenticationException handshake => WrongCertificate(handshake),
        MySqlErrorCode.UnableToConnectToHost when failure.Message.StartsWith("Server does not support SSL", StringComparison.Ordinal) => NoTls, // the driver gives no code
        _ => null,
    };

    public override DbConnection CreateConnection(RdbmsConnectionOptions options, ClientTls? tls)
    {
        var timeout = (uint)Math.Ceiling(options.QueryTimeout.TotalSeconds);
        var connection = new MySqlConnection(new MySqlConnectionStringBuilder
        {
            Server = options.Host,
            Port = (uint)(options.Port ?? DefaultPort),
            Database = options.Database,
            UserID = options.Username,
            Password = options.Password,
            ApplicationName = "meerkat",
            Pooling = false, // the pool is ours, so that connections keep their prepared statements
            ConnectionTimeout = timeout is > 0 ? timeout : 5,
            DefaultCommandTimeout = timeout,
            CancellationTimeout = 1,
            CharacterSet = "utf8mb4",
            UseAffectedRows = false, // an UPDATE counts the rows that it found, as on the other databases
            IgnorePrepare = false,
            AutoEnlist = false,
            PersistSecurityInfo = true, // the migration library reads the connection string
            AllowPublicKeyRetrieval = tls is null, // MySQL's default authentication wants TLS or the server's key
            SslMode = tls is null ? MySqlSslMode.None : options.Tls!.Required ? MySqlSslMode.Required : MySqlSslMode.Preferred, // CONF-142, CONF-297
            TlsVersion = tls is null ? "" : Versions(options.Tls!),
        }.ConnectionString);
        if (tls is not null)
        {
            connection.RemoteCertificateValidationCallback = tls.Accepts;
        }

        if (tls is { Certificates.Count: > 0 })
        {
            connection.ProvideClientCertificatesCallback = certificates =>
            {
                certificates.AddRange(tls.Certificates);
                return ValueTask.CompletedTask;
            };
        }

        return connection;
    }

    public override async Task CheckAsync(DbConnection connection, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT VERSION()";
        var version = (string)(await command.ExecuteScalarAsync(ct))!;
        var oldest = IsMariaDb(version) ? new Version(10, 6, 0) : new Version(8, 0, 14);
        if (Version.TryParse(version.Split('-')[0], out var number) && number < oldest)
        {
            throw new SchemaException($"The server's version is {version}: MySQL 8.0.14 or MariaDB 10.6 or later is needed.");
        }
    }

    public override void AddMigrations(IMigrationRunnerBuilder runner, Func<DbConnection> connect)
    {
        runner.AddMySql8();
        runner.Services.AddScoped<IMySqlTypeMap>(_ => new Types());
        runner.Services.AddScoped<MySqlDbFactory>(services => new Factory(services, connect));
    }

    // Statements of a few sizes, which the server has prepared: each is a round trip.
    internal override async Task AddManyOnceAsync<TRow>(SqlSession session, string table, IReadOnlyList<TRow> rows, CancellationToken ct)
    {
        var done = 0;
        foreach (var size in s_rowsAtOnce)
        {
            for (; rows.Count - done >= size; done += size)
            {
                var insert = s_inserts.GetOrAdd((table, typeof(TRow), size), static key => Instance.InsertOnce(RowText<TRow>.InsertInto(key.Table, key.Rows)));
                await session.ExecuteAsync(insert, ct, RowText<TRow>.Values(rows, done, size));
            }
        }
    }

    internal override IInterceptor CreateInterceptor() => new PreparedTexts();

    internal override IDataProvider ProviderFor(DbConnection connection) => IsMariaDb(connection.ServerVersion) ? s_mariaDb : s_mySql;

    private static bool IsMariaDb(string version) => version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);

    private static string Versions(RdbmsTlsOptions options) =>
        string.Join(", ", options.Versions.Select(version => version is TlsVersion.Tls13 ? "TLS 1.3" : "TLS 1.2"));

    private static MappingSchema CreateMapping()
    {
        var mapping = new MappingSchema("mysql keys");
        mapping.SetConverter<byte[], string>(Encoding.UTF8.GetString); // KeyText
        return mapping;
    }

    /// <summary>Texts that are in no key are compared by their bytes too, whatever the database's own character set.</summary>
    private sealed class Types : MySql8TypeMap
    {
        private const string Bytewise = " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

        protected override void SetupMySqlTypeMaps()
        {
            base.SetupMySqlTypeMaps();
            foreach (var size in new[] { 127, 255, 8192, 16_383 }) // the library's own bounds, and what a row can hold
            {
                SetTypeMap(System.Data.DbType.String, "varchar($size)" + Bytewise, size);
            }

            foreach (var size in new[] { 65_535, 16_777_215, int.MaxValue })
            {
                SetTypeMap(System.Data.DbType.String, "longtext" + Bytewise, size);
            }

            SetTypeMap(System.Data.DbType.Binary, "longblob", int.MaxValue);
        }
    }

    private sealed class Factory(IServiceProvider services, Func<DbConnection> connect) : MySqlDbFactory(services)
    {
        protected override DbProviderFactory CreateFactory() => new MigrationConnections(connect, MySqlConnectorFactory.Instance);
    }
}
