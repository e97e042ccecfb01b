using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.LastActivity;

/// <summary>When accounts were last there.</summary>
[SchemaMigration(2026_1122_0070)]
public sealed class LastActivityMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change() =>
        CreateOwnedTable("last_activity")
            .WithColumn("seconds").AsInt64().NotNullable()
            .WithColumn("status").AsString(int.MaxValue).NotNullable();
}
