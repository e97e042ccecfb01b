namespace Meerkat.Cluster.Orleans;

/// <summary>How <c>failure_time</c> is used up: the others notice that a node does not answer, and then wait until its lease has run out.</summary>
/// <param name="FailureTime">The whole.</param>
internal sealed record ClusterTimes(TimeSpan FailureTime)
{
    /// <summary>Probes that must have failed before somebody votes against a node.</summary>
    public const int MissedProbes = 2;

    /// <summary>Between two probes, and how long one may take. A node that dies behind a probe is found out after three of these.</summary>
    public TimeSpan Probe => FailureTime / 5;

    /// <summary>How long a node goes by what it has read.</summary>
    public TimeSpan Lease => FailureTime / 4;

    /// <summary>How long the others wait: a little more than a lease, for the time between a look at the clock and what is done by it.</summary>
    public TimeSpan Hold => FailureTime * 0.3;

    /// <summary>Between two signs of life in the table: what has given none for three of these keeps nobody from joining.</summary>
    public TimeSpan Alive => FailureTime / 2;

    /// <summary>How long another node may take for an answer or for a handshake.</summary>
    public TimeSpan Answer => FailureTime / 2;
}
