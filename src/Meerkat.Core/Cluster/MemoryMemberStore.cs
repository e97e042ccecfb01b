namespace Meerkat.Core.Cluster;

/// <summary>Members in memory: the reference implementation, for tests within one process.</summary>
public sealed class MemoryMemberStore : IMemberStore
{
    private const int MaxNumber = byte.MaxValue;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MemberTable> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Cluster, string Node), byte> _numbers = [];

    /// <inheritdoc/>
    public ValueTask<MemberTable> ReadAsync(string cluster, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(Of(cluster));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(string cluster, MemberRecord member, long version, CancellationToken ct)
    {
        lock (_gate)
        {
            var table = Of(cluster);
            if (table.Version != version || table.Members.Any(other => other.Address == member.Address))
            {
                return new(false);
            }

            _tables[cluster] = new MemberTable(version + 1, [.. table.Members, member with { Revision = version + 1 }]);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> UpdateAsync(string cluster, MemberRecord member, long version, CancellationToken ct)
    {
        lock (_gate)
        {
            var table = Of(cluster);
            if (table.Version != version || !table.Members.Any(other => other.Address == member.Address && other.Revision == member.Revision))
            {
                return new(false);
            }

            _tables[cluster] = new MemberTable(version + 1, [.. table.Members.Where(other => other.Address != member.Address), member with { Revision = version + 1 }]);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask TouchAsync(string cluster, string address, DateTimeOffset alive, CancellationToken ct)
    {
        lock (_gate)
        {
            var table = Of(cluster);
            _tables[cluster] = table with { Members = [.. table.Members.Select(member => member.Address == address ? member with { Alive = alive } : member)] };
            return default;
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveDeadAsync(string cluster, DateTimeOffset before, CancellationToken ct)
    {
        lock (_gate)
        {
            var table = Of(cluster);
            _tables[cluster] = table with { Members = [.. table.Members.Where(member => !member.IsDead || member.Alive >= before)] };
            return new(table.Members.Count - Of(cluster).Members.Count);
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveDeadAsync(string cluster, string node, CancellationToken ct)
    {
        lock (_gate)
        {
            var table = Of(cluster);
            _tables[cluster] = table with { Members = [.. table.Members.Where(member => !member.IsDead || member.Node != node)] };
            return new(table.Members.Count - Of(cluster).Members.Count);
        }
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(string cluster, CancellationToken ct)
    {
        lock (_gate)
        {
            _tables.Remove(cluster);
            foreach (var key in _numbers.Keys.Where(key => key.Cluster == cluster).ToList())
            {
                _numbers.Remove(key);
            }

            return default;
        }
    }

    /// <inheritdoc/>
    public ValueTask<byte> NumberAsync(string cluster, string node, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_numbers.TryGetValue((cluster, node), out var number))
            {
                var taken = _numbers.Where(entry => entry.Key.Cluster == cluster).Select(entry => (int)entry.Value).ToHashSet();
                number = (byte)(Enumerable.Range(1, MaxNumber).FirstOrDefault(free => !taken.Contains(free)) is > 0 and var first ? first : throw new InvalidOperationException(NoNumber(cluster)));
                _numbers[(cluster, node)] = number;
            }

            return new(number);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ForgetAsync(string cluster, string node, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_numbers.Remove((cluster, node)));
        }
    }

    /// <summary>What is said when there is no number left.</summary>
    public static string NoNumber(string cluster) => $"the cluster {cluster} has had {MaxNumber} names of nodes, and no more are possible: remove some that are gone (meerkatctl cluster remove)";

    private MemberTable Of(string cluster) => _tables.GetValueOrDefault(cluster) ?? new MemberTable(0, []);
}
