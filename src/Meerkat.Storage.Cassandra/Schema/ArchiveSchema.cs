namespace Meerkat.Storage.Cassandra.Schema;

/// <summary>The tables, as steps that only add. docs/cassandra.md says what they are for.</summary>
/// <remarks>A step is never changed once it was released: the next one adds to it.</remarks>
internal static class ArchiveSchema
{
    /// <summary>The name of these tables among the versions that a keyspace remembers.</summary>
    public const string Part = "archive";

    /// <summary>The version after all steps.</summary>
    public const int Version = 1;

    /// <summary>The lowest version of a program that may run on tables of <see cref="Version"/>.</summary>
    public const int OldestCompatible = 1;

    /// <summary>The table of versions.</summary>
    public const string Versions = "schema_version";

    /// <summary>Tables of each version, by their names.</summary>
    public static IEnumerable<(int Version, string Table, string Columns)> Tables =>
    [
        (1, Versions, "part text PRIMARY KEY, version int, oldest_compatible int"),
        .. Archive("archive"),
        .. Archive("archive_room"),
        (1, "archive_room_sender", "sender text, owner text, id bigint, PRIMARY KEY (sender, owner, id)"),
        (1, "archive_preference", "domain text, shard int, owner text, behaviour int, always frozen<list<text>>, never frozen<list<text>>, PRIMARY KEY ((domain, shard), owner)"),
    ];

    /// <summary>A statement that makes a table.</summary>
    public static string Create(string keyspace, string table, string columns) => $"CREATE TABLE IF NOT EXISTS {keyspace}.{table} ({columns})";

    private static IEnumerable<(int Version, string Table, string Columns)> Archive(string prefix) =>
    [
        (1, $"{prefix}_message", "owner text, bucket int, id bigint, remote text, resource text, sender text, is_outgoing boolean, is_groupchat boolean, origin_id text, xml blob, PRIMARY KEY ((owner, bucket), id)"),
        (1, $"{prefix}_contact", "owner text, contact text, bucket int, id bigint, resource text, PRIMARY KEY ((owner, contact, bucket), id)"),
        (1, $"{prefix}_bucket", "owner text, contact text, bucket int, PRIMARY KEY (owner, contact, bucket)"),
        (1, $"{prefix}_origin", "hash blob PRIMARY KEY, id bigint"),
        (1, $"{prefix}_owner", "domain text, bucket int, shard int, owner text, PRIMARY KEY ((domain, bucket, shard), owner)"),
        (1, $"{prefix}_domain", "domain text, bucket int, PRIMARY KEY (domain, bucket)"),
    ];
}
