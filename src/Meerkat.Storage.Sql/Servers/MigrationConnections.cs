using System.Data.Common;

namespace Meerkat.Storage.Sql.Servers;

/// <summary>Connections for the migration library, which would make its own without our TLS settings.</summary>
internal sealed class MigrationConnections(Func<DbConnection> connect, DbProviderFactory driver) : DbProviderFactory
{
    public override DbConnection CreateConnection() => connect();

    public override DbCommand? CreateCommand() => driver.CreateCommand();

    public override DbParameter? CreateParameter() => driver.CreateParameter();

    public override DbConnectionStringBuilder? CreateConnectionStringBuilder() => driver.CreateConnectionStringBuilder();
}
