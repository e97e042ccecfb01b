namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>What came over a connection is not the protocol: the connection is of no use any more.</summary>
internal sealed class CqlProtocolException : IOException
{
    public CqlProtocolException()
    {
    }

    public CqlProtocolException(string message)
        : base(message)
    {
    }

    public CqlProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
