using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Accounts;

/// <summary>Accounts and their passwords.</summary>
[SchemaMigration(2026_1122_0020)]
public sealed class AccountMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change() =>
        CreateOwnedTable("account")
            .WithColumn("password").AsString(int.MaxValue).NotNullable()
            .WithColumn("pass_details").AsString(int.MaxValue).Nullable()
            .WithColumn("created_at").AsInt64().NotNullable();
}
