using Meerkat.Core.Storage;
using Meerkat.Storage.Cassandra.Connections;

namespace Meerkat.Storage.Cassandra.Schema;

/// <summary>What an operator may do to a keyspace: see how it stands (<c>meerkat database status</c>) and bring it up to date (<c>meerkat database migrate</c>, and every start unless forbidden).</summary>
/// <remarks>The keyspace itself is the operator's: nobody else knows how often the data are to be there. Every step may be run again, also by several processes one after the other.</remarks>
/// <param name="pool">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class CassandraOperations(CassandraPool pool, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Compares the keyspace with this program. Changes nothing.</summary>
    /// <exception cref="CassandraSchemaException">There is no such keyspace.</exception>
    public async Task<KeyspaceStatus> StatusAsync(CancellationToken ct)
    {
        try
        {
            var missing = await MissingAsync(ct);
            var lines = ArchiveSchema.Tables.Select(table => $"  {(missing.Contains(table) ? "missing" : "there  ")}  {table.Table}");
            return new KeyspaceStatus(string.Join('\n', lines.Append(missing.Count == 0 ? "up to date" : $"{missing.Count} tables are to be made")), missing.Count == 0, IsTooNew: false);
        }
        catch (CassandraSchemaException newer) when (newer.IsTooNew)
        {
            return new KeyspaceStatus(newer.Message, IsCurrent: false, IsTooNew: true);
        }
    }

    /// <summary>Makes the tables that are missing.</summary>
    /// <returns>What was done, in order.</returns>
    /// <exception cref="CassandraSchemaException">There is no such keyspace, or a newer program has changed it too far.</exception>
    public async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken ct)
    {
        var missing = await MissingAsync(ct);
        var done = new List<string>();
        foreach (var (_, table, columns) in missing)
        {
            await ChangeAsync(ArchiveSchema.Create(pool.Keyspace, table, columns), ct);
            CassandraLog.Migrated(pool.Logger, pool.Name, $"made the table {table}");
            done.Add($"made the table {table}");
        }

        if (done.Count > 0)
        {
            await pool.ExecuteAsync(
                new($"INSERT INTO {pool.Keyspace}.{ArchiveSchema.Versions} (part, version, oldest_compatible) VALUES (?, ?, ?)", ArchiveSchema.Part, ArchiveSchema.Version, ArchiveSchema.OldestCompatible), ct);
        }

        return done;
    }

    /// <summary>Makes sure, at start, that the program may run on the keyspace. Waits for a server that is not there yet, up to <c>call_timeout</c>.</summary>
    /// <param name="migrate">Whether to make what is missing; false for those who do it themselves by a command.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="CassandraSchemaException">Tables are missing and may not be made, or the keyspace is missing or too new.</exception>
    /// <exception cref="StorageUnavailableException">No server came.</exception>
    public async Task PrepareAsync(bool migrate, CancellationToken ct)
    {
        if (migrate)
        {
            await MigrateAsync(ct);
        }
        else if (await MissingAsync(ct) is { Count: > 0 and var count })
        {
            throw new CassandraSchemaException($"The keyspace {pool.KeyspaceName} lacks {count} tables: run `meerkat database migrate`.");
        }
    }

    private async Task<List<(int Version, string Table, string Columns)>> MissingAsync(CancellationToken ct)
    {
        await pool.WaitAsync(ct);
        var keyspace = await pool.ExecuteAsync(new("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?", pool.KeyspaceName), ct);
        if (keyspace.Rows.Count == 0)
        {
            throw new CassandraSchemaException(
                $"There is no keyspace {pool.KeyspaceName}. Make it with as many copies as you want, for example: CREATE KEYSPACE {pool.Keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy', 'datacenter1': 3}}");
        }

        var tables = await pool.ReadAllAsync(new("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", pool.KeyspaceName), ct);
        var there = tables.Select(row => row.Text("table_name")!).ToHashSet(StringComparer.Ordinal);
        if (there.Contains(ArchiveSchema.Versions))
        {
            await RefuseNewerAsync(ct);
        }

        return [.. ArchiveSchema.Tables.Where(table => !there.Contains(table.Table))];
    }

    private async Task RefuseNewerAsync(CancellationToken ct)
    {
        var version = await pool.ExecuteAsync(new($"SELECT version, oldest_compatible FROM {pool.Keyspace}.{ArchiveSchema.Versions} WHERE part = ?", ArchiveSchema.Part), ct);
        if (version.Rows is [var row] && row.Get<int>("oldest_compatible") is var oldest && oldest > ArchiveSchema.Version)
        {
            throw new CassandraSchemaException($"The keyspace {pool.KeyspaceName} was changed by a newer version (it needs a program that knows version {oldest} of its tables): run that version.") { IsTooNew = true };
        }
    }

    // A change of the schema takes its time, and then the servers must agree on it before anybody relies on it.
    private async Task ChangeAsync(string text, CancellationToken ct)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                await pool.ExecuteAsync(new(text) { IsPrepared = false }, ct);
                break;
            }
            catch (TimeoutException) when (time.GetElapsedTime(began) < s_patience)
            {
                await Task.Delay(s_pause, time, ct);
            }
        }

        while (!await AgreeAsync(ct))
        {
            if (time.GetElapsedTime(began) > s_patience)
            {
                throw new CassandraSchemaException("The servers of the cluster do not agree on the schema after a minute: see `nodetool describecluster`.");
            }

            await Task.Delay(s_pause, time, ct);
        }
    }

    private async Task<bool> AgreeAsync(CancellationToken ct)
    {
        var own = await pool.ExecuteAsync(new("SELECT schema_version FROM system.local WHERE key = ?", "local"), ct);
        var others = await pool.ReadAllAsync(new("SELECT schema_version FROM system.peers"), ct);
        return own.Rows.Concat(others).Select(row => row["schema_version"]).Where(version => version is not null).Distinct().Count() <= 1;
    }
}

/// <summary>How a keyspace stands to this program.</summary>
/// <param name="Text">For people: a line for each table, and what is to be done.</param>
/// <param name="IsCurrent">Whether nothing is to be done.</param>
/// <param name="IsTooNew">Whether a newer program has changed it too far for this one.</param>
public sealed record KeyspaceStatus(string Text, bool IsCurrent, bool IsTooNew);
