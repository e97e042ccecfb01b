using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Offline;

/// <summary>Which node of a cluster hands over an account's messages.</summary>
[SchemaMigration(2026_1123_0340)]
public sealed class OfflineClaimMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change() =>
        CreateOwnedTable("offline_claim")
            .WithColumn("holder").AsString(int.MaxValue).NotNullable()
            .WithColumn("until").AsInt64().NotNullable();
}
