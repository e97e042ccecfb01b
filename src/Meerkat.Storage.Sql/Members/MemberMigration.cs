using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.Members;

/// <summary>The nodes of clusters, and their numbers.</summary>
[SchemaMigration(2026_1123_1300)]
public sealed class MemberMigration : SchemaMigration
{
    private const int NameBytes = 100;

    /// <inheritdoc/>
    protected override void Change()
    {
        // A row a cluster: whoever changes a member locks it.
        Create.Table("cluster_table")
            .WithColumn("cluster").AsCustom(KeyText(NameBytes)).NotNullable().PrimaryKey()
            .WithColumn("version").AsInt64().NotNullable();
        Create.Table("cluster_member")
            .WithColumn("cluster").AsCustom(KeyText(NameBytes)).NotNullable().PrimaryKey()
            .WithColumn("address").AsCustom(KeyText(NameBytes)).NotNullable().PrimaryKey()
            .WithColumn("node").AsCustom(KeyText(NameBytes)).NotNullable()
            .WithColumn("status").AsString(int.MaxValue).NotNullable()
            .WithColumn("is_dead").AsInt16().NotNullable()
            .WithColumn("details").AsString(int.MaxValue).NotNullable()
            .WithColumn("started").AsInt64().NotNullable()
            .WithColumn("alive").AsInt64().NotNullable()
            .WithColumn("revision").AsInt64().NotNullable();
        Create.Table("cluster_number")
            .WithColumn("cluster").AsCustom(KeyText(NameBytes)).NotNullable().PrimaryKey()
            .WithColumn("node").AsCustom(KeyText(NameBytes)).NotNullable().PrimaryKey()
            .WithColumn("number").AsInt16().NotNullable();
        Create.Index("cluster_number_once").OnTable("cluster_number").OnColumn("cluster").Ascending().OnColumn("number").Ascending().WithOptions().Unique();
    }
}
