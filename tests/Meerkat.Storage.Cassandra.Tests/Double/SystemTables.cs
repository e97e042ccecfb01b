using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>The tables in which a server describes itself and the schema: those of Cassandra 3.11, as drivers read them when they connect. One for each server.</summary>
internal static class SystemTables
{
    private const string Strings = "frozen<map<text, text>>";

    private static readonly string[] s_definitions =
    [
        "system.local (key text PRIMARY KEY, bootstrapped text, broadcast_address inet, cluster_name text, cql_version text, data_center text, host_id uuid, listen_address inet, native_protocol_version text, "
            + "partitioner text, rack text, release_version text, rpc_address inet, schema_version uuid, tokens set<text>)",
        "system.peers (peer inet PRIMARY KEY, data_center text, host_id uuid, preferred_ip inet, rack text, release_version text, rpc_address inet, schema_version uuid, tokens set<text>)",
        $"system_schema.keyspaces (keyspace_name text PRIMARY KEY, durable_writes boolean, replication {Strings})",
        $"system_schema.tables (keyspace_name text, table_name text, bloom_filter_fp_chance double, caching {Strings}, comment text, compaction {Strings}, compression {Strings}, default_time_to_live int, "
            + "flags frozen<set<text>>, gc_grace_seconds int, id uuid, speculative_retry text, PRIMARY KEY (keyspace_name, table_name))",
        "system_schema.columns (keyspace_name text, table_name text, column_name text, clustering_order text, column_name_bytes blob, kind text, position int, type text, PRIMARY KEY (keyspace_name, table_name, column_name))",
        "system_schema.types (keyspace_name text, type_name text, field_names frozen<list<text>>, field_types frozen<list<text>>, PRIMARY KEY (keyspace_name, type_name))",
        "system_schema.functions (keyspace_name text, function_name text, argument_types frozen<list<text>>, body text, PRIMARY KEY (keyspace_name, function_name, argument_types))",
        "system_schema.aggregates (keyspace_name text, aggregate_name text, argument_types frozen<list<text>>, PRIMARY KEY (keyspace_name, aggregate_name, argument_types))",
        "system_schema.triggers (keyspace_name text, table_name text, trigger_name text, options frozen<map<text, text>>, PRIMARY KEY (keyspace_name, table_name, trigger_name))",
        "system_schema.indexes (keyspace_name text, table_name text, index_name text, kind text, options frozen<map<text, text>>, PRIMARY KEY (keyspace_name, table_name, index_name))",
        "system_schema.views (keyspace_name text, view_name text, base_table_name text, PRIMARY KEY (keyspace_name, view_name))",
    ];

    private static readonly Statement[] s_made = [.. s_definitions.Select(definition => CqlParser.Parse($"CREATE TABLE {definition}").Statement)];

    /// <summary>Whether a keyspace is one of these.</summary>
    public static bool Owns(string? keyspace) => keyspace is "system" or "system_schema";

    /// <summary>The tables as they are now; those of the schema are empty where nobody asks for them, as they are many.</summary>
    public static DoubleKeyspaces Describe(DoubleKeyspaces schema, IPAddress self, IReadOnlyList<IPAddress> others, bool withSchema)
    {
        var tables = new DoubleKeyspaces();
        Run(tables, "CREATE KEYSPACE system WITH replication = {'class': 'LocalStrategy'}");
        Run(tables, "CREATE KEYSPACE system_schema WITH replication = {'class': 'LocalStrategy'}");
        foreach (var made in s_made)
        {
            tables.Run(made, null, new Bound([]), null, 1);
        }

        var version = Id(string.Join('\n', schema.All.SelectMany(keyspace => keyspace.Tables.Select(table => $"{keyspace.Name}.{table.Name}").Prepend(keyspace.Name))));
        Run(tables, "INSERT INTO system.local (key, bootstrapped, broadcast_address, cluster_name, cql_version, data_center, host_id, listen_address, native_protocol_version, partitioner, rack, release_version, "
            + $"rpc_address, schema_version, tokens) VALUES ('local', 'COMPLETED', '{self}', 'double', '3.4.4', 'datacenter1', {Id($"{self}")}, '{self}', '4', 'org.apache.cassandra.dht.Murmur3Partitioner', 'rack1', "
            + $"'3.11.14', '{self}', {version}, {{'0'}})");
        foreach (var other in others)
        {
            Run(tables, $"INSERT INTO system.peers (peer, data_center, host_id, rack, release_version, rpc_address, schema_version, tokens) VALUES ('{other}', 'datacenter1', {Id($"{other}")}, 'rack1', '3.11.14', '{other}', {version}, {{'1'}})");
        }

        if (!withSchema)
        {
            return tables;
        }

        foreach (var (name, replication, made) in schema.All.Concat(tables.All.ToArray()))
        {
            var how = string.Join(", ", replication.Select(entry => $"'{entry.Key}': '{entry.Value}'"));
            Run(tables, $"INSERT INTO system_schema.keyspaces (keyspace_name, durable_writes, replication) VALUES ('{name}', true, {{{how}}})");
            foreach (var table in made)
            {
                Describe(tables, table);
            }
        }

        return tables;
    }

    private static void Describe(DoubleKeyspaces tables, DoubleTable table)
    {
        Run(tables, $"INSERT INTO system_schema.tables (keyspace_name, table_name, bloom_filter_fp_chance, caching, comment, compaction, compression, default_time_to_live, flags, gc_grace_seconds, id, speculative_retry) "
            + $"VALUES ('{table.Keyspace}', '{table.Name}', 0.01, {{'keys': 'ALL'}}, '', {{'class': 'org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy'}}, {{}}, 0, {{'compound'}}, 864000, "
            + $"{Id($"{table.Keyspace}.{table.Name}")}, '99PERCENTILE')");
        foreach (var (columns, kind) in new[] { (table.Partition, "partition_key"), (table.Clustering, "clustering"), (table.Regular, "regular") })
        {
            for (var i = 0; i < columns.Count; i++)
            {
                var order = kind is "clustering" ? "asc" : "none";
                var position = kind is "regular" ? -1 : i;
                Run(tables, $"INSERT INTO system_schema.columns (keyspace_name, table_name, column_name, clustering_order, column_name_bytes, kind, position, type) VALUES ('{table.Keyspace}', '{table.Name}', "
                    + $"'{columns[i].Name}', '{order}', 0x{Convert.ToHexString(Encoding.UTF8.GetBytes(columns[i].Name))}, '{kind}', {position}, '{table.TypeNames[columns[i].Name]}')");
            }
        }
    }

    private static void Run(DoubleKeyspaces tables, string text) => tables.Run(CqlParser.Parse(text).Statement, null, new Bound([]), null, 1);

    private static Guid Id(string text)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(text))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
