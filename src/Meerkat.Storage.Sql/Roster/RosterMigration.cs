using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Roster;

/// <summary>Rosters: one row an account with its version and the last revision given out, one row a contact.</summary>
[SchemaMigration(2026_1122_0100)]
public sealed class RosterMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateOwnedTable("roster")
            .WithColumn("version").AsString(int.MaxValue).Nullable()
            .WithColumn("revision").AsInt64().NotNullable();

        // A contact's address may be longer than an index can hold, so that the key is its hash (docs/decisions/0003).
        CreateOwnedTable("roster_item")
            .WithColumn("contact_hash").AsCustom(KeyText(64)).NotNullable().PrimaryKey()
            .WithColumn("contact").AsString(int.MaxValue).NotNullable()
            .WithColumn("state").AsInt32().NotNullable()
            .WithColumn("name").AsString(int.MaxValue).NotNullable()
            .WithColumn("contact_groups").AsString(int.MaxValue).Nullable()
            .WithColumn("request").AsString(int.MaxValue).NotNullable()
            .WithColumn("extensions").AsBinary(int.MaxValue).Nullable()
            .WithColumn("revision").AsInt64().NotNullable();
    }
}
