namespace Meerkat.Storage.Cassandra.Schema;

/// <summary>The keyspace and this program do not fit together. The message is for the operator.</summary>
public sealed class CassandraSchemaException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public CassandraSchemaException()
    {
    }

    /// <summary>With a text for the operator.</summary>
    public CassandraSchemaException(string message)
        : base(message)
    {
    }

    /// <summary>With a text for the operator and what led to it.</summary>
    public CassandraSchemaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether a newer program has changed the keyspace too far for this one.</summary>
    public bool IsTooNew { get; init; }
}
