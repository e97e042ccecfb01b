using System.Data;
using FluentMigrator;
using FluentMigrator.Infrastructure;
using FluentMigrator.Runner;
using FluentMigrator.Runner.VersionTableInfo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql.Schema;

/// <summary>What an operator may do to a database: see how it stands (<c>meerkat database status</c>) and bring it up to date (<c>meerkat database migrate</c>, and every start unless forbidden).</summary>
/// <remarks>Safe to run from several processes at once: one migrates, the others wait and find nothing left to do.</remarks>
public sealed class DatabaseOperations(SqlDatabase database, ILoggerFactory? loggers = null)
{
    /// <summary>A table of an archive may be large, and an index over it take its time.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromHours(6);

    private static readonly SchemaVersionTable Table = new();

    /// <summary>Compares the database with this program. Changes nothing, and does not make an absent SQLite file. Waits for a server that is not there yet, up to its <c>call_timeout</c>.</summary>
    /// <exception cref="Servers.AccessRefusedException">The server refuses what the configuration says.</exception>
    public async Task<DatabaseStatus> StatusAsync(CancellationToken ct)
    {
        await database.ReachAsync(ct);
        using var services = Services();
        using var scope = services.CreateScope();
        return Status(scope.ServiceProvider);
    }

    /// <summary>Applies what is pending, each step in a transaction of its own where the database can, under a lock.</summary>
    /// <returns>What was applied, in order.</returns>
    /// <exception cref="SchemaException">A newer program has changed the database too far.</exception>
    public Task<IReadOnlyList<SchemaStep>> MigrateAsync(CancellationToken ct) => MigrateAsync(long.MaxValue, ct);

    /// <summary>As <see cref="MigrateAsync(CancellationToken)"/>, up to a version: the tests make databases of earlier programs with it.</summary>
    internal async Task<IReadOnlyList<SchemaStep>> MigrateAsync(long last, CancellationToken ct)
    {
        await using var alone = await database.LockSchemaAsync(ct);
        using var services = Services();
        using var scope = services.CreateScope();
        var status = Status(scope.ServiceProvider);
        Refuse(status);
        var pending = status.Pending.Where(step => step.Version <= last).ToList();
        if (pending is not [])
        {
            scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp(last);
        }

        return pending;
    }

    /// <summary>Makes sure, at start, that the program may run on the database.</summary>
    /// <param name="migrate">Whether to apply what is pending; false for those who do it themselves by a command.</param>
    /// <param name="ct">Gives up waiting for another process that migrates.</param>
    /// <exception cref="SchemaException">Migrations are pending and may not be applied, or the database is too new.</exception>
    public async Task<IReadOnlyList<SchemaStep>> PrepareAsync(bool migrate, CancellationToken ct)
    {
        if (migrate)
        {
            return await MigrateAsync(ct);
        }

        var status = await StatusAsync(ct);
        Refuse(status);
        return status.Pending.ToList() is { Count: > 0 and var count }
            ? throw new SchemaException($"The database lacks {count} migrations of this version: run `meerkat database migrate`.")
            : [];
    }

    private static void Refuse(DatabaseStatus status)
    {
        if (status.IsTooNew)
        {
            throw new SchemaException($"The database was changed by a newer version (it needs a program that knows migration {status.OldestCompatible}): run that version, or restore a backup.");
        }
    }

    private DatabaseStatus Status(IServiceProvider services)
    {
        var known = services.GetRequiredService<IMigrationInformationLoader>().LoadMigrations();
        var applied = new SortedDictionary<long, string>();
        var oldest = 0L;
        if (database.Exists)
        {
            var processor = services.GetRequiredService<IMigrationProcessor>();
            foreach (var row in Rows(processor, Table.TableName))
            {
                applied[Convert.ToInt64(row[Table.ColumnName])] = Convert.ToString(row[Table.DescriptionColumnName]) ?? "";
            }

            oldest = Rows(processor, SchemaMigration.InfoTable).Select(row => Convert.ToInt64(row["oldest_compatible"])).FirstOrDefault();
        }

        var steps = known.Select(k => new SchemaStep(k.Key, Name(k.Value), IsKnown: true, applied.ContainsKey(k.Key)))
            .Concat(applied.Where(a => !known.ContainsKey(a.Key)).Select(a => new SchemaStep(a.Key, a.Value, IsKnown: false, IsApplied: true)))
            .OrderBy(step => step.Version);
        return new DatabaseStatus([.. steps], oldest);
    }

    private static string Name(IMigrationInfo migration)
    {
        var name = migration.Migration.GetType().Name;
        return name.EndsWith("Migration", StringComparison.Ordinal) ? name[..^"Migration".Length] : name;
    }

    private static IEnumerable<DataRow> Rows(IMigrationProcessor processor, string table) =>
        processor.TableExists(null, table) ? processor.ReadTableData(null, table).Tables[0].Rows.Cast<DataRow>() : [];

    private ServiceProvider Services()
    {
        var services = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner =>
            {
                database.AddMigrations(runner);
                runner.ConfigureGlobalProcessorOptions(options => options.Timeout = LongestStep).ScanIn(typeof(SchemaMigration).Assembly).For.Migrations();
            })
            .AddScoped<IVersionTableMetaData>(_ => Table)
            .AddSingleton(database.Dialect);
        if (loggers is not null)
        {
            services.AddSingleton(loggers);
        }

        return services.BuildServiceProvider(validateScopes: false);
    }
}
