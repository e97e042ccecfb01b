using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.OfflineChatMarkers;

/// <summary>Conversations that got chat markers while their account was away (OCM-001).</summary>
[SchemaMigration(2026_1123_0130)]
public sealed class OfflineMarkerMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change() =>
        CreateOwnedTable("offline_marker")
            .WithColumn("room_hash").AsInt64().NotNullable().PrimaryKey()
            .WithColumn("thread_hash").AsInt64().NotNullable().PrimaryKey()
            .WithColumn("room").AsString(int.MaxValue).NotNullable()
            .WithColumn("thread").AsString(int.MaxValue).NotNullable()
            .WithColumn("since").AsInt64().NotNullable();
}
