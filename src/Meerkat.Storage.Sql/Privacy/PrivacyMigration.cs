using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Privacy;

/// <summary>Privacy lists, and which of them is the default.</summary>
[SchemaMigration(2026_1122_0130)]
public sealed class PrivacyMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateOwnedTable("privacy_list")
            .WithColumn("name").AsCustom(KeyText(1023)).NotNullable().PrimaryKey()
            .WithColumn("xml").AsString(int.MaxValue).NotNullable();
        CreateOwnedTable("privacy_default").WithColumn("name").AsString(int.MaxValue).NotNullable();
    }
}
