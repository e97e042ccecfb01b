using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Mam;

/// <summary>Message archives of accounts and of rooms, and what their owners want archived (MAM-080 to MAM-082).</summary>
/// <remarks>
/// A message is looked up by owner and id; by owner, contact and id; and by the hash of what makes it the same message (<see cref="ArchiveKeys"/>). Texts are in no index:
/// two addresses would be longer than what databases index. What a room's members said is found by their address too (MAM-088).
/// </remarks>
[SchemaMigration(2026_1123_0100)]
public sealed class ArchiveMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateArchive("archive_message");
        CreateArchive("archive_room_message");
        Create.Index("archive_room_message_sender").OnTable("archive_room_message")
            .OnColumn("remote_hash").Ascending().OnColumn("owner_id").Ascending().OnColumn("id").Ascending();
        CreateOwnedTable("archive_preference")
            .WithColumn("behaviour").AsInt16().NotNullable()
            .WithColumn("always_jids").AsString(int.MaxValue).NotNullable()
            .WithColumn("never_jids").AsString(int.MaxValue).NotNullable();
    }

    private void CreateArchive(string table)
    {
        CreateOwnedTable(table)
            .WithColumn("id").AsInt64().NotNullable().PrimaryKey()
            .WithColumn("remote").AsString(int.MaxValue).NotNullable()
            .WithColumn("remote_hash").AsInt64().NotNullable()
            .WithColumn("resource").AsString(int.MaxValue).Nullable()
            .WithColumn("sender").AsString(int.MaxValue).Nullable()
            .WithColumn("flags").AsInt16().NotNullable()
            .WithColumn("origin_id").AsString(int.MaxValue).Nullable()
            .WithColumn("origin_hash").AsInt64().Nullable()
            .WithColumn("search_text").AsString(int.MaxValue).Nullable()
            .WithColumn("xml").AsBinary(int.MaxValue).NotNullable();
        Create.Index($"{table}_remote").OnTable(table).OnColumn("owner_id").Ascending().OnColumn("remote_hash").Ascending().OnColumn("id").Ascending();
        Create.Index($"{table}_origin").OnTable(table).OnColumn("origin_hash").Ascending();
    }
}
