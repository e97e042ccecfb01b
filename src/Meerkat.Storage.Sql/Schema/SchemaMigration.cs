using System.Reflection;
using FluentMigrator;
using FluentMigrator.Builders.Create.Table;
using FluentMigrator.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Meerkat.Storage.Sql.Schema;

/// <summary>One step of the schema, forward only, beside the store that needs it. Public, because FluentMigrator looks for it.</summary>
public abstract class SchemaMigration : Migration
{
    /// <summary>The table that records the oldest program that may run on this schema.</summary>
    internal const string InfoTable = "schema_info";

    private SqlDialect? _dialect;

    /// <summary>What the step adds.</summary>
    protected abstract void Change();

    /// <inheritdoc/>
    public sealed override void GetUpExpressions(IMigrationContext context)
    {
        _dialect = context.ServiceProvider.GetRequiredService<SqlDialect>();
        base.GetUpExpressions(context);
        if (!_dialect.HasTransactionalSchema)
        {
            // Each expression is a step that happens or not. A migration that was cut off is run again, and skips what is there.
            context.Expressions = [.. context.Expressions.Where(expression => !SchemaSteps.IsDone(expression, context.QuerySchema))];
        }
    }

    /// <inheritdoc/>
    public sealed override void Up()
    {
        Change();
        if (GetType().GetCustomAttribute<SchemaMigrationAttribute>() is { OldestCompatible: > 0 and var oldest })
        {
            Update.Table(InfoTable).Set(new { oldest_compatible = oldest }).AllRows();
        }
    }

    /// <summary>Nothing: who goes back restores a backup.</summary>
    public sealed override void Down()
    {
    }

    /// <summary>For <c>AsCustom</c>: text in a key or an index, compared by its bytes. See <see cref="SqlDialect.KeyText"/>.</summary>
    protected string KeyText(int maxBytes) => _dialect!.KeyText(maxBytes);

    /// <summary>Begins a table whose rows belong to owners and go with them; its first column is <c>owner_id</c>. It is the key, or the first part of it: other columns may say
    /// <c>PrimaryKey()</c> too.</summary>
    protected ICreateTableColumnOptionOrWithColumnSyntax CreateOwnedTable(string name) =>
        WithOwner(Create.Table(name), name).PrimaryKey();

    /// <summary>Adds the <c>owner_id</c> column to a table that has a key of its own. Wants an index that begins with it.</summary>
    protected static ICreateTableColumnOptionOrForeignKeyCascadeOrWithColumnSyntax WithOwner(ICreateTableWithColumnSyntax table, string name) =>
        table.WithColumn("owner_id").AsInt64().NotNullable().ForeignKey($"{name}_owner", "owner", "id").OnDelete(System.Data.Rule.Cascade);
}
