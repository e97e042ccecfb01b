using FluentMigrator;

namespace Meerkat.Storage.Sql.Schema;

/// <summary>Names a migration: its number is the date and a running number of that day, <c>2026_1122_0010</c>, so that they run in the order in which they were written.</summary>
/// <param name="version">The number. Never changed once released.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SchemaMigrationAttribute(long version) : MigrationAttribute(version)
{
    /// <summary>
    /// The newest migration that a program must know so that it may still run on the schema after this one. Zero: this one adds, and disturbs nobody. Only a migration
    /// that takes something away says more, so that servers of the version before go on running while an upgrade rolls through a cluster.
    /// </summary>
    public long OldestCompatible { get; init; }
}
