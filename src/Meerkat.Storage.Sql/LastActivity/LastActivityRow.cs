using LinqToDB.Mapping;
using Meerkat.Modules.LastActivity;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.LastActivity;

/// <summary>When an account was last there.</summary>
[Table("last_activity")]
internal sealed class LastActivityRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey]
    public long OwnerId { get; init; }

    /// <summary>Since 1970, UTC.</summary>
    [Column("seconds"), NotNull]
    public long Seconds { get; init; }

    [Column("status"), NotNull]
    public string Status { get; init; } = "";

    public LastSeen ToSeen() => new(DateTimeOffset.FromUnixTimeSeconds(Seconds), Status);
}
