using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Domains;

/// <summary>Domains that are added while the server runs, and the log of their changes (CORE-242).</summary>
[SchemaMigration(2026_1123_0320)]
public sealed class DomainMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        Create.Table("domain_settings")
            .WithColumn("id").AsInt64().PrimaryKey().Identity()
            .WithColumn("domain").AsCustom(KeyText(255)).NotNullable()
            .WithColumn("host_type").AsString(int.MaxValue).NotNullable()
            .WithColumn("status").AsInt16().NotNullable();
        Create.Index("domain_settings_name").OnTable("domain_settings").OnColumn("domain").Ascending().WithOptions().Unique();
        Create.Table("domain_events")
            .WithColumn("id").AsInt64().NotNullable().PrimaryKey()
            .WithColumn("domain").AsCustom(KeyText(255)).NotNullable()
            .WithColumn("created").AsInt64().NotNullable();

        // One row: whoever changes a domain locks it, so that events are numbered in the order of their commits and without gaps.
        Create.Table("domain_clock")
            .WithColumn("last_event").AsInt64().NotNullable();
        Execute.Sql("INSERT INTO domain_clock (last_event) SELECT 0 FROM (SELECT COUNT(*) AS n FROM domain_clock) AS present WHERE n = 0");
    }
}
