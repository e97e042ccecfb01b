using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.Roster;

/// <summary>What a roster has as a whole. The revision only rises, so that one never comes back after a removal.</summary>
[Table("roster")]
internal sealed class RosterRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey, NotNull]
    public long OwnerId { get; init; }

    [Column("version"), Nullable]
    public string? Version { get; init; }

    [Column("revision"), NotNull]
    public long Revision { get; init; }
}
