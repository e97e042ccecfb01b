using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.VCard;

/// <summary>A vCard.</summary>
[Table("vcard")]
internal sealed class VCardRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey]
    public long OwnerId { get; init; }

    /// <summary>UTF-8.</summary>
    [Column("xml"), NotNull]
    public byte[] Xml { get; init; } = [];
}
