using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.Privacy;

/// <summary>One privacy list.</summary>
[Table("privacy_list")]
internal sealed class PrivacyListRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey(0)]
    public long OwnerId { get; init; }

    [Column("name"), PrimaryKey(1), NotNull]
    public string Name { get; init; } = "";

    /// <summary>As <c>PrivacyXml.Store</c> writes it.</summary>
    [Column("xml"), NotNull]
    public string Xml { get; init; } = "";
}
