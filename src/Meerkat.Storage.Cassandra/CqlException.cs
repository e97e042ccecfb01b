using System.Data.Common;
using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra;

/// <summary>The cluster refuses a request, and asking again would not help: an error of the native protocol.</summary>
public sealed class CqlException : DbException
{
    /// <summary>With a text that says nothing.</summary>
    public CqlException()
    {
    }

    /// <summary>With a text for the log.</summary>
    public CqlException(string message)
        : base(message)
    {
    }

    /// <summary>With a text for the log and what led to it.</summary>
    public CqlException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal CqlException(CqlError code, string message)
        : base($"{code}: {message}") => Code = code;

    /// <summary>What kind of error.</summary>
    internal CqlError Code { get; }
}
