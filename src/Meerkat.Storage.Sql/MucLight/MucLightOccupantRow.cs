using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.MucLight;

/// <summary>An occupant of a room, which is the row's owner.</summary>
[Table("muc_light_occupant")]
internal sealed class MucLightOccupantRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey(0), NotNull]
    public long OwnerId { get; init; }

    /// <summary>The occupant, as an owner.</summary>
    [Column("user_id"), PrimaryKey(1), NotNull]
    public long UserId { get; init; }

    /// <summary>1 member, 2 owner.</summary>
    [Column("affiliation"), NotNull]
    public int Affiliation { get; init; }
}
