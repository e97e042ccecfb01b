using System.CommandLine;
using Meerkat.Core.Hosts;
using Meerkat.Server.Running;
using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat database</c>: the schema of the databases that a configuration uses.</summary>
internal static class DatabaseCommands
{
    /// <summary>The command.</summary>
    public static Command Create() => new("database", "The schema of the databases.")
    {
        Make("status", "Says which version each database has, and what a migration would do.", async (operations, ct) =>
        {
            var status = operations.Status();
            Console.WriteLine(status);
            await Task.CompletedTask;
        }),
        Make("migrate", "Brings each database up to date. The server does this at start as well.", async (operations, ct) =>
        {
            var steps = await operations.MigrateAsync(ct);
            foreach (var step in steps)
            {
                Console.WriteLine(step);
            }

            Console.WriteLine(steps.Count == 0 ? "nothing to do" : $"{steps.Count} steps done");
        }),
    };

    private static Command Make(string name, string description, Func<DatabaseOperations, CancellationToken, Task> act)
    {
        var options = new CommonOptions();
        var command = new Command(name, description);
        options.AddTo(command);
        command.SetAction(async (arguments, ct) =>
        {
            if (options.Load(arguments) is not { } configuration)
            {
                return 1;
            }

            using var loggers = CommonOptions.Loggers(new LogSwitch(LogThreshold.Warning));
            try
            {
                await using var databases = new Databases(configuration, options.Folder(arguments), TimeProvider.System, loggers);
                databases.FindAll();
                foreach (var (name, database) in databases.InUse)
                {
                    Console.WriteLine($"{name}:");
                    await act(new DatabaseOperations(database, loggers), ct);
                }

                return 0;
            }
            catch (Exception refused) when (refused is StartException || Databases.IsUnusable(refused))
            {
                Console.Error.WriteLine(refused.Message);
                return 1;
            }
        });
        return command;
    }
}
