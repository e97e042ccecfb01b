namespace Meerkat.Storage.Cassandra;

/// <summary>A Cassandra cluster as the stores see it: the seam where another driver can take the place of ours (<see cref="Connections.CassandraPool"/>).</summary>
/// <remarks>
/// <para>Safe for concurrent use. Statements are prepared by whoever implements this, by their text; so texts are few, and values are never written into them.</para>
/// <para>Every statement must be one that may run twice with the same outcome: it is run again when an answer was lost. All of one call have one time stamp, which is given by this side and rises
/// from call to call, so that a later write of this process wins over an earlier one whatever the clocks of the servers say.</para>
/// </remarks>
public interface ICqlSession : IAsyncDisposable
{
    /// <summary>The cluster, for people.</summary>
    string Name { get; }

    /// <summary>The keyspace, quoted as CQL wants it, for the texts of statements.</summary>
    string Keyspace { get; }

    /// <summary>Runs a statement.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="ct">Gives up; a write that is under way may have taken place.</param>
    /// <returns>The first page of what it selects, or the one that its paging state names; an empty one for a statement that selects nothing.</returns>
    /// <exception cref="Core.Storage.StorageBusyException">The cluster is overloaded, or too many requests wait; nothing was done.</exception>
    /// <exception cref="Core.Storage.StorageUnavailableException">No server can be reached, or too few replicas are alive.</exception>
    /// <exception cref="TimeoutException">There was no answer in time, or the server had none from its replicas; a write may have taken place.</exception>
    /// <exception cref="CqlException">The cluster refuses the statement.</exception>
    ValueTask<CqlPage> ExecuteAsync(CqlStatement statement, CancellationToken ct);

    /// <summary>Runs statements that write: when some of them take place, all will (a logged batch).</summary>
    /// <param name="statements">Insertions, updates and deletions, of at most some ten kilobytes: servers refuse larger batches.</param>
    /// <param name="ct">As for <see cref="ExecuteAsync"/>.</param>
    /// <exception cref="Core.Storage.StorageBusyException">As for <see cref="ExecuteAsync"/>, and so are the others.</exception>
    ValueTask BatchAsync(IReadOnlyList<CqlStatement> statements, CancellationToken ct);
}
