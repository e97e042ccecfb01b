using Meerkat.Core.Configuration;

namespace Meerkat.Server.Configuration;

/// <summary>A configuration before it is read: its name for messages, and its bytes.</summary>
/// <param name="Name">The file's name as given.</param>
/// <param name="Utf8">The content.</param>
public sealed record ConfigurationSource(string Name, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>The variable that names the file where no option does (CONF-001).</summary>
    public const string PathVariable = "EJABBERD_CONFIG_PATH";

    /// <summary>The built-in default.</summary>
    public static ConfigurationSource BuiltIn()
    {
        using var stream = typeof(ConfigurationSource).Assembly.GetManifestResourceStream("meerkat.toml")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return new("built-in meerkat.toml", copy.ToArray());
    }

    /// <summary>Finds the configuration: the file that an option names, else the one of <see cref="PathVariable"/>, else the built-in one.</summary>
    /// <param name="path">What the option says; null when it was not given.</param>
    /// <param name="errors">Told when there is a name, but no such file.</param>
    /// <returns>Null when the file cannot be read.</returns>
    public static ConfigurationSource? Find(string? path, ConfigErrors errors)
    {
        path ??= Environment.GetEnvironmentVariable(PathVariable);
        if (string.IsNullOrEmpty(path))
        {
            return BuiltIn();
        }

        if (!path.EndsWith(".toml", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(new(path, 0, 0), "", "the name of a configuration file ends in .toml", "toml_parsing_failed");
            return null;
        }

        try
        {
            return new(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            errors.Add(new(path, 0, 0), "", $"cannot be read: {e.Message}", "toml_parsing_failed");
            return null;
        }
    }
}
