namespace Meerkat.Control;

/// <summary>Completion in the shell: a script that asks this program for candidates, and the candidates.</summary>
internal static class Completion
{
    /// <summary>What the scripts call to get candidates: the words typed so far follow.</summary>
    public const string Command = "__complete";

    private static readonly string[] s_basic = ["status", "stop", "restart", "started", "stopped", "join_cluster", "leave_cluster", "remove_from_cluster", "graphql", "completion"];

    /// <summary>The script for a shell.</summary>
    /// <exception cref="CommandLineException">Not for that shell.</exception>
    public static string Script(string shell) => shell switch
    {
        "bash" => """
            _meerkatctl() {
                COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -F _meerkatctl meerkatctl ./ctl ctl
            """,
        "zsh" => """
            #compdef meerkatctl
            _meerkatctl() {
                local -a candidates
                candidates=(${(f)"$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
                compadd -a candidates
            }
            compdef _meerkatctl meerkatctl ctl
            """,
        "fish" => """
            complete -c meerkatctl -f -a '(meerkatctl __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
            """,
        _ => throw new CommandLineException($"There is no completion for '{shell}': bash, zsh or fish", Help.General),
    };

    /// <summary>What may stand where the last word stands. Without a server only what needs none.</summary>
    public static async Task<IEnumerable<string>> CandidatesAsync(IReadOnlyList<string> words)
    {
        var done = words.Take(words.Count - 1).ToList();
        Settings settings;
        ApiCatalogue catalogue;
        try
        {
            settings = Settings.Read(done);
            using var client = new ControlClient(settings.Socket);
            catalogue = await ApiCatalogue.LoadAsync(client);
        }
        catch (UnreachableException)
        {
            return s_basic;
        }
        catch (CommandLineException)
        {
            return []; // a value of an option
        }

        if (settings.Rest.Count == 0)
        {
            return catalogue.Categories.Select(category => category.Name).Concat(s_basic).Concat(["--data", "--socket", "--table", "--help"]);
        }

        if (catalogue.Categories.FirstOrDefault(category => category.Name == settings.Rest[0]) is not { } category)
        {
            return settings.Rest[0] == "completion" ? ["bash", "zsh", "fish"] : [];
        }

        if (settings.Rest.Count == 1)
        {
            return category.Operations.Select(operation => operation.Field.Name).Append("--help");
        }

        if (category.Operations.FirstOrDefault(operation => operation.Field.Name == settings.Rest[1]) is not { } found)
        {
            return [];
        }

        // Behind a name comes its value: one of an enumeration is known.
        var last = settings.Rest[^1];
        return settings.Rest.Count % 2 == 1 && found.Field.Arguments.FirstOrDefault(argument => $"--{argument.Name}" == last) is { } argument
            ? catalogue.ValuesOf(argument.Type.Named.Name!)
            : found.Field.Arguments.Select(candidate => $"--{candidate.Name}").Where(name => !settings.Rest.Contains(name));
    }
}
