using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.PrivateStorage;

/// <summary>One fragment of private XML (PXM-003).</summary>
[Table("private_xml")]
internal sealed class PrivateRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey(0)]
    public long OwnerId { get; init; }

    [Column("namespace"), PrimaryKey(1), NotNull]
    public string Namespace { get; init; } = "";

    /// <summary>UTF-8.</summary>
    [Column("xml"), NotNull]
    public byte[] Xml { get; init; } = [];
}
