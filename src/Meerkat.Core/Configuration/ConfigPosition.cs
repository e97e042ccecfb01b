namespace Meerkat.Core.Configuration;

/// <summary>Where something stands in a configuration file. Line and column count from 1.</summary>
/// <param name="File">The file's name as the operator gave it.</param>
/// <param name="Line">Line; 0 when the value was made in code.</param>
/// <param name="Column">Column in characters; 0 when the value was made in code.</param>
/// <remarks>An options record with a property of this type is told by <see cref="ConfigBinder"/> where its table begins.</remarks>
public readonly record struct ConfigPosition(string File, int Line, int Column)
{
    /// <summary>A position for values that no file holds.</summary>
    public static ConfigPosition None { get; } = new("", 0, 0);

    /// <summary><c>file:line:column</c>, which editors and terminals make a link of; the file alone when there is no line.</summary>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
