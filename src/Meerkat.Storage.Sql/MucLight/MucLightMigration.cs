using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.MucLight;

/// <summary>Light rooms: one row a room, one an occupant, one for whatever somebody blocks. Rooms and occupants are owners (docs/decisions/0003), so that what points to them goes with them.</summary>
[SchemaMigration(2026_1123_0060)]
public sealed class MucLightMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateOwnedTable("muc_light_room")
            .WithColumn("version").AsString(64).NotNullable()
            .WithColumn("configuration").AsString(int.MaxValue).NotNullable()
            .WithColumn("folded_name").AsString(int.MaxValue).NotNullable();
        CreateOwnedTable("muc_light_occupant")
            .WithColumn("user_id").AsInt64().NotNullable().PrimaryKey().ForeignKey("muc_light_occupant_user", "owner", "id").OnDelete(System.Data.Rule.Cascade)
            .WithColumn("affiliation").AsInt32().NotNullable();
        Create.Index("muc_light_occupant_by_user").OnTable("muc_light_occupant").OnColumn("user_id").Ascending();
        CreateOwnedTable("muc_light_block")
            .WithColumn("is_room").AsInt32().NotNullable().PrimaryKey()
            .WithColumn("blocked").AsCustom(KeyText(1279)).NotNullable().PrimaryKey();
    }
}
