namespace Meerkat.Core.Storage;

/// <summary>A store could not take an operation in the time that it is allowed to wait: its queue is full or all of its connections are busy. Nothing was done.</summary>
/// <remarks>A caller that answers a stanza maps it to <c>resource-constraint</c> (type wait): the peer may try again.</remarks>
public sealed class StorageBusyException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public StorageBusyException()
    {
    }

    /// <summary>With a text for the log.</summary>
    public StorageBusyException(string message)
        : base(message)
    {
    }

    /// <summary>With a text for the log and what led to it.</summary>
    public StorageBusyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
