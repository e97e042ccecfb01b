using System.Data.Common;
using FluentMigrator.Runner;
using Meerkat.Core.Hosts;
using Meerkat.Core.Tls;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>A dialect of a database that is a server of its own.</summary>
internal abstract class ServerDialect : SqlDialect
{
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

    /// <summary>Refuses a server that is too old or cannot hold our texts.</summary>
    /// <exception cref="Schema.SchemaException">It is.</exception>
    public abstract Task CheckAsync(DbConnection connection, CancellationToken ct);

    /// <summary>A query of one row with one value: 1 when this connection has the lock that keeps others from migrating, whose name is the database's.</summary>
    public abstract string TryLockSchema { get; }

    /// <summary>As <see cref="SqlDatabase.AddMigrations"/>.</summary>
    /// <param name="runner">The runner.</param>
    /// <param name="connect">Makes a connection with our TLS settings.</param>
    public abstract void AddMigrations(IMigrationRunnerBuilder runner, Func<DbConnection> connect);
}
