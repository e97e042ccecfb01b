using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.MucLight;

/// <summary>What an account blocks.</summary>
[Table("muc_light_block")]
internal sealed class MucLightBlockRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey(0), NotNull]
    public long OwnerId { get; init; }

    /// <summary>1 a room, 0 somebody.</summary>
    [Column("is_room"), PrimaryKey(1), NotNull]
    public int IsRoom { get; init; }

    [Column("blocked"), PrimaryKey(2), NotNull]
    public string Blocked { get; init; } = "";
}
