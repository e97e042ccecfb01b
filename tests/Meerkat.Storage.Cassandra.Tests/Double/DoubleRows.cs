using System.Buffers.Binary;
using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>A statement on the rows of a table, with its values.</summary>
internal sealed class DoubleRows(DoubleTable table, Bound bound)
{
    private static readonly CqlColumn s_limit = new("[limit]", new CqlType(CqlTypeCode.Int));
    private static readonly CqlColumn s_timestamp = new("[timestamp]", new CqlType(CqlTypeCode.Bigint));

    /// <summary>What each question mark wants, in order.</summary>
    public static IReadOnlyList<CqlColumn> Wanted(DoubleTable table, TableStatement statement)
    {
        var wanted = new SortedDictionary<int, CqlColumn>();
        switch (statement)
        {
            case Insert insert:
                Values(insert.Values);
                Note(insert.Timestamp, s_timestamp);
                break;
            case Update update:
                Values(update.Values);
                Relations(update.Where);
                Note(update.Timestamp, s_timestamp);
                break;
            case Delete delete:
                Relations(delete.Where);
                Note(delete.Timestamp, s_timestamp);
                break;
            case Select select:
                Relations(select.Where);
                Note(select.Limit, s_limit);
                break;
        }

        return [.. wanted.Values];

        void Values(IReadOnlyList<(string Column, Term Value)> values)
        {
            foreach (var (column, value) in values)
            {
                Note(value, table.Column(column));
            }
        }

        void Relations(IReadOnlyList<Relation> relations)
        {
            foreach (var relation in relations)
            {
                for (var i = 0; i < relation.Values.Count; i++)
                {
                    var column = table.Column(relation.Columns[relation.Columns.Count > 1 ? i : 0]);
                    var isList = relation is { Operator: "IN", Values: [Marker] };
                    Note(relation.Values[i], isList ? new CqlColumn($"in({column.Name})", new CqlType(CqlTypeCode.List, column.Type)) : column);
                }
            }
        }

        void Note(Term? term, CqlColumn column)
        {
            if (term is Marker marker)
            {
                wanted[marker.Index] = marker.Name is null ? column : column with { Name = marker.Name };
            }
        }
    }

    public Outcome Run(TableStatement statement, Paging? paging, long timestamp)
    {
        switch (statement)
        {
            case Insert insert:
                Write(insert.Values.Select(value => (value.Column, value.Value)), insert.Values, isInsert: true, Time(insert.Timestamp, timestamp));
                return new Outcome();
            case Update update:
                if (update.Where.Any(relation => relation is not { Operator: "=", Columns: [_] }))
                {
                    throw DoubleException.Invalid("Only EQ relations are supported on the primary key of UPDATE statements here");
                }

                Write(update.Where.Select(relation => (relation.Columns[0], relation.Values[0])), update.Values, isInsert: false, Time(update.Timestamp, timestamp));
                return new Outcome();
            case Delete delete:
                Remove(delete, Time(delete.Timestamp, timestamp));
                return new Outcome();
            case Select select:
                return Read(select, paging);
            default:
                throw new InvalidOperationException($"{statement}");
        }
    }

    private void Write(IEnumerable<(string Column, Term Value)> keys, IReadOnlyList<(string Column, Term Value)> values, bool isInsert, long timestamp)
    {
        var given = keys.ToDictionary(key => key.Column, key => key.Value);
        var key = table.Partition.Concat(table.Clustering).Select(column => given.TryGetValue(column.Name, out var term)
            ? Value(column, term) ?? throw DoubleException.Invalid($"Invalid null value in condition for column {column.Name}")
            : throw DoubleException.Invalid($"Some partition key parts or clustering keys are missing: {column.Name}")).ToArray();
        var keyNames = table.Partition.Concat(table.Clustering).Select(column => column.Name).ToHashSet();
        if (!isInsert && (given.Keys.FirstOrDefault(name => !keyNames.Contains(name)) ?? values.Select(value => value.Column).FirstOrDefault(keyNames.Contains)) is { } odd)
        {
            throw DoubleException.Invalid($"PRIMARY KEY part {odd} found in SET part, or no part of it in WHERE");
        }

        var cells = new Dictionary<int, byte[]?>();
        foreach (var (name, term) in values.Where(value => !keyNames.Contains(value.Column)))
        {
            var column = table.Column(name);
            if (!IsUnset(term))
            {
                cells[table.PlaceOf(name)] = Value(column, term);
            }
        }

        table.Write(key, cells, isInsert, timestamp);
    }

