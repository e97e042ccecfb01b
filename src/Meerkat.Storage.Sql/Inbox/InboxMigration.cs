using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Inbox;

/// <summary>Conversations of accounts (INB-001).</summary>
[SchemaMigration(2026_1123_0110)]
public sealed class InboxMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateOwnedTable("inbox_entry")
            .WithColumn("remote_hash").AsInt64().NotNullable().PrimaryKey()
            .WithColumn("remote").AsString(int.MaxValue).NotNullable()
            .WithColumn("message_id").AsString(int.MaxValue).NotNullable()
            .WithColumn("box").AsCustom(KeyText(255)).NotNullable()
            .WithColumn("content").AsBinary(int.MaxValue).NotNullable()
            .WithColumn("stamp").AsInt64().NotNullable()
            .WithColumn("muted_until").AsInt64().NotNullable()
            .WithColumn("unread").AsInt32().NotNullable();
        Create.Index("inbox_entry_stamp").OnTable("inbox_entry").OnColumn("owner_id").Ascending().OnColumn("stamp").Ascending();
        Create.Index("inbox_entry_box").OnTable("inbox_entry").OnColumn("box").Ascending().OnColumn("stamp").Ascending();
    }
}
