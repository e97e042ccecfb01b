using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;

namespace Meerkat.Storage.Sql;

/// <summary>SQL for one kind of row, made once from its mapping. Names are lower case with underscores and no reserved words, so that no dialect has to quote them.</summary>
internal static class RowText<TRow>
    where TRow : class
{
    private static readonly EntityDescriptor Descriptor = MappingSchema.Default.GetEntityDescriptor(typeof(TRow));
    /// <summary>The columns that are written.</summary>
    internal static readonly ColumnDescriptor[] Inserted = [.. Descriptor.Columns.Where(c => !c.IsIdentity)];

    /// <summary>Takes the parameters of <see cref="Values"/>.</summary>
    public static string Insert { get; } = InsertInto(Descriptor.Name.Name);

    /// <summary>Takes <c>@domain</c> and <c>@localpart</c>.</summary>
    public static string AllOfOwner { get; } =
        $"SELECT {string.Join(", ", Descriptor.Columns.Select(c => "r." + c.ColumnName))} FROM owner o JOIN {Descriptor.Name.Name} r ON r.owner_id = o.id WHERE o.domain = @domain AND o.localpart = @localpart";

    /// <summary>As <see cref="Insert"/>, into another table of that form.</summary>
    public static string InsertInto(string table) =>
        $"INSERT INTO {table} ({string.Join(", ", Inserted.Select(c => c.ColumnName))}) VALUES ({string.Join(", ", Inserted.Select(c => "@" + c.ColumnName))})";

    public static DataParameter[] Values(TRow row) => Array.ConvertAll(Inserted, c => new DataParameter(c.ColumnName, c.GetProviderValue(row), c.DataType));
}
