using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Owners;

/// <summary>The table that every owned row points to.</summary>
[SchemaMigration(2026_1122_0010)]
public sealed class OwnerMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        Create.Table("owner")
            .WithColumn("id").AsInt64().PrimaryKey().Identity()
            .WithColumn("domain").AsCustom(KeyText(255)).NotNullable()
            .WithColumn("localpart").AsCustom(KeyText(1023)).NotNullable();
        Create.Index("owner_name").OnTable("owner").OnColumn("domain").Ascending().OnColumn("localpart").Ascending().WithOptions().Unique();
    }
}
