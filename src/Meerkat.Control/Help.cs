namespace Meerkat.Control;

/// <summary>Help at every level (CLI-06), as wide as the terminal, or 78 columns where there is none (CLI-11).</summary>
internal static class Help
{
    private const int DefaultWidth = 78;

    private static readonly (string Name, string Description)[] s_commands =
    [
        ("status", "Says whether the server runs: process, version, uptime"),
        ("stop", "Stops the server"),
        ("restart", "Restarts the server, with its configuration read anew"),
        ("started", "Waits until the server runs"),
        ("stopped", "Waits until the server has stopped"),
        ("join_cluster NODE, remove_from_cluster NODE, leave_cluster", "Tell a node of a cluster; --force asks nothing before"),
        ("graphql DOCUMENT", "Runs a GraphQL query or mutation with all rights"),
        ("completion SHELL", "Prints a completion script for bash, zsh or fish"),
    ];

    private static readonly (string Name, string Description)[] s_options =
    [
        ("--data FOLDER, -d", $"The server's data folder; without it ${Settings.DataVariable}, or ./data"),
        ("--socket FILE", $"The server's socket; without it ${Settings.SocketVariable}, or control/meerkat.sock in the data folder"),
        ("--node NAME, -n", $"The node of a cluster, where several share the data folder; without it ${Settings.NodeVariable}, or the only one"),
        ("--table", "Shows results as tables instead of JSON"),
        ("--help, -h", "Shows help; also behind a category or a command"),
        ("--version", "Shows the version"),
    ];

    /// <summary>Usage, options and basic commands; no server is needed for them.</summary>
    public static void General(TextWriter output)
    {
        output.WriteLine("Usage: meerkatctl [OPTION]... CATEGORY COMMAND [--ARGUMENT VALUE]...");
        output.WriteLine("       meerkatctl [OPTION]... BASIC_COMMAND");
        output.WriteLine();
        output.WriteLine("Talks to a running Meerkat server.");
        Section("Options", s_options, output);
        Section("Basic commands", s_commands, output);
    }

    /// <summary>The categories of a server.</summary>
    public static void Categories(ApiCatalogue catalogue, TextWriter output)
    {
        Section("Categories", catalogue.Categories.Select(category => (category.Name, category.Description)), output);
        output.WriteLine();
        output.WriteLine("'meerkatctl CATEGORY' lists the commands of a category.");
    }

    /// <summary>The commands of a category.</summary>
    public static void Category(ApiCategory category, TextWriter output)
    {
        output.WriteLine($"Usage: meerkatctl {category.Name} COMMAND [--ARGUMENT VALUE]...");
        Section("Commands", category.Operations.Select(operation => (operation.Field.Name, operation.Field.Description)), output);
        output.WriteLine();
        output.WriteLine($"'meerkatctl {category.Name} COMMAND --help' lists the arguments of a command.");
    }

    /// <summary>The arguments of a command, with their types as GraphQL writes them.</summary>
    public static void Operation(ApiCategory category, ApiOperation operation, TextWriter output)
    {
        var field = operation.Field;
        output.WriteLine($"Usage: meerkatctl {category.Name} {field.Name}{(field.Arguments.Count > 0 ? " [--ARGUMENT VALUE]..." : "")}");
        output.WriteLine();
        output.WriteLine(field.Description);
        if (field.Arguments.Count > 0)
        {
            Section("Arguments (! is mandatory)", field.Arguments.Select(argument => ($"--{argument.Name} {argument.Type}", argument.Default is null ? argument.Description : $"{argument.Description}; default {argument.Default}")), output);
        }

        output.WriteLine();
        output.WriteLine($"Result: {field.Type}");
    }

    private static void Section(string title, IEnumerable<(string Name, string Description)> entries, TextWriter output)
    {
        var all = entries.ToList();
        output.WriteLine();
        output.WriteLine($"{title}:");
        var indent = Math.Min(all.Select(entry => entry.Name.Length).DefaultIfEmpty(0).Max(), 34) + 4;
        foreach (var (name, description) in all)
        {
            var lines = Wrap(description, Math.Max(Width - indent, 20));
            output.WriteLine($"  {name}{(name.Length + 4 > indent ? Environment.NewLine + new string(' ', indent) : new string(' ', indent - name.Length - 2))}{lines[0]}".TrimEnd());
            foreach (var line in lines.Skip(1))
            {
                output.WriteLine(new string(' ', indent) + line);
            }
        }
    }

    private static int Width => Console.IsOutputRedirected || Console.WindowWidth < 40 ? DefaultWidth : Console.WindowWidth;

    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + 1 + word.Length > width)
            {
                lines.Add(word);
            }
            else
            {
                lines[^1] = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
            }
        }

        return lines;
    }
}
