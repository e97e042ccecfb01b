namespace Meerkat.Core.Cluster;

/// <summary>How sessions of a cluster are kept. Not in the configuration: the first follows from <see cref="ClusterOptions.FailureTime"/>; the others weigh a few kilobytes or milliseconds against each other, and nothing breaks by them.</summary>
public sealed record ClusterSessionOptions
{
    /// <summary>How long a bind waits for nodes that hold a copy of the account and do not answer, before it is refused. They leave the cluster meanwhile, or come back. Default 10 s.</summary>
    public TimeSpan BindPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a change of presence or state, and the end of a session, wait for such nodes, which learn of it later then. Default 2 s.</summary>
    public TimeSpan ChangePatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often what nobody asked for since the last time is forgotten of accounts that have no session here. Default 10 minutes.</summary>
    public TimeSpan Forget { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many sessions of a node that is gone are taken from the authority at once. Default 200.</summary>
    public int LostAtOnce { get; init; } = 200;
}
