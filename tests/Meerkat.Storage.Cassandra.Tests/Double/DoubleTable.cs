using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>A table: partitions by key, in each rows in the order of their clustering columns. Of two writes of a cell the one with the later time stamp stays; a deletion hides what is not later than it.</summary>
internal sealed class DoubleTable
{
    private readonly SortedDictionary<byte[], PartitionRows> _partitions = new(Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public DoubleTable(string keyspace, CreateTable definition)
    {
        Keyspace = keyspace;
        Name = definition.Name;
        Partition = [.. definition.Partition.Select(Find)];
        Clustering = [.. definition.Clustering.Select(Find)];
        var keys = definition.Partition.Concat(definition.Clustering).ToHashSet();
        Regular = [.. definition.Columns.Where(column => !keys.Contains(column.Name)).OrderBy(column => column.Name, StringComparer.Ordinal).Select(column => Find(column.Name))];
        TypeNames = definition.Columns.ToDictionary(column => column.Name, column => column.TypeName);
        Columns = [.. Partition, .. Clustering, .. Regular];
        for (var i = 0; i < Columns.Count; i++)
        {
            _places[Columns[i].Name] = i;
        }

        CqlColumn Find(string name) => definition.Columns.Where(column => column.Name == name).Select(column => new CqlColumn(name, column.Type)).FirstOrDefault()
            ?? throw DoubleException.Invalid($"Unknown definition {name} referenced in PRIMARY KEY");
    }

    public string Keyspace { get; }

    public string Name { get; }

    public IReadOnlyList<CqlColumn> Partition { get; }

    public IReadOnlyList<CqlColumn> Clustering { get; }

    public IReadOnlyList<CqlColumn> Regular { get; }

    /// <summary>In the order of <c>SELECT *</c>.</summary>
    public IReadOnlyList<CqlColumn> Columns { get; }

    public IReadOnlyDictionary<string, string> TypeNames { get; }

    public CqlColumn Column(string name) => _places.TryGetValue(name, out var place) ? Columns[place] : throw DoubleException.Invalid($"Undefined column name {name} in table {Keyspace}.{Name}");

    public int PlaceOf(string name) => _places[Column(name).Name];

    /// <summary>Writes cells.</summary>
    /// <param name="key">The partition and clustering columns.</param>
    /// <param name="cells">By the columns' places; a null value is a deleted cell.</param>
    /// <param name="isInsert">Whether the row is there even without cells.</param>
    /// <param name="timestamp">When.</param>
    public void Write(byte[][] key, IReadOnlyDictionary<int, byte[]?> cells, bool isInsert, long timestamp)
    {
        var name = PartitionKey(key);
        if (!_partitions.TryGetValue(name, out var partition))
        {
            _partitions[name] = partition = new PartitionRows(this, key[..Partition.Count]);
        }

        partition.Write(key[Partition.Count..], cells, isInsert, timestamp);
    }

    /// <summary>Deletes the rows of a partition that lie between two bounds.</summary>
    public void Delete(byte[][] partitionKey, Func<byte[][], bool> covers, long timestamp)
    {
        // A deletion may come before what it deletes: it stays with the partition.
        var name = PartitionKey(partitionKey);
        if (!_partitions.TryGetValue(name, out var partition))
        {
            _partitions[name] = partition = new PartitionRows(this, partitionKey);
        }

        partition.Delete(covers, timestamp);
    }

    /// <summary>The rows of the partitions that fit, each as its columns in the order of <see cref="Columns"/>; by partitions and within them by clustering columns.</summary>
    public IEnumerable<byte[]?[]> Rows(IEnumerable<byte[][]>? keys, bool isDescending, Func<byte[][], bool>? covers = null)
    {
        var partitions = keys is null ? _partitions.Values : keys.Select(key => _partitions.GetValueOrDefault(PartitionKey(key))).OfType<PartitionRows>();
        return partitions.SelectMany(partition => partition.Rows(isDescending, covers));
    }

    private byte[] PartitionKey(byte[][] key)
    {
        var body = BodyWriter.Bare();
        for (var i = 0; i < Partition.Count; i++)
        {
            if (key[i].Length > ushort.MaxValue)
            {
                throw DoubleException.Invalid($"Key length of {key[i].Length} is longer than maximum of 65535");
            }

            body.ShortBytes(key[i]);
        }

        return Partition.Count == 1 && key[0].Length == 0 ? throw DoubleException.Invalid("Key may not be empty") : body.Written.ToArray();
    }

    private int CompareClustering(byte[][] a, byte[][] b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (DoubleValues.Compare(Clustering[i].Type, a[i], b[i]) is not 0 and var order)
            {
                return order;
            }
        }

        return 0;
    }

    private sealed class PartitionRows(DoubleTable table, byte[][] key)
    {
        private readonly SortedDictionary<byte[][], Row> _rows = new(Comparer<byte[][]>.Create(table.CompareClustering));
        private readonly List<(Func<byte[][], bool> Covers, long Timestamp)> _deletions = [];

        public void Write(byte[][] clustering, IReadOnlyDictionary<int, byte[]?> cells, bool isInsert, long timestamp)
        {
            var deleted = _deletions.Where(deletion => deletion.Covers(clustering)).Select(deletion => deletion.Timestamp).DefaultIfEmpty(long.MinValue).Max();
            if (timestamp <= deleted)
            {
                return;
            }

            if (!_rows.TryGetValue(clustering, out var row))
            {
                _rows[clustering] = row = new Row();
            }

            if (isInsert)
            {
                row.Inserted = Math.Max(row.Inserted, timestamp);
            }

            foreach (var (place, value) in cells)
            {
                if (!row.Cells.TryGetValue(place, out var cell) || cell.Timestamp <= timestamp)
                {
                    row.Cells[place] = (value, timestamp);
                }
            }
        }

        public void Delete(Func<byte[][], bool> covers, long timestamp)
        {
            _deletions.Add((covers, timestamp));
            foreach (var (clustering, row) in _rows.Where(row => covers(row.Key)).ToArray())
            {
                row.Inserted = row.Inserted <= timestamp ? long.MinValue : row.Inserted;
                foreach (var place in row.Cells.Where(cell => cell.Value.Timestamp <= timestamp).Select(cell => cell.Key).ToArray())
                {
                    row.Cells.Remove(place);
                }

                if (!row.IsThere)
                {
                    _rows.Remove(clustering);
                }
            }
        }

        public IEnumerable<byte[]?[]> Rows(bool isDescending, Func<byte[][], bool>? covers)
        {
            foreach (var (clustering, row) in isDescending ? _rows.Reverse() : _rows)
            {
                if (row.IsThere && covers?.Invoke(clustering) is not false)
                {
                    yield return [.. key, .. clustering, .. table.Regular.Select((_, i) => row.Cells.GetValueOrDefault(key.Length + clustering.Length + i).Value)];
                }
            }
        }
    }

    private sealed class Row
    {
        public long Inserted { get; set; } = long.MinValue;

        public Dictionary<int, (byte[]? Value, long Timestamp)> Cells { get; } = [];

        public bool IsThere => Inserted != long.MinValue || Cells.Values.Any(cell => cell.Value is not null);
    }
}
