using System.Text;
using Meerkat.Core.Configuration;

namespace Meerkat.Server.Configuration;

/// <summary><c>meerkat config</c>: checks a configuration without starting, and shows the built-in one.</summary>
public static class ConfigCommand
{
    /// <summary>What a program says that stops because of its configuration (CONF-020).</summary>
    public const string CouldNotRead = "Could not read the TOML configuration file";

    /// <summary><c>config check [--allow-missing] [FILE]</c>: prints every finding.</summary>
    /// <param name="arguments">What follows <c>config check</c>.</param>
    /// <param name="modules">The modules that exist.</param>
    /// <param name="output">Gets the findings.</param>
    /// <returns>0 when the server would start, 1 when not, 2 when the arguments are wrong.</returns>
    public static int Check(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, Type> modules, TextWriter output)
    {
        var allowMissing = arguments.Contains("--allow-missing");
        var files = arguments.Where(a => a != "--allow-missing").ToArray();
        if (files.Length > 1 || files is [['-', ..]])
        {
            return Usage(output);
        }

        var errors = new ConfigErrors();
        var source = ConfigurationSource.Find(files.FirstOrDefault(), errors);
        var loaded = source is null ? null : ConfigurationLoader.Load(source, modules, allowMissing, errors);
        Print(errors, allowMissing, output);
        output.WriteLine(loaded is null ? CouldNotRead : $"{source!.Name}: fine");
        return loaded is null ? 1 : 0;
    }

    /// <summary><c>config default</c>: prints the built-in configuration, to be kept as a file and changed.</summary>
    public static int Default(TextWriter output)
    {
        output.Write(Encoding.UTF8.GetString(ConfigurationSource.BuiltIn().Utf8.Span));
        return 0;
    }

    /// <summary>Prints what there is to say, worst first: mistakes, missing capabilities, keys without effect.</summary>
    public static void Print(ConfigErrors errors, bool allowMissing, TextWriter output)
    {
        PrintAll("Mistakes", errors.Errors, output);
        PrintAll(allowMissing ? "Not available, left out" : "Not available (--allow-missing goes on without)", errors.Missing, output);
        PrintAll("Without effect", errors.WithoutEffect, output);
    }

    internal static int Usage(TextWriter output)
    {
        output.WriteLine("usage: meerkat config check [--allow-missing] [FILE.toml]");
        output.WriteLine("       meerkat config default");
        return 2;
    }

    private static void PrintAll(string title, IReadOnlyList<ConfigProblem> problems, TextWriter output)
    {
        if (problems is [])
        {
            return;
        }

        output.WriteLine($"{title}:");
        foreach (var problem in problems)
        {
            output.WriteLine($"  {problem}");
        }
    }
}
