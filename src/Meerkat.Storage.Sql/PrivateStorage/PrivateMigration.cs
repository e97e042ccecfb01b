using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.PrivateStorage;

/// <summary>Fragments of private XML.</summary>
[SchemaMigration(2026_1122_0080)]
public sealed class PrivateMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change() =>
        CreateOwnedTable("private_xml")
            .WithColumn("namespace").AsCustom(KeyText(2048)).NotNullable().PrimaryKey()
            .WithColumn("xml").AsBinary(int.MaxValue).NotNullable();
}
