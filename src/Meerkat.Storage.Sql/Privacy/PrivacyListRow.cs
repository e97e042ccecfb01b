using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.Privacy;

/// <summary>A privacy list.</summary>
[Table("privacy_list")]
internal sealed class PrivacyListRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey(0)]
    public long OwnerId { get; init; }

    [Column("name"), PrimaryKey(1)]
    public string Name { get; init; } = "";

    /// <summary>The whole list as XML, read and written whole.</summary>
    [Column("items"), NotNull]
    public string Items { get; init; } = "";
}
