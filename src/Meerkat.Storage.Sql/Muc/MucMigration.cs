using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Muc;

/// <summary>Chat rooms: a row a room (it owns its rows: its address is an owner), a row an affiliation, and a row a registered nick, which is its account's.</summary>
[SchemaMigration(2026_1123_0200)]
public sealed class MucMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateOwnedTable("muc_room")
            .WithColumn("epoch").AsInt64().NotNullable()
            .WithColumn("title").AsString(int.MaxValue).NotNullable()
            .WithColumn("is_public").AsBoolean().NotNullable()
            .WithColumn("settings").AsBinary(int.MaxValue).NotNullable()
            .WithColumn("history").AsBinary(int.MaxValue).Nullable();

        // An address may be longer than an index can hold, so that the key is its hash (docs/decisions/0003).
        CreateOwnedTable("muc_affiliation")
            .WithColumn("user_hash").AsCustom(KeyText(64)).NotNullable().PrimaryKey()
            .WithColumn("user_jid").AsString(int.MaxValue).NotNullable()
            .WithColumn("user_domain").AsCustom(KeyText(255)).NotNullable()
            .WithColumn("affiliation").AsInt32().NotNullable()
            .WithColumn("reason").AsString(int.MaxValue).NotNullable();
        Create.Index("muc_affiliation_user").OnTable("muc_affiliation").OnColumn("user_hash").Ascending();
        Create.Index("muc_affiliation_domain").OnTable("muc_affiliation").OnColumn("user_domain").Ascending();

        CreateOwnedTable("muc_nick")
            .WithColumn("service").AsCustom(KeyText(255)).NotNullable().PrimaryKey()
            .WithColumn("nick_hash").AsCustom(KeyText(64)).NotNullable()
            .WithColumn("nick").AsString(int.MaxValue).NotNullable();
        Create.Index("muc_nick_name").OnTable("muc_nick").OnColumn("service").Ascending().OnColumn("nick_hash").Ascending().WithOptions().Unique();
    }
}
