using Meerkat.Conformance;
using Meerkat.Storage.Sql.Mam.TextSearch;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Storage.Sql.Tests;

/// <summary>A database of one test, on any backend.</summary>
internal interface ITestDatabase : IAsyncDisposable
{
    SqlDatabase Database { get; }

    /// <summary>Closes it and opens it again, as a restart does.</summary>
    Task ReopenAsync();
}

/// <summary>Where the stores run: what holds on one holds on all.</summary>
public enum Backend
{
    Sqlite,
    Postgres,
    MariaDb,

    /// <summary>The one that <c>MEERKAT_TEST_MYSQL</c> names: <c>host:port:user:password</c>.</summary>
    MySql,
}

internal static class Backends
{
    public static TheoryData<Backend> All => [.. Enum.GetValues<Backend>()];

    public static TheoryData<Backend> Servers => [.. Enum.GetValues<Backend>().Where(backend => backend is not Backend.Sqlite)];

    public static async Task<ITestDatabase> CreateAsync(this Backend backend, bool migrated = true) => backend switch
    {
        Backend.Sqlite => migrated ? await TestDatabase.CreateAsync() : TestDatabase.CreateEmpty(),
        _ => await backend.CreateOnServerAsync(migrated),
    };

    public static async Task<ServerTestDatabase> CreateOnServerAsync(this Backend backend, bool migrated = true, bool isReusable = false) => backend switch
    {
        Backend.Postgres => new ServerTestDatabase(await DatabaseServers.CreatePostgresAsync(migrated)) { IsReusable = isReusable },
        Backend.MariaDb => new ServerTestDatabase(await DatabaseServers.CreateMariaDbAsync(migrated)) { IsReusable = isReusable },
        Backend.MySql => new ServerTestDatabase(await DatabaseServers.CreateMySqlAsync(migrated)) { IsReusable = isReusable },
        _ => throw new ArgumentOutOfRangeException(nameof(backend)),
    };
}

/// <summary>Stores of this project on a fresh database.</summary>
public abstract class SqlStoreSourceAttribute(Backend backend) : StoreSourceAttribute
{
    public Backend Backend => backend;

    /// <summary>Whether the database has an index over the texts of archives.</summary>
    public bool TextIndex { get; init; }

    public sealed override async ValueTask<OpenedStore> OpenAsync(Type contract)
    {
        ITestDatabase test = backend is Backend.Sqlite ? await TestDatabase.CreateAsync() : await backend.CreateOnServerAsync(isReusable: !TextIndex);
        if (TextIndex)
        {
            await new TextIndexOperations(test.Database).CreateAsync(_ => { }, CancellationToken.None);
        }

        var stores = new SqlStores((_, _) => test.Database, TimeProvider.System, NullLoggerFactory.Instance);
        return new OpenedStore(stores.Create(contract, "one.example", isPooled: true) ?? throw new InvalidOperationException($"no store for {contract}"), test.DisposeAsync);
    }
}

/// <summary>On SQLite.</summary>
public sealed class OnSqliteAttribute() : SqlStoreSourceAttribute(Backend.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class OnPostgresAttribute() : SqlStoreSourceAttribute(Backend.Postgres);

/// <summary>On MariaDB.</summary>
public sealed class OnMariaDbAttribute() : SqlStoreSourceAttribute(Backend.MariaDb);

/// <summary>On a MySQL server that is given.</summary>
public sealed class OnMySqlAttribute() : SqlStoreSourceAttribute(Backend.MySql);
