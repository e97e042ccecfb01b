namespace Meerkat.Storage.Sql.Servers;

/// <summary>A database server does not let this program in as it is configured: the message says where, what is wrong and what would be right, and has no secret in it. Ends a start at once, as waiting does not help.</summary>
public sealed class AccessRefusedException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public AccessRefusedException()
    {
    }

    /// <summary>With what an operator should read.</summary>
    public AccessRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>With what an operator should read, and what the driver said.</summary>
    public AccessRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
