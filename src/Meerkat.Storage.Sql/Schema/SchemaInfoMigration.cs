namespace Meerkat.Storage.Sql.Schema;

/// <summary>The first step of all: where the schema says who may run on it.</summary>
[SchemaMigration(2026_1122_0001)]
public sealed class SchemaInfoMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        Create.Table(InfoTable).WithColumn("oldest_compatible").AsInt64().NotNullable();
        Insert.IntoTable(InfoTable).Row(new { oldest_compatible = 2026_1122_0001L });
    }
}
