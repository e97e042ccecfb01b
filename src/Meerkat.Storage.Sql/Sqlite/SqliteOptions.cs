namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>An SQLite database of this server.</summary>
public sealed record SqliteOptions
{
    /// <summary>The file. It and its folder are made when absent, readable for the server's user alone. Its companions <c>-wal</c>, <c>-shm</c> and <c>.lock</c> lie beside it.</summary>
    public required string Path { get; init; }

    /// <summary>How many queries may run at once, each on a connection of its own.</summary>
    public int Readers { get; init; } = Math.Max(4, Environment.ProcessorCount);

    /// <summary>How many writes may wait. Who finds the queue full waits outside it, for <see cref="Patience"/>.</summary>
    public int QueueLength { get; init; } = 8192;

    /// <summary>How many writes share one commit at most.</summary>
    public int GroupSize { get; init; } = 512;

    /// <summary>How long to wait for room in the queue, or for a reader, before <see cref="Meerkat.Core.Storage.StorageBusyException"/>.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait for another process that writes to the file (a command on a running server).</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
