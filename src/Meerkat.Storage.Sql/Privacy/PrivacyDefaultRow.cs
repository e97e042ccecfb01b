using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.Privacy;

/// <summary>The default list of an account that has one.</summary>
[Table("privacy_default")]
internal sealed class PrivacyDefaultRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey]
    public long OwnerId { get; init; }

    [Column("name"), NotNull]
    public string Name { get; init; } = "";
}
