namespace Meerkat.Core.Cluster;

/// <summary>The table from which the nodes of a cluster know each other, in a database that all of them reach (architecture §6).</summary>
/// <remarks>
/// <para>The table of a cluster has a version, and so has each row. Who changes a row says which version of the table it goes by, and is refused when that is not the last one: so changes take place one
/// after the other, and each was made in the knowledge of all before it. A sign of life (<see cref="TouchAsync"/>) is no change.</para>
/// <para>Clusters of different names do not see each other. Safe for concurrent use, in several processes too.</para>
/// </remarks>
public interface IMemberStore
{
    /// <summary>The table as it is: rows and version are of one moment. A cluster that nobody has written about has version 0 and no rows.</summary>
    ValueTask<MemberTable> ReadAsync(string cluster, CancellationToken ct);

    /// <summary>Adds a row.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="member">The row; its <see cref="MemberRecord.Revision"/> does not matter.</param>
    /// <param name="version">The version of the table that the caller has seen: the new one is the next.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>False when the table has changed since, or has that address already. Nothing was done then.</returns>
    ValueTask<bool> AddAsync(string cluster, MemberRecord member, long version, CancellationToken ct);

    /// <summary>Writes a row that is there.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="member">The row, with the <see cref="MemberRecord.Revision"/> that the caller has seen.</param>
    /// <param name="version">As with <see cref="AddAsync"/>.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>False when the table or the row has changed since, or there is no such row. Nothing was done then.</returns>
    ValueTask<bool> UpdateAsync(string cluster, MemberRecord member, long version, CancellationToken ct);

    /// <summary>Notes a sign of life. Changes neither version; does nothing when there is no such row.</summary>
    ValueTask TouchAsync(string cluster, string address, DateTimeOffset alive, CancellationToken ct);

    /// <summary>Removes rows of <see cref="MemberRecord.IsDead"/> whose last sign of life is older than that. The version stays.</summary>
    /// <returns>How many there were.</returns>
    ValueTask<int> RemoveDeadAsync(string cluster, DateTimeOffset before, CancellationToken ct);

    /// <summary>Removes the rows of a node that are <see cref="MemberRecord.IsDead"/>. The version stays.</summary>
    /// <returns>How many there were.</returns>
    ValueTask<int> RemoveDeadAsync(string cluster, string node, CancellationToken ct);

    /// <summary>Removes everything of a cluster, the numbers of its nodes too.</summary>
    ValueTask ClearAsync(string cluster, CancellationToken ct);

    /// <summary>The number of a node: 1 to 255, its own in the cluster, and the same whenever it is asked for again (OPS-015).</summary>
    /// <exception cref="InvalidOperationException">All numbers belong to other names.</exception>
    ValueTask<byte> NumberAsync(string cluster, string node, CancellationToken ct);

    /// <summary>Forgets the number of a node: it may become another's.</summary>
    /// <returns>Whether it had one.</returns>
    ValueTask<bool> ForgetAsync(string cluster, string node, CancellationToken ct);
}

/// <summary>The table of a cluster at one moment.</summary>
/// <param name="Version">Rises by one with each change; 0 before the first.</param>
/// <param name="Members">The rows, in no order, the dead among them.</param>
public sealed record MemberTable(long Version, IReadOnlyList<MemberRecord> Members);

/// <summary>One run of a node, as the table has it.</summary>
/// <param name="Address">Where and when it was started: the key, up to 100 bytes.</param>
/// <param name="Node">The node's name, up to 100 bytes.</param>
public sealed record MemberRecord(string Address, string Node)
{
    /// <summary>How it is, in the words of those who keep the table.</summary>
    public string Status { get; init; } = "";

    /// <summary>Whether it has left or was given up: never changed again but to be removed.</summary>
    public bool IsDead { get; init; }

    /// <summary>What else is known of it, in the form of those who keep the table.</summary>
    public string Details { get; init; } = "";

    /// <summary>When it was started, to the millisecond.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>Its last sign of life, to the millisecond.</summary>
    public DateTimeOffset Alive { get; init; }

    /// <summary>The version of the table with which the row was last changed.</summary>
    public long Revision { get; init; }
}
