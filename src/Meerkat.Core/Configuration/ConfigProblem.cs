namespace Meerkat.Core.Configuration;

/// <summary>What is wrong, or worth knowing, about one key.</summary>
public enum ConfigProblemKind
{
    /// <summary>The file is wrong here. The server does not start.</summary>
    Error,

    /// <summary>A capability of the reference that this server does not have. The server does not start, unless it was told to go on without.</summary>
    Missing,

    /// <summary>A key that changes nothing here, because it tunes the reference's own virtual machine or because what it chooses is fixed: accepted, checked, without effect. The message is its reason.</summary>
    NoEffect,
}

/// <summary>One finding about the configuration: where, which key, what is allowed there.</summary>
/// <param name="Kind">How bad it is.</param>
/// <param name="Position">File, line and column.</param>
/// <param name="Key">The key's dotted path as it stands in the file; empty when the whole file is meant.</param>
/// <param name="Message">What is wrong and what is allowed, for a person.</param>
/// <param name="Reason">The reference's short name of the mistake (CONF-018, CONF-022 to CONF-034), for programs: <c>duplicate_listeners</c>.</param>
public sealed record ConfigProblem(ConfigProblemKind Kind, ConfigPosition Position, string Key, string Message, string Reason)
{
    /// <summary>The value that stands there, as text; null where none does, where it is a table or a list, or where it might be a secret.</summary>
    public string? Value { get; init; }

    /// <summary><c>file:line:column: key: message</c>.</summary>
    public override string ToString()
    {
        var where = Position.ToString();
        return (where.Length == 0 ? "" : where + ": ") + (Key.Length == 0 ? "" : Key + ": ") + Message;
    }
}
