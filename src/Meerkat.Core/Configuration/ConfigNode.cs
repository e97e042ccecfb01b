using System.Diagnostics.CodeAnalysis;

namespace Meerkat.Core.Configuration;

/// <summary>One node of the configuration as it was read, before any meaning is given to it. Immutable.</summary>
/// <remarks>The tree knows nothing of TOML: another format would fill the same one.</remarks>
public abstract class ConfigNode
{
    private protected ConfigNode(string path, ConfigPosition position)
    {
        Path = path;
        Position = position;
    }

    /// <summary>The dotted path from the top of the file, without list indices (CONF-018): <c>listen.c2s.tls.mode</c>. Empty for the file itself.</summary>
    public string Path { get; }

    /// <summary>Where the key stands (an item of a list: where the item does).</summary>
    public ConfigPosition Position { get; }

    /// <summary>What was found, for an error message: <c>the string "yes"</c>, <c>a table</c>.</summary>
    public abstract string Found { get; }
}

/// <summary>A string, an integer (<see cref="long"/>), a <see cref="double"/>, a <see cref="bool"/>, a date (<see cref="DateTimeOffset"/>), or a date or time of no certain place (<see cref="DateTime"/>).</summary>
public sealed class ConfigValue(string path, ConfigPosition position, object value) : ConfigNode(path, position)
{
    /// <summary>The value; never null.</summary>
    public object Value { get; } = value;

    /// <inheritdoc/>
    public override string Found => Value switch
    {
        // Cut: a whole certificate pasted into the wrong key should not fill the screen.
        string s => $"the string \"{(s.Length > 60 ? s[..60] + "…" : s)}\"",
        long n => $"the integer {n}",
        bool b => b ? "true" : "false",
        double d => $"the number {d}",
        DateTimeOffset => "a date",
        _ => "a date or time without an offset",
    };
}

/// <summary>A list: an array of values, or an array of tables.</summary>
public sealed class ConfigArray(string path, ConfigPosition position, IReadOnlyList<ConfigNode> items) : ConfigNode(path, position)
{
    /// <summary>The items in file order.</summary>
    public IReadOnlyList<ConfigNode> Items { get; } = items;

    /// <inheritdoc/>
    public override string Found => Items is [] ? "an empty list" : "a list";
}

/// <summary>A table: keys in file order, each with its node.</summary>
public sealed class ConfigTable : ConfigNode
{
    private readonly Dictionary<string, ConfigNode> _byKey = new(StringComparer.Ordinal);

    internal ConfigTable(string path, ConfigPosition position, IEnumerable<(string Key, ConfigNode Node)> entries)
        : base(path, position)
    {
        var keys = new List<string>();
        foreach (var (key, node) in entries)
        {
            keys.Add(key);
            _byKey.Add(key, node);
        }

        Keys = keys;
    }

    /// <summary>The keys in file order.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The node of a key that is there.</summary>
    /// <exception cref="KeyNotFoundException">The key is not there.</exception>
    public ConfigNode this[string key] => _byKey[key];

    /// <inheritdoc/>
    public override string Found => "a table";

    /// <summary>An empty table that no file holds, as when a module is loaded with its defaults.</summary>
    public static ConfigTable Empty(string path) => new(path, ConfigPosition.None, []);

    /// <summary>Finds the node of a key.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out ConfigNode? node) => _byKey.TryGetValue(key, out node);

    /// <summary>The path of a key of this table.</summary>
    public string PathOf(string key) => Join(Path, key);

    internal static string Join(string path, string key)
    {
        // A key with a dot or a space is shown as TOML would have it written (domains are such keys).
        var shown = key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? key : $"\"{key}\"";
        return path.Length == 0 ? shown : $"{path}.{shown}";
    }
}
