using FluentMigrator.Runner.VersionTableInfo;

namespace Meerkat.Storage.Sql.Schema;

/// <summary>Where FluentMigrator writes down what it has applied.</summary>
internal sealed class SchemaVersionTable : IVersionTableMetaData
{
    public bool OwnsSchema => false;

    public string SchemaName => "";

    public string TableName => "schema_version";

    public string ColumnName => "version";

    public string DescriptionColumnName => "description";

    public string UniqueIndexName => "schema_version_unique";

    public string AppliedOnColumnName => "applied_on";

    public bool CreateWithPrimaryKey => false;
}
