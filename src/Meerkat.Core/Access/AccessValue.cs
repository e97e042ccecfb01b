using Meerkat.Core.Configuration;

namespace Meerkat.Core.Access;

/// <summary>What an access rule says: <c>allow</c>, <c>deny</c>, a number, or another word (the name of a shaper, <c>default</c>, <c>infinity</c>).</summary>
/// <remarks>The default value is <see cref="Deny"/>.</remarks>
[ConfigConverter(typeof(AccessValueConverter))]
public readonly record struct AccessValue
{
    private readonly string? _word;

    private AccessValue(string? word, long? number)
    {
        _word = word;
        Number = number;
    }

    /// <summary>The value <c>allow</c>.</summary>
    public static AccessValue Allow { get; } = new("allow", null);

    /// <summary>The value <c>deny</c>.</summary>
    public static AccessValue Deny { get; } = new(null, null);

    /// <summary>The number, or null when the value is a word.</summary>
    public long? Number { get; }

    /// <summary>The word, or null when the value is a number.</summary>
    public string? Word => Number is null ? _word ?? "deny" : null;

    /// <summary>Whether the value is <c>allow</c>.</summary>
    public bool IsAllow => _word is "allow";

    /// <summary>Whether the value is <c>deny</c>.</summary>
    public bool IsDeny => Number is null && _word is null;

    /// <summary>A word.</summary>
    public static AccessValue Of(string word) => word == "deny" ? Deny : new(word, null);

    /// <summary>A number.</summary>
    public static AccessValue Of(long number) => new(null, number);

    /// <summary>The value as the file writes it, without quotes.</summary>
    public override string ToString() => Number?.ToString() ?? Word!;
}

/// <summary>Reads <see cref="AccessValue"/> (CONF-011).</summary>
internal sealed class AccessValueConverter : ConfigConverter
{
    /// <inheritdoc/>
    public override string Allowed => "\"allow\", \"deny\", an integer, or the name of a shaper";

    /// <inheritdoc/>
    public override object? Convert(ConfigNode node) => (node as ConfigValue)?.Value switch
    {
        string { Length: > 0 } word => AccessValue.Of(word),
        long number => AccessValue.Of(number),
        _ => null,
    };

    /// <inheritdoc/>
    public override string Write(object value) => value is AccessValue { Number: null } word ? $"\"{word}\"" : $"{value}";
}
