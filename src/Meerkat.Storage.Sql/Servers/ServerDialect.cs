using System.Data.Common;
using FluentMigrator.Runner;
using Meerkat.Core.Hosts;
using Meerkat.Core.Tls;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>A dialect of a database that is a server of its own.</summary>
internal abstract class ServerDialect : SqlDialect
{
    /// <summary>What the server is, for people.</summary>
    public abstract string Product { get; }

    /// <summary>CONF-137.</summary>
    public abstract int DefaultPort { get; }

    /// <summary>A connection that is not open yet, and is pooled by nobody.</summary>
    /// <param name="options">Which database, and how patiently.</param>
    /// <param name="tls">Null for a connection without TLS.</param>
    public abstract DbConnection CreateConnection(RdbmsConnectionOptions options, ClientTls? tls);

    /// <summary>What a new connection is told before it is used. Above all that a transaction ends whose client falls silent in it: a server that lost its network keeps the rows that it had locked from the others for that long, and not
    /// until the database misses it.</summary>
    /// <param name="silence">How long that is.</param>
    public abstract string Greeting(TimeSpan silence);

    /// <summary>What happened, by the error that the driver raised.</summary>
    public abstract FailureKind Judge(DbException error);

    /// <summary>Whether a connection was refused because of what the configuration says, so that waiting does not help.</summary>
    /// <param name="failure">What the driver raised when it connected.</param>
    /// <param name="options">The configuration.</param>
    /// <returns>What is wrong and what would be right, without secrets: a sentence about the server, without its subject. Null for what may pass.</returns>
    public abstract string? Refusal(Exception failure, RdbmsConnectionOptions options);

    /// <summary>Refuses a server that is too old or cannot hold our texts.</summary>
    /// <exception cref="Schema.SchemaException">It is.</exception>
    public abstract Task CheckAsync(DbConnection connection, CancellationToken ct);

    /// <summary>A query of one row with one value: 1 when this connection has the lock that keeps others from migrating, whose name is the database's.</summary>
    public abstract string TryLockSchema { get; }

    /// <summary>As <see cref="SqlDatabase.AddMigrations"/>.</summary>
    /// <param name="runner">The runner.</param>
    /// <param name="connect">Makes a connection with our TLS settings.</param>
    public abstract void AddMigrations(IMigrationRunnerBuilder runner, Func<DbConnection> connect);

    /// <summary>For <see cref="Refusal"/>: the password.</summary>
    protected static string WrongPassword(RdbmsConnectionOptions options) =>
        $"does not let \"{options.Username}\" in with this password, or has no such user: username and password must be those of a user that it knows";

    /// <summary>For <see cref="Refusal"/>: the database.</summary>
    protected static string NoDatabase(RdbmsConnectionOptions options) =>
        $"has no database \"{options.Database}\": make it (CREATE DATABASE, see docs/storage.md), or let the key database name one that is there";

    /// <summary>For <see cref="Refusal"/>: TLS that one of the two will not do.</summary>
    protected static string NoTls => "offers no TLS, which tls.required = true wants: give the server a certificate, or leave required out";

    /// <summary>For <see cref="Refusal"/>: a handshake that failed, mostly because of the server's certificate.</summary>
    protected static string WrongCertificate(Exception failure) =>
        $"cannot be talked to over TLS ({failure.Message}): its certificate must be signed by who tls.cacertfile names and be made out for the host, or for tls.server_name_indication.host; see verify_mode";
}
