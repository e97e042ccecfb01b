using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra;

/// <summary>Rows that a statement selected. Immutable.</summary>
public sealed class CqlPage
{
    /// <summary>No rows.</summary>
    public static readonly CqlPage Empty = new([], [], null);

    internal CqlPage(IReadOnlyList<CqlColumn> columns, IReadOnlyList<CqlRow> rows, ReadOnlyMemory<byte>? nextPage)
    {
        Columns = columns;
        Rows = rows;
        NextPage = nextPage;
    }

    /// <summary>What each row has, in order.</summary>
    public IReadOnlyList<CqlColumn> Columns { get; }

    /// <summary>The rows, in the order of the cluster.</summary>
    public IReadOnlyList<CqlRow> Rows { get; }

    /// <summary>The paging state by which the next page is asked for; null when this is the last.</summary>
    public ReadOnlyMemory<byte>? NextPage { get; }
}

/// <summary>A column of a result, or a value that a statement wants.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it holds.</param>
public sealed record CqlColumn(string Name, CqlType Type);

/// <summary>A row. Values are read when they are asked for.</summary>
public sealed class CqlRow
{
    private readonly IReadOnlyList<CqlColumn> _columns;
    private readonly ReadOnlyMemory<byte>?[] _values;

    internal CqlRow(IReadOnlyList<CqlColumn> columns, ReadOnlyMemory<byte>?[] values)
    {
        _columns = columns;
        _values = values;
    }

    /// <summary>The value of a column, of the type that <see cref="CqlStatement.Values"/> would take; null where there is none.</summary>
    /// <exception cref="InvalidOperationException">There is no such column, or nothing here reads its type.</exception>
    public object? this[int index] => _values[index] is { } bytes ? CqlValue.Read(_columns[index].Type, bytes) : null;

    /// <summary>The value of a column by its name.</summary>
    /// <exception cref="InvalidOperationException">As above.</exception>
    public object? this[string name]
    {
        get
        {
            for (var i = 0; i < _columns.Count; i++)
            {
                if (_columns[i].Name == name)
                {
                    return this[i];
                }
            }

            throw new InvalidOperationException($"the row has no column {name}");
        }
    }

    /// <summary>A value that is there.</summary>
    /// <exception cref="InvalidOperationException">It is not there, or of another type.</exception>
    public T Get<T>(string name) => this[name] is T value ? value : throw new InvalidOperationException($"the column {name} is no {typeof(T).Name}");

    /// <summary>A text; null where there is none.</summary>
    public string? Text(string name) => (string?)this[name];
}
