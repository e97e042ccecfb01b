using LinqToDB.Mapping;
using Meerkat.Core.Cluster;

namespace Meerkat.Storage.Sql.Members;

/// <summary>The version of a cluster's table.</summary>
[Table("cluster_table")]
internal sealed class MemberTableRow
{
    [Column("cluster"), PrimaryKey(0)]
    public string Cluster { get; init; } = "";

    [Column("version"), NotNull]
    public long Version { get; init; }
}

/// <summary>One run of a node.</summary>
[Table("cluster_member")]
internal sealed class MemberRow
{
    [Column("cluster"), PrimaryKey(0)]
    public string Cluster { get; init; } = "";

    [Column("address"), PrimaryKey(1)]
    public string Address { get; init; } = "";

    [Column("node"), NotNull]
    public string Node { get; init; } = "";

    [Column("status"), NotNull]
    public string Status { get; init; } = "";

    [Column("is_dead"), NotNull]
    public short IsDead { get; init; }

    [Column("details"), NotNull]
    public string Details { get; init; } = "";

    /// <summary>Milliseconds since 1970, UTC.</summary>
    [Column("started"), NotNull]
    public long Started { get; init; }

    /// <summary>Milliseconds since 1970, UTC.</summary>
    [Column("alive"), NotNull]
    public long Alive { get; init; }

    [Column("revision"), NotNull]
    public long Revision { get; init; }

    public static MemberRow Of(string cluster, MemberRecord member, long revision) => new()
    {
        Cluster = cluster,
        Address = member.Address,
        Node = member.Node,
        Status = member.Status,
        IsDead = (short)(member.IsDead ? 1 : 0),
        Details = member.Details,
        Started = member.Started.ToUnixTimeMilliseconds(),
        Alive = member.Alive.ToUnixTimeMilliseconds(),
        Revision = revision,
    };

    public MemberRecord ToRecord() => new(Address, Node)
    {
        Status = Status,
        IsDead = IsDead != 0,
        Details = Details,
        Started = DateTimeOffset.FromUnixTimeMilliseconds(Started),
        Alive = DateTimeOffset.FromUnixTimeMilliseconds(Alive),
        Revision = Revision,
    };
}

/// <summary>The number of a node.</summary>
[Table("cluster_number")]
internal sealed class MemberNumberRow
{
    [Column("cluster"), PrimaryKey(0)]
    public string Cluster { get; init; } = "";

    [Column("node"), PrimaryKey(1)]
    public string Node { get; init; } = "";

    [Column("number"), NotNull]
    public short Number { get; init; }
}
