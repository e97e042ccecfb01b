namespace Meerkat.Storage.Sql.Schema;

/// <summary>How a database stands to this program.</summary>
/// <param name="Steps">Every migration that the program knows or the database has, in order.</param>
/// <param name="OldestCompatible">The newest migration that a program must know to run on this database; zero when it is empty.</param>
public sealed record DatabaseStatus(IReadOnlyList<SchemaStep> Steps, long OldestCompatible)
{
    /// <summary>Known and not applied yet.</summary>
    public IEnumerable<SchemaStep> Pending => Steps.Where(s => s is { IsKnown: true, IsApplied: false });

    /// <summary>A newer program has changed the database in a way that this one does not understand: it must not run on it.</summary>
    public bool IsTooNew => OldestCompatible > Steps.Where(s => s.IsKnown).Select(s => s.Version).DefaultIfEmpty().Max();

    /// <summary>Nothing is pending and the database is not too new.</summary>
    public bool IsCurrent => !IsTooNew && !Pending.Any();
}

/// <summary>One migration.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Name">What it brings.</param>
/// <param name="IsKnown">Whether this program has it; false for one of a newer program.</param>
/// <param name="IsApplied">Whether the database has it.</param>
public sealed record SchemaStep(long Version, string Name, bool IsKnown, bool IsApplied);
