namespace Meerkat.Core.Configuration;

/// <summary>Collects a <see cref="ConfigTable"/>: used by the file reader, where a table may be opened in several places, and by code that has no file.</summary>
/// <remarks>Not thread-safe. What contradicts what is there already throws <see cref="InvalidOperationException"/>: a key set twice, a table where a value stands.</remarks>
public sealed class ConfigTableBuilder
{
    // The tree is walked by recursion; no real configuration is a tenth as deep.
    private const int MaxDepth = 64;

    private readonly List<(string Key, object Content, ConfigPosition Position)> _entries = [];
    private readonly string _path;
    private readonly ConfigPosition _position;

    /// <summary>Begins a table.</summary>
    /// <param name="path">Its dotted path; empty for the top.</param>
    /// <param name="position">Where it stands.</param>
    /// <exception cref="InvalidOperationException">The path is too deep.</exception>
    public ConfigTableBuilder(string path = "", ConfigPosition position = default)
    {
        if (path.AsSpan().Count('.') >= MaxDepth)
        {
            throw new InvalidOperationException("Tables are nested too deep.");
        }

        _path = path;
        _position = position;
    }

    /// <summary>Sets a key to a scalar or, given a sequence, to a list of scalars. An <see cref="int"/> is taken as an integer.</summary>
    public ConfigTableBuilder Set(string key, object value, ConfigPosition at = default)
    {
        if (Has(key))
        {
            throw new InvalidOperationException($"{PathOf(key)} is set twice.");
        }

        _entries.Add((key, value is int n ? (long)n : value, at));
        return this;
    }

    /// <summary>Adds a table made by <paramref name="fill"/>.</summary>
    public ConfigTableBuilder Set(string key, Action<ConfigTableBuilder> fill, ConfigPosition at = default)
    {
        fill(Table(key, at));
        return this;
    }

    /// <summary>Adds one table to the list of tables of that key.</summary>
    public ConfigTableBuilder Append(string key, Action<ConfigTableBuilder> fill, ConfigPosition at = default)
    {
        fill(Append(key, at));
        return this;
    }

    /// <summary>The table of that key, added if it was not there; of a list of tables, the last one.</summary>
    public ConfigTableBuilder Table(string key, ConfigPosition at = default)
    {
        switch (Find(key))
        {
            case ConfigTableBuilder table:
                return table;
            case List<ConfigTableBuilder> list:
                return list[^1];
            case null:
                var added = new ConfigTableBuilder(ConfigTable.Join(_path, key), at);
                _entries.Add((key, added, at));
                return added;
            default:
                throw new InvalidOperationException($"{ConfigTable.Join(_path, key)} is not a table.");
        }
    }

    /// <summary>A new table at the end of the list of tables of that key.</summary>
    public ConfigTableBuilder Append(string key, ConfigPosition at = default)
    {
        var found = Find(key);
        if (found is null)
        {
            found = new List<ConfigTableBuilder>();
            _entries.Add((key, found, at));
        }

        if (found is not List<ConfigTableBuilder> list)
        {
            throw new InvalidOperationException($"{ConfigTable.Join(_path, key)} is not a list of tables.");
        }

        var added = new ConfigTableBuilder(ConfigTable.Join(_path, key), at);
        list.Add(added);
        return added;
    }

    /// <summary>Whether the key is there.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The path of a key of this table.</summary>
    public string PathOf(string key) => ConfigTable.Join(_path, key);

    /// <summary>The finished table.</summary>
    public ConfigTable Build() => new(_path, _position, _entries.Select(e => (e.Key, ToNode(ConfigTable.Join(_path, e.Key), e.Content, e.Position))));

    private object? Find(string key) => _entries.Find(e => e.Key == key).Content;

    private static ConfigNode ToNode(string path, object content, ConfigPosition at) => content switch
    {
        ConfigTableBuilder table => table.Build(),
        List<ConfigTableBuilder> tables => new ConfigArray(path, at, [.. tables.Select(t => t.Build())]),
        ConfigNode node => node,
        string or long or bool or double or DateTimeOffset => new ConfigValue(path, at, content),
        System.Collections.IEnumerable items => new ConfigArray(path, at, [.. items.Cast<object>().Select(i => ToNode(path, i is int n ? (long)n : i, at))]),
        _ => throw new ArgumentException($"{path}: a configuration cannot hold a {content.GetType().Name}."),
    };
}
