namespace Meerkat.Storage.Sql.Schema;

/// <summary>The server may not run on this database as it is: the message says why and what to do. Stops the start.</summary>
public sealed class SchemaException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public SchemaException()
    {
    }

    /// <summary>With what an operator should read.</summary>
    public SchemaException(string message)
        : base(message)
    {
    }

    /// <summary>With what an operator should read, and what led to it.</summary>
    public SchemaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
