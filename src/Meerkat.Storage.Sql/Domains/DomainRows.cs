using LinqToDB.Mapping;
using Meerkat.Core.Domains;

namespace Meerkat.Storage.Sql.Domains;

/// <summary>A domain that was added while the server ran.</summary>
[Table("domain_settings")]
internal sealed class DomainRow
{
    [Column("id"), PrimaryKey, Identity]
    public long Id { get; init; }

    [Column("domain"), NotNull]
    public string Domain { get; init; } = "";

    [Column("host_type"), NotNull]
    public string HostType { get; init; } = "";

    /// <summary>A <see cref="DomainStatus"/>.</summary>
    [Column("status"), NotNull]
    public short Status { get; init; }

    public DomainRecord ToRecord() => new(Id, Domain, HostType, (DomainStatus)Status);
}

/// <summary>Something was changed about a domain.</summary>
[Table("domain_events")]
internal sealed class DomainEventRow
{
    /// <summary>The next number, without gaps.</summary>
    [Column("id"), PrimaryKey]
    public long Id { get; init; }

    [Column("domain"), NotNull]
    public string Domain { get; init; } = "";

    /// <summary>Milliseconds since 1970, UTC.</summary>
    [Column("created"), NotNull]
    public long Created { get; init; }
}

/// <summary>The number of the last event: one row.</summary>
[Table("domain_clock")]
internal sealed class DomainClockRow
{
    [Column("last_event"), NotNull]
    public long Last { get; init; }
}
