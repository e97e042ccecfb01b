using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.Offline;

/// <summary>Which node of a cluster hands over an account's messages, and until when (microseconds since 1970, UTC).</summary>
[Table("offline_claim")]
internal sealed class OfflineClaimRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey, NotNull]
    public long OwnerId { get; init; }

    [Column("holder"), NotNull]
    public string Holder { get; init; } = "";

    [Column("until"), NotNull]
    public long Until { get; init; }
}
