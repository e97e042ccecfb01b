using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.DomainAdmins;

/// <summary>Administrators of domains: a row a domain, which goes with what else the domain owns.</summary>
[SchemaMigration(2026_1123_0310)]
public sealed class DomainAdminMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change() => CreateOwnedTable("domain_admin").WithColumn("pass_details").AsString(int.MaxValue).NotNullable();
}
