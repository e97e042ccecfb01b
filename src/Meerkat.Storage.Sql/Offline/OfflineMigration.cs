using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Offline;

/// <summary>Messages that wait for their recipients.</summary>
[SchemaMigration(2026_1122_0060)]
public sealed class OfflineMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        WithOwner(Create.Table("offline_message").WithColumn("id").AsInt64().PrimaryKey().Identity(), "offline_message")
            .WithColumn("sender").AsString(int.MaxValue).Nullable()
            .WithColumn("stored_at").AsInt64().NotNullable()
            .WithColumn("sent_at").AsInt64().NotNullable()
            .WithColumn("expires_at").AsInt64().Nullable()
            .WithColumn("xml").AsBinary(int.MaxValue).NotNullable();
        Create.Index("offline_message_owner").OnTable("offline_message").OnColumn("owner_id").Ascending().OnColumn("id").Ascending();
    }
}
