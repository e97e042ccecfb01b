using Meerkat.Core.Hosts;
using Meerkat.Server.Configuration;
using Meerkat.Storage.Sql;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Sqlite;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>The databases of a server: the embedded one, and those of <c>outgoing_pools.rdbms</c>. One for each file.</summary>
public sealed class Databases : IAsyncDisposable
{
    private readonly Dictionary<string, SqlDatabase> _byPath = [];
    private readonly Dictionary<string, string> _paths;

    private Databases(Dictionary<string, string> paths) => _paths = paths;

    /// <summary>Opens them and brings their schema up to date.</summary>
    /// <exception cref="StartException">One cannot be opened, or is of a later version.</exception>
    public static async Task<Databases> OpenAsync(MeerkatConfiguration configuration, DataFolder folder, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        var databases = new Databases(configuration.HostTypes.Values.ToDictionary(host => host.Name, host => PathFor(host, folder)));
        foreach (var path in databases._paths.Values.Distinct())
        {
            try
            {
                var database = new SqliteDatabase(new SqliteOptions { Path = path }, time, loggers.CreateLogger<SqliteDatabase>());
                databases._byPath[path] = database;
                await new DatabaseOperations(database, loggers).PrepareAsync(migrate: true, ct);
            }
            catch (Exception unusable) when (unusable is SchemaException or System.Data.Common.DbException or IOException)
            {
                throw new StartException($"the database {path} cannot be used: {unusable.Message}", unusable);
            }
        }

        return databases;
    }

    /// <summary>Where the data of a host type lie: in its pool <c>default</c>, or in the embedded database.</summary>
    public static string PathFor(HostTypeConfiguration host, DataFolder folder) =>
        host.Pools.Rdbms.TryGetValue("default", out var pool) ? Path.GetFullPath(pool.Connection.Path, folder.Path) : folder.Database;

    /// <summary>The database of a host type.</summary>
    public SqlDatabase For(string hostType) => _byPath[_paths[hostType]];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var database in _byPath.Values)
        {
            await database.DisposeAsync();
        }
    }
}
