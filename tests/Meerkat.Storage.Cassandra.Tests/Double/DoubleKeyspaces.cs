using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>What a statement came to.</summary>
/// <param name="Rows">Null for a statement that selects nothing.</param>
/// <param name="Columns">Of the rows.</param>
/// <param name="Table">Where they are from.</param>
/// <param name="NextPage">The paging state; null for the last page.</param>
internal sealed record Outcome(IReadOnlyList<byte[]?[]>? Rows = null, IReadOnlyList<CqlColumn>? Columns = null, DoubleTable? Table = null, byte[]? NextPage = null)
{
    /// <summary>A change of the schema: what happened, to what, and its names.</summary>
    public (string Change, string Target, string Keyspace, string? Name)? SchemaChange { get; init; }

    public string? Keyspace { get; init; }
}

/// <summary>Values that come with a statement.</summary>
/// <param name="List">In order; empty where there are none.</param>
/// <param name="ByName">By name, or null.</param>
internal sealed record Bound(IReadOnlyList<(byte[]? Value, bool IsUnset)> List, IReadOnlyDictionary<string, byte[]?>? ByName = null);

/// <summary>How rows are asked for.</summary>
internal sealed record Paging(int Size, byte[]? State);

/// <summary>Keyspaces, and the statements on them: it refuses what a server refuses, as far as the stores' and the drivers' statements reach. Safe for concurrent use.</summary>
internal sealed class DoubleKeyspaces
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, DoubleTable>> _keyspaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _replication = new(StringComparer.Ordinal);

    /// <summary>Rises with each change of the schema.</summary>
    public int Generation { get; private set; }

    public IEnumerable<(string Name, IReadOnlyDictionary<string, string> Replication, IReadOnlyList<DoubleTable> Tables)> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _keyspaces.Select(keyspace => (keyspace.Key, _replication[keyspace.Key], (IReadOnlyList<DoubleTable>)[.. keyspace.Value.Values]))];
            }
        }
    }

    public bool Has(string keyspace)
    {
        lock (_gate)
        {
            return _keyspaces.ContainsKey(keyspace);
        }
    }

    public DoubleTable Table(string? keyspace, string name)
    {
        lock (_gate)
        {
            return keyspace is null ? throw DoubleException.Invalid("No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
                : !_keyspaces.TryGetValue(keyspace, out var tables) ? throw DoubleException.Invalid($"Keyspace {keyspace} does not exist")
                : tables.GetValueOrDefault(name) ?? throw DoubleException.Invalid($"unconfigured table {name}");
        }
    }

    /// <summary>Runs a statement.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="keyspace">The connection's.</param>
    /// <param name="bound">Its values.</param>
    /// <param name="paging">How much at a time; null for everything.</param>
    /// <param name="timestamp">When it was written, where it does not say so itself.</param>
    public Outcome Run(Statement statement, string? keyspace, Bound bound, Paging? paging, long timestamp)
    {
        lock (_gate)
        {
            Generation += statement is TableStatement or Use ? 0 : 1;
            switch (statement)
            {
                case CreateKeyspace create:
                    return Create(create);
                case DropKeyspace drop:
                    return _keyspaces.Remove(drop.Name) && _replication.Remove(drop.Name) ? new Outcome { SchemaChange = ("DROPPED", "KEYSPACE", drop.Name, null) }
                        : drop.IfExists ? new Outcome() : throw new DoubleException(CqlError.ConfigError, $"Keyspace '{drop.Name}' doesn't exist");
                case CreateTable create:
                    return Create(create, create.Keyspace ?? keyspace ?? throw DoubleException.Invalid("No keyspace has been specified."));
                case Use use:
                    return _keyspaces.ContainsKey(use.Keyspace) ? new Outcome { Keyspace = use.Keyspace } : throw DoubleException.Invalid($"Keyspace '{use.Keyspace}' does not exist");
                case TableStatement about:
                    return new DoubleRows(Table(about.Keyspace ?? keyspace, about.Table), bound).Run(about, paging, timestamp);
                default:
                    throw new InvalidOperationException($"{statement}");
            }
        }
    }

    private Outcome Create(CreateKeyspace create)
    {
        if (!create.Replication.ContainsKey("class"))
        {
            throw new DoubleException(CqlError.ConfigError, "Missing mandatory replication strategy class");
        }

        if (!_keyspaces.TryAdd(create.Name, []))
        {
            return create.IfNotExists ? new Outcome() : throw new DoubleException(CqlError.AlreadyExists, $"Cannot add existing keyspace \"{create.Name}\"") { There = (create.Name, "") };
        }

        _replication[create.Name] = create.Replication;
        return new Outcome { SchemaChange = ("CREATED", "KEYSPACE", create.Name, null) };
    }

    private Outcome Create(CreateTable create, string keyspace)
    {
        if (!_keyspaces.TryGetValue(keyspace, out var tables))
        {
            throw DoubleException.Invalid($"Keyspace {keyspace} does not exist");
        }

        if (!tables.TryAdd(create.Name, new DoubleTable(keyspace, create)))
        {
            return create.IfNotExists ? new Outcome() : throw new DoubleException(CqlError.AlreadyExists, $"Cannot add already existing table \"{create.Name}\" to keyspace \"{keyspace}\"") { There = (keyspace, create.Name) };
        }

        return new Outcome { SchemaChange = ("CREATED", "TABLE", keyspace, create.Name) };
    }
}
