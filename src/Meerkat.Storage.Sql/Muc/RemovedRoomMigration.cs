using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Muc;

/// <summary>Rooms that were removed lately, and the epoch of the writer that did it.</summary>
[SchemaMigration(2026_1123_2300)]
public sealed class RemovedRoomMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateOwnedTable("muc_removed").WithColumn("epoch").AsInt64().NotNullable();
        Create.Index("muc_removed_epoch").OnTable("muc_removed").OnColumn("epoch").Ascending();
    }
}
