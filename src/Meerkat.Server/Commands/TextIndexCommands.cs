using System.CommandLine;
using Meerkat.Core.Hosts;
using Meerkat.Server.Running;
using Meerkat.Storage.Sql.Mam.TextSearch;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat database text-index</c>: the index over the texts of archives, which an operator may have (docs/decisions/0005).</summary>
internal static class TextIndexCommands
{
    /// <summary>The command.</summary>
    public static Command Create() => new("text-index", "The index over the texts of archives: with it, searches of long archives are fast, and each archived message costs more.")
    {
        Make("status", "Says for each database whether it has one.", static (_, _) => Task.CompletedTask),
        Make("create", "Makes it where it is not, beside running servers; cut off, it is run again.", static async (index, ct) =>
        {
            using var line = new ProgressLine("");
            await index.CreateAsync(line.Show, ct);
        }),
        Make("drop", "Takes it away. Searches find the same without it.", static (index, ct) => index.DropAsync(ct)),
    };

    private static Command Make(string name, string description, Func<TextIndexOperations, CancellationToken, Task> act)
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
                databases.FindArchives();
                if (databases.InUse.Count == 0)
                {
                    Console.WriteLine("no archives lie in an SQL database");
                }

                await databases.PrepareAsync(migrate: false, ct);
                foreach (var (database, opened) in databases.InUse)
                {
                    Console.WriteLine($"{database}:");
                    var index = new TextIndexOperations(opened);
                    await act(index, ct);
                    foreach (var (table, state) in await index.StatusAsync(ct))
                    {
                        Console.WriteLine($"  {table}: {Describe(state)}");
                    }
                }

                return 0;
            }
            catch (Exception refused) when (refused is StartException or TextIndexException || Databases.IsUnusable(refused))
            {
                Console.Error.WriteLine(refused.Message);
                return 1;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                Console.Error.WriteLine("stopped; the same command goes on");
                return 1;
            }
        });
        return command;
    }

    private static string Describe(TextIndexState state) => state switch
    {
        TextIndexState.Ready => "there, and used by searches",
        TextIndexState.Unfinished => "being made, or left half made: not used; \"create\" goes on with it",
        TextIndexState.Damaged => "damaged: not used; \"create\" makes it anew",
        _ => "none",
    };
}
