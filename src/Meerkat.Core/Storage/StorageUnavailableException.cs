namespace Meerkat.Core.Storage;

/// <summary>A database cannot be reached, and did not come back in the time that an operation waits for it; or it was lost while it was committing, so that nobody knows whether the
/// change has happened: the message says which.</summary>
/// <remarks>A caller that answers a stanza answers <c>internal-server-error</c>. What is asked later works again once the database is back: nobody has to do anything.</remarks>
public sealed class StorageUnavailableException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public StorageUnavailableException()
    {
    }

    /// <summary>With a text for the log.</summary>
    public StorageUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>With a text for the log and what led to it.</summary>
    public StorageUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
