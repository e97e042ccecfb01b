using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Meerkat.Control;

/// <summary>The program: finds out what is asked, asks the server, shows what it said.</summary>
public static class CommandLine
{
    private static readonly JsonWriterOptions s_pretty = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        try
        {
            return arguments is [Completion.Command, ..] ? await CompleteAsync([.. arguments.Skip(1)]) : await RunAsync(Settings.Read(arguments));
        }
        catch (CommandLineException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            if (wrong.ShowHelp is { } help)
            {
                Console.Error.WriteLine();
                help(Console.Error);
            }

            return ExitCode.Failure;
        }
        catch (UnreachableException absent)
        {
            Console.Error.WriteLine(absent.Message);
            return absent.ExitCode;
        }
    }

    private static async Task<int> RunAsync(Settings settings)
    {
        using var client = new ControlClient(settings.Socket);
        switch (settings.Rest)
        {
            case [] or ["--help" or "-h"]:
                return await ShowGeneralHelpAsync(client, settings);
            case ["--version"]:
                Console.WriteLine(typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]);
                return ExitCode.Success;
            case ["status"]:
                return await NodeCommands.StatusAsync(client);
            case ["stop"]:
                return await NodeCommands.TellAsync(client, "stop");
            case ["restart"]:
                return await NodeCommands.TellAsync(client, "restart");
            case ["started"]:
                return await NodeCommands.WaitAsync(client, running: true);
            case ["stopped"]:
                return await NodeCommands.WaitAsync(client, running: false);
            case ["join_cluster" or "leave_cluster" or "remove_from_cluster", ..]:
                return await NodeCommands.ClusterAsync(client, settings.Rest);
            case ["completion", var shell]:
                Console.WriteLine(Completion.Script(shell));
                return ExitCode.Success;
            case ["graphql", var document]:
                using (var answer = await client.ExecuteAsync(document))
                {
                    return Print(answer.RootElement);
                }

            case ["graphql" or "completion", ..]:
                throw new CommandLineException($"'{settings.Rest[0]}' takes exactly one argument", Help.General);
            default:
                return await RunOperationAsync(client, settings);
        }
    }

    private static async Task<int> RunOperationAsync(ControlClient client, Settings settings)
    {
        var catalogue = await ApiCatalogue.LoadAsync(client);
        var category = catalogue.Category(settings.Rest[0]);
        if (settings.Rest is [_] or [_, "--help" or "-h"])
        {
            Help.Category(category, Console.Out);
            return ExitCode.Success;
        }

        var operation = category.Operations.FirstOrDefault(candidate => candidate.Field.Name == settings.Rest[1])
            ?? throw new CommandLineException($"Unknown command '{settings.Rest[1]}'", output => Help.Category(category, output));
        var words = settings.Rest.Skip(2).ToList();
        if (words is ["--help" or "-h"])
        {
            Help.Operation(category, operation, Console.Out);
            return ExitCode.Success;
        }

        // Where people forget it at first: behind the rest, unless the operation means something else by it.
        var table = settings.Table;
        if (words is [.., "--table"] && words.Count % 2 == 1)
        {
            table = true;
            words.RemoveAt(words.Count - 1);
        }

        var (names, variables) = OperationArguments.Read(category, operation, words);
        using var answer = await client.ExecuteAsync(OperationDocument.Write(catalogue, category.Name, operation, names), variables);
        if (!table)
        {
            return Print(answer.RootElement);
        }

        TableView.Show(answer.RootElement, category.Name, operation.Field.Name);
        return Outcome(answer.RootElement);
    }

    private static async Task<int> ShowGeneralHelpAsync(ControlClient client, Settings settings)
    {
        Help.General(Console.Out);
        if (settings.Rest.Count > 0)
        {
            return ExitCode.Success; // was asked for, perhaps without a server
        }

        try
        {
            Help.Categories(await ApiCatalogue.LoadAsync(client), Console.Out);
        }
        catch (UnreachableException absent)
        {
            Console.WriteLine();
            Console.WriteLine($"Categories: a running server tells them. {absent.Message}");
        }

        return ExitCode.Usage;
    }

    private static async Task<int> CompleteAsync(IReadOnlyList<string> words)
    {
        foreach (var candidate in await Completion.CandidatesAsync(words.Count == 0 ? [""] : words))
        {
            Console.WriteLine(candidate);
        }

        return ExitCode.Success;
    }

    // CLI-04
    private static int Print(JsonElement answer)
    {
        using var output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, s_pretty))
        {
            answer.WriteTo(json);
        }

        output.WriteByte((byte)'\n');
        return Outcome(answer);
    }

    private static int Outcome(JsonElement answer) => answer.TryGetProperty("errors", out _) ? ExitCode.Failure : ExitCode.Success;
}
