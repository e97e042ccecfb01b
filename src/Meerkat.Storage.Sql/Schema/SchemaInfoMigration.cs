namespace Meerkat.Storage.Sql.Schema;

/// <summary>The first step of all: where the schema says who may run on it.</summary>
[SchemaMigration(2026_1122_0001)]
public sealed class SchemaInfoMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        Create.Table(InfoTable).WithColumn("oldest_compatible").AsInt64().NotNullable();

        // Once, also where the step before this one may have been done already.
        Execute.Sql($"INSERT INTO {InfoTable} (oldest_compatible) SELECT 202611220001 FROM (SELECT COUNT(*) AS n FROM {InfoTable}) AS present WHERE n = 0");
    }
}
