namespace Meerkat.Core.Configuration;

/// <summary>Which of the reference's internal databases are switched on: the <c>[internal_databases]</c> section (CONF-120 to CONF-126).</summary>
/// <remarks>Both names mean this server's own memory and embedded store, and in a cluster its memory. What remains of them is the rule that an option may not name one that is switched off.</remarks>
public sealed record InternalDatabasesOptions
{
    /// <summary>The section was left out: only <c>mnesia</c> (CONF-120).</summary>
    public static InternalDatabasesOptions Absent { get; } = new() { Mnesia = new MnesiaOptions() };

    /// <summary><c>mnesia</c>: null when it is switched off.</summary>
    public MnesiaOptions? Mnesia { get; init; }

    /// <summary><c>cets</c>: null when it is switched off.</summary>
    public CetsOptions? Cets { get; init; }

    /// <summary>Whether the database that a backend names is switched on. Any other backend needs none.</summary>
    public bool Allows(string backend) => backend switch
    {
        "mnesia" => Mnesia is not null,
        "cets" => Cets is not null,
        _ => true,
    };
}

/// <summary><c>[internal_databases.mnesia]</c>: takes no keys (CONF-124).</summary>
public sealed record MnesiaOptions;

/// <summary><c>[internal_databases.cets]</c>: its keys are about how its nodes find each other, which <c>[cluster]</c> says here.</summary>
public sealed record CetsOptions;
