using FluentMigrator;
using FluentMigrator.Expressions;

namespace Meerkat.Storage.Sql.Schema;

/// <summary>Where a database cannot undo changes of its schema, whether a step of a migration has taken place already.</summary>
internal static class SchemaSteps
{
    public static bool IsDone(IMigrationExpression step, IQuerySchema schema) => step switch
    {
        CreateTableExpression table => schema.TableExists(table.SchemaName, table.TableName),
        CreateColumnExpression column => schema.ColumnExists(column.SchemaName, column.TableName, column.Column.Name),
        CreateIndexExpression index => schema.IndexExists(index.Index.SchemaName, index.Index.TableName, index.Index.Name),
        CreateForeignKeyExpression key => schema.ConstraintExists(key.ForeignKey.ForeignTableSchema, key.ForeignKey.ForeignTable, key.ForeignKey.Name),
        _ => false, // data: a migration that adds rows says in SQL that it does so once
    };
}
