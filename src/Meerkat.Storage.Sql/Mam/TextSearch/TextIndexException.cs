namespace Meerkat.Storage.Sql.Mam.TextSearch;

/// <summary>There can be no index over texts as things are: the message says why and what an operator would have to do.</summary>
public sealed class TextIndexException : Exception
{
    /// <summary>With a text that says nothing.</summary>
    public TextIndexException()
    {
    }

    /// <summary>With what an operator should read.</summary>
    public TextIndexException(string message)
        : base(message)
    {
    }

    /// <summary>With what an operator should read, and what led to it.</summary>
    public TextIndexException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