    private void Remove(Delete delete, long timestamp)
    {
        var (partitions, covers, filtered) = Restrict(delete.Where, allowsFiltering: false);
        if (partitions is null || filtered)
        {
            throw DoubleException.Invalid("Some partition key parts are missing");
        }

        foreach (var partition in partitions)
        {
            table.Delete(partition, covers, timestamp);
        }
    }

    private Outcome Read(Select select, Paging? paging)
    {
        var (partitions, covers, _) = Restrict(select.Where, select.AllowsFiltering);
        var columns = select.IsCount ? [new CqlColumn("count", new CqlType(CqlTypeCode.Bigint))]
            : select.Columns is null ? table.Columns : [.. select.Columns.Select(table.Column)];
        var isDescending = Order(select, partitions is not null);
        var limit = int.MaxValue;
        if (select.Limit is { } term)
        {
            limit = BinaryPrimitives.ReadInt32BigEndian(Value(s_limit, term) ?? throw DoubleException.Invalid("Invalid null value of limit"));
            if (limit <= 0)
            {
                throw DoubleException.Invalid("LIMIT must be strictly positive");
            }
        }

        var regular = select.Where.Where(relation => IsRegular(relation.Columns[0])).ToArray();
        var rows = table.Rows(partitions, isDescending, covers).Where(row => regular.All(relation => Fits(relation, row)));
        if (select.IsCount)
        {
            return new Outcome([[BodyWriter.Bare().Long(rows.LongCount()).Written.ToArray()]], columns, table);
        }

        return Page(rows, columns, limit, paging);
    }

