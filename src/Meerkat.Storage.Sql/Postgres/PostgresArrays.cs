using System.Collections.Concurrent;
using System.Reflection;
using LinqToDB.Mapping;
using Npgsql;
using NpgsqlTypes;

namespace Meerkat.Storage.Sql.Postgres;

/// <summary>Many rows of one kind as parameters of one statement: an array for each column.</summary>
internal static class PostgresArrays<TRow>
    where TRow : class
{
    private static readonly Column[] s_columns = [.. RowText<TRow>.Inserted.Select(Column.Of)];
    private static readonly ConcurrentDictionary<string, string> s_texts = new(StringComparer.Ordinal);

    /// <summary>Adds as many rows as the arrays are long, but for those whose key is there already.</summary>
    public static string InsertInto(string table) => s_texts.GetOrAdd(table, static table =>
        $"INSERT INTO {table} ({string.Join(", ", s_columns.Select(column => column.Name))}) SELECT * FROM unnest({string.Join(", ", s_columns.Select(column => "@" + column.Name))}) ON CONFLICT DO NOTHING");

    /// <summary>Adds the arrays.</summary>
    public static void AddTo(NpgsqlParameterCollection parameters, IReadOnlyList<TRow> rows)
    {
        foreach (var column in s_columns)
        {
            parameters.Add(column.Of(rows));
        }
    }

    private abstract class Column(string name)
    {
        public string Name => name;

        public static Column Of(ColumnDescriptor column)
        {
            var getter = ((PropertyInfo)column.MemberInfo).GetMethod!;
            return column.MemberType switch
            {
                var type when type == typeof(long) => new Column<long>(column.ColumnName, getter, NpgsqlDbType.Bigint),
                var type when type == typeof(long?) => new Column<long?>(column.ColumnName, getter, NpgsqlDbType.Bigint),
                var type when type == typeof(short) => new Column<short>(column.ColumnName, getter, NpgsqlDbType.Smallint),
                var type when type == typeof(string) => new Column<string?>(column.ColumnName, getter, NpgsqlDbType.Text),
                var type when type == typeof(byte[]) => new Column<byte[]?>(column.ColumnName, getter, NpgsqlDbType.Bytea),
                var type => throw new NotSupportedException($"{typeof(TRow).Name}.{column.MemberName}: {type} has no array yet"),
            };
        }

        public abstract NpgsqlParameter Of(IReadOnlyList<TRow> rows);
    }

    private sealed class Column<T>(string name, MethodInfo getter, NpgsqlDbType type) : Column(name)
    {
        private readonly Func<TRow, T> _get = getter.CreateDelegate<Func<TRow, T>>();

        public override NpgsqlParameter Of(IReadOnlyList<TRow> rows)
        {
            var values = new T[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = _get(rows[i]);
            }

            return new NpgsqlParameter<T[]>(Name, NpgsqlDbType.Array | type) { TypedValue = values };
        }
    }
}
