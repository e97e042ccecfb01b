using System.Security.Cryptography;
using Meerkat.Core.Accounts;
using Meerkat.Core.Domains;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Modules.Mam;
using Meerkat.Server.Configuration;
using Meerkat.Storage.Sql;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Servers;
using Meerkat.Storage.Sql.Sqlite;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>The databases of a server: the embedded one, and those of <c>outgoing_pools.rdbms</c>. One for each file and for each pool, made when a host type first asks for it.</summary>
/// <param name="configuration">Which pools there are.</param>
/// <param name="folder">Where the embedded database lies, and what relative paths start from.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Loggers.</param>
public sealed class Databases(MeerkatConfiguration configuration, DataFolder folder, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private const string Default = "default"; // CONF-133

    private readonly Dictionary<string, SqlDatabase> _open = new(StringComparer.Ordinal);

    /// <summary>Those in use, by what they are called: a path, or the name of a pool.</summary>
    public IReadOnlyDictionary<string, SqlDatabase> InUse => _open;

    /// <summary>Asks those that are servers whether they are there.</summary>
    /// <returns>The pools that do not answer, by name.</returns>
    internal async Task<IReadOnlyList<string>> FindGoneAsync()
    {
        var asked = _open.Where(open => open.Value is ServerDatabase).Select(async open => (open.Key, Answers: await ((ServerDatabase)open.Value).AnswersAsync(CancellationToken.None)));
        return [.. (await Task.WhenAll(asked)).Where(open => !open.Answers).Select(open => open.Key)];
    }

    /// <summary>Those that a host type uses: the embedded one, its pool, and where its domains come from the database, that one.</summary>
    internal IEnumerable<SqlDatabase> InUseBy(string hostType)
    {
        var names = new List<string> { NameOf(hostType, null), NameOf(hostType, PoolOf(hostType)) };
        if (configuration.HostTypes[hostType].IsDynamic && configuration.Services.DomainDb is { } domains)
        {
            names.Add(IsServers(domains) ? ServersName : NameOf(domains.DbPool, PoolOf(domains.DbPool)));
        }

        foreach (var name in names.Distinct())
        {
            if (_open.TryGetValue(name, out var open))
            {
                yield return open;
            }
        }
    }

    /// <summary>The database of a host type. Not connected to, and no file made, before it is prepared.</summary>
    /// <param name="hostType">The host type.</param>
    /// <param name="isPooled">Whether it is the pool <c>default</c> that is wanted, as <c>backend = "rdbms"</c> says (the host's own, else the server's: CONF-048), or the embedded
    /// database. Where there is no pool, that is both.</param>
    /// <exception cref="StartException">A file of the pool's <c>tls</c> table cannot be used.</exception>
    public SqlDatabase For(string hostType, bool isPooled) => For(hostType, isPooled ? PoolOf(hostType) : null);

    /// <summary>The database of the domains that are added while the server runs (CONF-173). Not connected to before it is prepared.</summary>
    /// <exception cref="StartException">A file of the pool's <c>tls</c> table cannot be used.</exception>
    public SqlDatabase For(DomainServiceOptions domains) => IsServers(domains) ? ForServer() : For(domains.DbPool, PoolOf(domains.DbPool));

    /// <summary>The database of what belongs to no host: the server's own pool <c>default</c>, or the embedded one where there is none. As <see cref="For(string, bool)"/> otherwise.</summary>
    /// <exception cref="StartException">A file of the pool's <c>tls</c> table cannot be used.</exception>
    public SqlDatabase ForServer()
    {
        var name = ServersName;
        return _open.TryGetValue(name, out var open) ? open : _open[name] = Open(name, configuration.Pools.Rdbms.GetValueOrDefault(Default));
    }

    /// <summary>Asks for every database that the configuration makes use of, as far as it can be told without starting modules: for commands about databases.</summary>
    public void FindAll()
    {
        ForServer();
        if (configuration.Services.DomainDb is { } domains)
        {
            For(domains);
        }

        foreach (var host in configuration.HostTypes.Values)
        {
            var hasPool = host.Pools.Rdbms.ContainsKey(Default);
            if (hasPool)
            {
                For(host.Name, isPooled: true);
            }

            if (!hasPool || File.Exists(folder.Database) || host.Auth.ActiveMethods.Contains(AuthMethod.Internal)
                || host.Modules.All.Any(module => SqlStores.IsPooled(module.Options) is false))
            {
                For(host.Name, isPooled: false);
            }
        }
    }

    /// <summary>Asks for every database that the configuration has archives in.</summary>
    public void FindArchives()
    {
        foreach (var host in configuration.HostTypes.Values)
        {
            if (host.Modules.All.Any(module => module.Options is MamOptions mam && new MamSharedOptions?[] { mam.Pm, mam.Muc }.Any(section => section is not null && mam.BackendOf(section) is ArchiveBackend.Rdbms)))
            {
                For(host.Name, isPooled: true);
            }
        }
    }

    /// <summary>Connects to those in use, and brings their schema up to date. Waits for a server that is not there yet, up to its <c>call_timeout</c>.</summary>
    /// <param name="migrate">False refuses a schema that is not up to date.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StartException">One cannot be opened, or is of a later version.</exception>
    public async Task PrepareAsync(bool migrate, CancellationToken ct)
    {
        foreach (var (name, database) in _open)
        {
            try
            {
                await new DatabaseOperations(database, loggers).PrepareAsync(migrate, ct);
            }
            catch (Exception unusable) when (IsUnusable(unusable))
            {
                throw new StartException($"the database {name} cannot be used: {unusable.Message}", unusable);
            }
        }
    }

    /// <summary>Whether a failure is about a database, not about this program.</summary>
    public static bool IsUnusable(Exception e) =>
        e is SchemaException or AccessRefusedException or StorageBusyException or StorageUnavailableException or System.Data.Common.DbException or IOException or System.Net.Sockets.SocketException;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var database in _open.Values)
        {
            await database.DisposeAsync();
        }
    }

    private SqlDatabase For(string hostType, RdbmsPoolOptions? pool)
    {
        var name = NameOf(hostType, pool);
        return _open.TryGetValue(name, out var open) ? open : _open[name] = Open(name, pool);
    }

    private string ServersName => configuration.Pools.Rdbms.GetValueOrDefault(Default) is not { } pool ? folder.Database : PathOf(pool) ?? Default;

    private static bool IsServers(DomainServiceOptions domains) => domains.DbPool == DomainServiceOptions.GlobalPool;

    private RdbmsPoolOptions? PoolOf(string hostType) => configuration.HostTypes[hostType].Pools.Rdbms.GetValueOrDefault(Default);

    private string NameOf(string hostType, RdbmsPoolOptions? pool) => pool switch
    {
        null => folder.Database,
        _ when PathOf(pool) is { } path => path,
        { Scope: PoolScope.Global } when ReferenceEquals(pool, configuration.Pools.Rdbms.GetValueOrDefault(Default)) => Default,
        _ => $"{Default}@{hostType}",
    };

    // Where a pool is a file; null where it is a server.
    private string? PathOf(RdbmsPoolOptions pool) => pool.Connection is { Driver: RdbmsDriver.Sqlite, Path: var path } ? Path.GetFullPath(path!, folder.Path) : null;

    private SqlDatabase Open(string name, RdbmsPoolOptions? pool)
    {
        if (pool is null or { Connection.Driver: RdbmsDriver.Sqlite })
        {
            var options = new SqliteOptions { Path = name };
            if (pool is not null)
            {
                options = options with { Readers = pool.Workers, Patience = pool.CallTimeout, QueueLength = pool.MaxWorkerQueueLen is { } length ? Math.Max(1, length) : options.QueueLength };
            }

            return new SqliteDatabase(options, time, loggers.CreateLogger<SqliteDatabase>());
        }

        try
        {
            return new ServerDatabase(name, pool, time, loggers.CreateLogger<ServerDatabase>());
        }
        catch (CryptographicException unusable)
        {
            throw new StartException($"the tls table of the pool {name} cannot be used: {unusable.Message}", unusable);
        }
    }
}