    // The state says which row was the last one, and how many more may come.
    private Outcome Page(IEnumerable<byte[]?[]> rows, IReadOnlyList<CqlColumn> columns, int limit, Paging? paging)
    {
        var keys = table.Partition.Count + table.Clustering.Count;
        if (paging?.State is { } state)
        {
            var (mark, left) = ReadState(state, keys);
            limit = left;
            rows = rows.SkipWhile(row => !row.Take(keys).Zip(mark).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second))).Skip(1);
        }

        var size = paging is { Size: > 0 } ? paging.Size : int.MaxValue;
        var taken = rows.Take(Math.Min(size == int.MaxValue ? size : size + 1, limit)).ToList();
        byte[]? next = null;
        if (taken.Count > size)
        {
            taken.RemoveAt(size);
            next = WriteState(taken[^1], keys, limit == int.MaxValue ? limit : limit - size);
        }

        return new Outcome([.. taken.Select(row => columns.Select(column => row[table.PlaceOf(column.Name)]).ToArray())], columns, table, next);
    }

    private static byte[] WriteState(byte[]?[] row, int keys, int left)
    {
        var body = BodyWriter.Bare().Int(left);
        foreach (var value in row.Take(keys))
        {
            body.Bytes(value);
        }

        return body.Written.ToArray();
    }

    private static (byte[][] Mark, int Left) ReadState(byte[] state, int keys)
    {
        try
        {
            var body = new BodyReader(state);
            var left = body.Int();
            var mark = new byte[keys][];
            for (var i = 0; i < keys; i++)
            {
                mark[i] = body.Bytes()?.ToArray() ?? [];
            }

            return (mark, left);
        }
        catch (CqlProtocolException)
        {
            throw new DoubleException(CqlError.ProtocolError, "Invalid value for the paging state");
        }
    }

    // Which partitions (null: all of them), and which rows of them by their clustering columns.
    private (List<byte[][]>? Partitions, Func<byte[][], bool> Covers, bool Filtered) Restrict(IReadOnlyList<Relation> where, bool allowsFiltering)
    {
        foreach (var name in where.SelectMany(relation => relation.Columns))
        {
            table.Column(name);
        }

        var filtered = where.Any(relation => IsRegular(relation.Columns[0]));
        List<byte[][]>? partitions = [[]];
        foreach (var column in table.Partition)
        {
            var relations = where.Where(relation => relation.Columns.Contains(column.Name)).ToArray();
            if (relations is not [{ Columns: [_], Operator: "=" or "IN" } relation])
            {
                filtered |= where.Count > 0;
                partitions = null;
                break;
            }

            var values = All(relation, column);
            partitions = [.. partitions.SelectMany(key => values.Select(value => (byte[][])[.. key, value]))];
        }

        // Clustering columns: equal from the first on, then at most one that is a range, then none.
        var open = false;
        foreach (var column in table.Clustering)
        {
            var relations = where.Where(relation => relation.Columns.Contains(column.Name)).ToArray();
            if (relations.Length > 0 && open && relations.All(relation => relation.Columns.Count == 1))
            {
                filtered = true;
            }

            open |= relations.Length == 0 || relations.Any(relation => relation.Operator is not ("=" or "IN"));
        }

        if (filtered && !allowsFiltering)
        {
            throw DoubleException.Invalid("Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING");
        }

        var tests = where.Where(relation => table.Clustering.Any(column => column.Name == relation.Columns[0])).Select(Test).ToArray();
        var partitionTests = partitions is null ? where.Where(relation => table.Partition.Any(column => column.Name == relation.Columns[0])).ToArray() : [];
        return partitionTests.Length > 0
            ? throw DoubleException.Invalid("Partition key parts must be restricted as other parts are")
            : (partitions, clustering => Array.TrueForAll(tests, test => test(clustering)), filtered);
    }

    private Func<byte[][], bool> Test(Relation relation)
    {
        var places = relation.Columns.Select(name => table.PlaceOf(name) - table.Partition.Count).ToArray();
        if (places.Length == 1)
        {
            var column = table.Clustering[places[0]];
            var values = All(relation, column);
            return clustering => values.Any(value => Holds(relation.Operator, DoubleValues.Compare(column.Type, clustering[places[0]], value)));
        }

        var tuple = relation.Values.Select((term, i) => Value(table.Clustering[places[i]], term) ?? throw DoubleException.Invalid("Invalid null value in condition")).ToArray();
        return clustering =>
        {
            var order = 0;
            for (var i = 0; i < places.Length && order == 0; i++)
            {
                order = DoubleValues.Compare(table.Clustering[places[i]].Type, clustering[places[i]], tuple[i]);
            }

            return Holds(relation.Operator, order);
        };
    }

    private bool Fits(Relation relation, byte[]?[] row)
    {
        var column = table.Column(relation.Columns[0]);
        return row[table.PlaceOf(column.Name)] is { } value && All(relation, column).Any(wanted => Holds(relation.Operator, DoubleValues.Compare(column.Type, value, wanted)));
    }

    private static bool Holds(string comparison, int order) => comparison switch
    {
        "=" or "IN" => order == 0,
        "<" => order < 0,
        ">" => order > 0,
        "<=" => order <= 0,
        _ => order >= 0,
    };

    private bool Order(Select select, bool hasPartition)
    {
        if (select.Order.Count == 0)
        {
            return false;
        }

        if (!hasPartition)
        {
            throw DoubleException.Invalid("ORDER BY is only supported when the partition key is restricted by an EQ or an IN.");
        }

        if (!select.Order.Select(order => order.Column).SequenceEqual(table.Clustering.Take(select.Order.Count).Select(column => column.Name)))
        {
            throw DoubleException.Invalid("Order by currently only support the ordering of columns following their declared order in the PRIMARY KEY");
        }

        return select.Order.Select(order => order.IsDescending).Distinct().ToArray() is [var descending] ? descending : throw DoubleException.Invalid("Unsupported order by relation");
    }

    private bool IsRegular(string name) => table.Regular.Any(column => column.Name == name);

    private byte[][] All(Relation relation, CqlColumn column)
    {
        if (relation is { Operator: "IN", Values: [Marker marker] })
        {
            var type = new CqlType(CqlTypeCode.List, column.Type);
            return DoubleValues.Items(Value(new CqlColumn($"in({column.Name})", type), marker) ?? throw DoubleException.Invalid($"Invalid null value for IN of {column.Name}")).DistinctBy(Convert.ToHexString).ToArray();
        }

        return [.. relation.Values.Select(term => Value(column, term) ?? throw DoubleException.Invalid($"Invalid null value in condition for column {column.Name}"))];
    }

    private bool IsUnset(Term term) => term is Marker { Name: null } marker && marker.Index < bound.List.Count && bound.List[marker.Index].IsUnset;

    private byte[]? Value(CqlColumn column, Term term)
    {
        if (term is not Marker marker)
        {
            return DoubleValues.Encode(column.Type, term);
        }

        byte[]? value;
        if (marker.Name is { } name && bound.ByName is { } byName)
        {
            value = byName.TryGetValue(name, out var named) ? named : throw DoubleException.Invalid($"No value for {name}");
        }
        else
        {
            if (marker.Index >= bound.List.Count)
            {
                throw DoubleException.Invalid($"Invalid amount of bind variables: {bound.List.Count}");
            }

            if (bound.List[marker.Index].IsUnset)
            {
                throw DoubleException.Invalid($"Invalid unset value for column {column.Name}");
            }

            value = bound.List[marker.Index].Value;
        }

        return value is null ? null : DoubleValues.Check(column.Type, value);
    }

    private long Time(Term? term, long otherwise) => term is null ? otherwise
        : BinaryPrimitives.ReadInt64BigEndian(Value(s_timestamp, term) ?? throw DoubleException.Invalid("Invalid null value of timestamp"));
}
