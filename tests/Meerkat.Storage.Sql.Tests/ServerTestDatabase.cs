using Meerkat.Core.Hosts;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Servers;

namespace Meerkat.Storage.Sql.Tests;

/// <summary>A fresh database on a server of this run.</summary>
internal sealed class ServerTestDatabase(RdbmsPoolOptions options) : ITestDatabase
{
    private static int s_opened;

    public RdbmsPoolOptions Options => options;

    public ServerDatabase Database { get; private set; } = Open(options);

    SqlDatabase ITestDatabase.Database => Database;

    public static ServerDatabase Open(RdbmsPoolOptions options) => new($"test{Interlocked.Increment(ref s_opened)}", options);

    public static async Task MigrateAsync(RdbmsPoolOptions options)
    {
        await using var database = Open(options);
        await new DatabaseOperations(database).MigrateAsync(CancellationToken.None);
    }

    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = Open(options);
    }

    /// <summary>The test leaves nothing but rows in the tables of stores, so that another may have the database: making one takes long where there are no templates.</summary>
    public bool IsReusable { get; init; }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (options.Connection.Driver is RdbmsDriver.Mysql)
        {
            await (IsReusable ? DatabaseServers.GiveBackAsync(options) : DatabaseServers.LeaveAsync(options));
        }
    }
}
