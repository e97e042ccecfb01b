using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.SmartMarkers;

/// <summary>The last chat markers of conversations (SMK-001): an account's own, found by their addressee too.</summary>
[SchemaMigration(2026_1123_0120)]
public sealed class SmartMarkerMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateOwnedTable("smart_marker")
            .WithColumn("addressee_hash").AsInt64().NotNullable().PrimaryKey()
            .WithColumn("thread_hash").AsInt64().NotNullable().PrimaryKey()
            .WithColumn("marker_type").AsInt16().NotNullable().PrimaryKey()
            .WithColumn("sender").AsString(int.MaxValue).NotNullable()
            .WithColumn("addressee").AsString(int.MaxValue).NotNullable()
            .WithColumn("thread").AsString(int.MaxValue).NotNullable()
            .WithColumn("message_id").AsString(int.MaxValue).NotNullable()
            .WithColumn("stamp").AsInt64().NotNullable();
        Create.Index("smart_marker_addressee").OnTable("smart_marker").OnColumn("addressee_hash").Ascending().OnColumn("thread_hash").Ascending();
    }
}
