using System.Collections.Concurrent;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;

namespace Meerkat.Storage.Sql;

/// <summary>SQL for one kind of row, made once from its mapping. Names are lower case with underscores and no reserved words, so that no dialect has to quote them.</summary>
internal static class RowText<TRow>
    where TRow : class
{
    private static readonly ConcurrentDictionary<int, string> s_places = new();
    private static readonly EntityDescriptor Descriptor = MappingSchema.Default.GetEntityDescriptor(typeof(TRow));
    /// <summary>The columns that are written.</summary>
    internal static readonly ColumnDescriptor[] Inserted = [.. Descriptor.Columns.Where(c => !c.IsIdentity)];

    /// <summary>Takes the parameters of <see cref="Values(TRow)"/>.</summary>
    public static string Insert { get; } = InsertInto(Descriptor.Name.Name);

    /// <summary>Takes <c>@domain</c> and <c>@localpart</c>.</summary>
    public static string AllOfOwner { get; } =
        $"SELECT {string.Join(", ", Descriptor.Columns.Select(c => "r." + c.ColumnName))} FROM owner o JOIN {Descriptor.Name.Name} r ON r.owner_id = o.id WHERE o.domain = @domain AND o.localpart = @localpart";

    /// <summary>As <see cref="Insert"/>, into another table of that form.</summary>
    public static string InsertInto(string table) =>
        $"INSERT INTO {table} ({string.Join(", ", Inserted.Select(c => c.ColumnName))}) VALUES ({string.Join(", ", Inserted.Select(c => "@" + c.ColumnName))})";

    /// <summary>As <see cref="InsertInto(string)"/> for several rows at once.</summary>
    public static string InsertInto(string table, int rows) =>
        $"INSERT INTO {table} ({string.Join(", ", Inserted.Select(c => c.ColumnName))}) VALUES "
        + string.Join(", ", Enumerable.Range(0, rows).Select(row => $"({string.Join(", ", Inserted.Select((_, column) => $"@p{row * Inserted.Length + column}"))})"));

    /// <summary>The parameters of several rows.</summary>
    public static DataParameter[] Values(IReadOnlyList<TRow> rows, int from, int count)
    {
        var values = new DataParameter[count * Inserted.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var column = Inserted[i % Inserted.Length];
            values[i] = new DataParameter(s_places.GetOrAdd(i, static place => $"p{place}"), column.GetProviderValue(rows[from + i / Inserted.Length]), column.DataType);
        }

        return values;
    }

    public static DataParameter[] Values(TRow row) => Array.ConvertAll(Inserted, c => new DataParameter(c.ColumnName, c.GetProviderValue(row), c.DataType));
}
