using System.CommandLine;
using Meerkat.Core.Hosts;
using Meerkat.Server.Running;
using Meerkat.Storage.Cassandra.Schema;
using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat database</c>: the schema of the databases that a configuration uses, and what an operator may have in them beside.</summary>
internal static class DatabaseCommands
{
    // Exit codes of "status", so that a script need not read; of several databases the highest counts. 2 is for arguments that cannot be read.
    private const int Current = 0;
    private const int Failed = 1;
    private const int Pending = 3;
    private const int TooNew = 4;

    /// <summary>The command.</summary>
    public static Command Create() => new("database", "The schema of the databases, and the index over texts of archives.")
    {
        Make(
            "status",
            $"Says which version each database has, and what a migration would do. Ends with {Current} where all are up to date, {Pending} where migrations are pending, {TooNew} where a newer version has changed one too far for this one.",
            async (operations, ct) =>
            {
                var status = await operations.StatusAsync(ct);
                foreach (var line in Describe(status))
                {
                    Console.WriteLine(line);
                }

                return ExitCode(status);
            },
            async (operations, ct) =>
            {
                var status = await operations.StatusAsync(ct);
                Console.WriteLine(status.Text);
                return status.IsTooNew ? TooNew : status.IsCurrent ? Current : Pending;
            }),
        Make(
            "migrate",
            "Brings each database up to date. The server does this at start as well.",
            async (operations, ct) => Say([.. (await operations.MigrateAsync(ct)).Select(Describe)]),
            async (operations, ct) => Say(await operations.MigrateAsync(ct))),
        TextIndexCommands.Create(),
    };

    /// <summary>What <c>status</c> ends with.</summary>
    internal static int ExitCode(DatabaseStatus status) => status.IsTooNew ? TooNew : status.IsCurrent ? Current : Pending;

    private static int Say(IReadOnlyList<string> steps)
    {
        foreach (var step in steps)
        {
            Console.WriteLine(step);
        }

        Console.WriteLine(steps.Count == 0 ? "nothing to do" : $"{steps.Count} steps done");
        return Current;
    }

    /// <summary>A database as an operator wants to know it, a line each: the version, and what a migration would do.</summary>
    internal static IEnumerable<string> Describe(DatabaseStatus status)
    {
        yield return status.Steps.LastOrDefault(step => step.IsApplied) is { } last ? $"  version {last.Version} ({last.Name})" : "  empty";
        if (status.IsTooNew)
        {
            yield return $"  too new: it needs a program that knows migration {status.OldestCompatible}";
        }

        if (status.IsCurrent)
        {
            yield return "  up to date";
        }

        if (status.Pending.ToList() is { Count: > 0 } pending)
        {
            yield return "  a migration would do:";
            foreach (var step in pending)
            {
                yield return "  " + Describe(step);
            }
        }
    }

    private static string Describe(SchemaStep step) => $"  {step.Version} {step.Name}";

    private static Command Make(string name, string description, Func<DatabaseOperations, CancellationToken, Task<int>> act, Func<CassandraOperations, CancellationToken, Task<int>> actOnCassandra)
    {
        var options = new CommonOptions();
        var command = new Command(name, description);
        options.AddTo(command);
        command.SetAction(async (arguments, ct) =>
        {
            if (options.Load(arguments) is not { } configuration)
            {
                return Failed;
            }

            var code = Current;
            using var loggers = CommonOptions.Loggers(new LogSwitch(LogThreshold.Warning));
            try
            {
                await using var databases = new Databases(configuration, options.Folder(arguments), TimeProvider.System, loggers);
                databases.FindAll();
                foreach (var (name, database) in databases.InUse)
                {
                    Console.WriteLine($"{name}:");
                    code = Math.Max(code, await act(new DatabaseOperations(database, loggers), ct));
                }

                await using var clusters = new CassandraClusters(configuration, TimeProvider.System, loggers);
                clusters.FindAll();
                foreach (var pool in clusters.InUse)
                {
                    Console.WriteLine($"Cassandra ({pool.Name}):");
                    code = Math.Max(code, await actOnCassandra(new CassandraOperations(pool, TimeProvider.System), ct));
                }

                return code;
            }
            catch (Exception refused) when (refused is StartException || Databases.IsUnusable(refused) || CassandraClusters.IsUnusable(refused))
            {
                Console.Error.WriteLine(refused.Message);
                return Failed;
            }
        });
        return command;
    }
}
