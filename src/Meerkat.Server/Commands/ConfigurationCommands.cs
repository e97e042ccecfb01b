using System.CommandLine;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat config</c>.</summary>
internal static class ConfigurationCommands
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string?>("file") { Arity = ArgumentArity.ZeroOrOne, Description = "The file; without it the built-in configuration." };
        var allowMissing = new Option<bool>("--allow-missing") { Description = "List what this server does not have, and take the rest." };
        var check = new Command("check", "Checks a configuration without starting: every mistake, and every capability that is missing.") { file, allowMissing };
        check.SetAction(arguments => ConfigCommand.Check(
            [.. arguments.GetValue(allowMissing) ? ["--allow-missing"] : Array.Empty<string>(), .. arguments.GetValue(file) is { } name ? [name] : Array.Empty<string>()],
            ModulesHere.Options,
            Console.Out));

        var builtIn = new Command("default", "Prints the built-in configuration, to be kept as a file and changed.");
        builtIn.SetAction(_ => ConfigCommand.Default(Console.Out));
        return new Command("config", "Looks at configurations.") { check, builtIn };
    }
}
