using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Meerkat.Xml;

namespace Meerkat.Modules.MucLight;

/// <summary>The fields that rooms' configurations have (MUL-021, MUL-030, MUL-060). Immutable.</summary>
internal sealed class ConfigurationSchema
{
    private readonly IReadOnlyList<Field> _fields;
    private readonly Dictionary<string, Field> _byName;

    public ConfigurationSchema(IEnumerable<ConfigFieldOptions> options)
    {
        _fields = [.. options.Select(Field.Of)];
        _byName = _fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        Defaults = MucLightRoom.NoConfiguration.AddRange(_fields.Select(field => KeyValuePair.Create(field.Key, field.Default)));
    }

    /// <summary>What a room has that was created without a word about it.</summary>
    public ImmutableSortedDictionary<string, string> Defaults { get; }

    /// <summary>Reads fields that somebody wants set. A field without text is passed over; of one named twice the last counts.</summary>
    /// <param name="fields">Names on the wire and values.</param>
    /// <param name="changes">Values by internal key.</param>
    /// <param name="refusal">Why not: a field is not in the schema or its value is of another kind.</param>
    public bool TryRead(
        IEnumerable<(string Name, string Value)> fields,
        out ImmutableSortedDictionary<string, string> changes,
        [NotNullWhen(false)] out MucLightResult? refusal)
    {
        changes = MucLightRoom.NoConfiguration;
        refusal = null;
        foreach (var (name, value) in fields)
        {
            if (value.Length == 0 && name != "version")
            {
                continue;
            }

            if (!_byName.TryGetValue(name, out var field))
            {
                refusal = MucLightResult.Invalid($"rooms have no field {name}");
                return false;
            }

            if (field.Convert(value) is not { } converted)
            {
                refusal = MucLightResult.Invalid($"{value} is no value of {name}");
                return false;
            }

            changes = changes.SetItem(field.Key, converted);
        }

        return true;
    }

    /// <summary>The fields as elements, in the order of the schema.</summary>
    /// <param name="to">The element around them.</param>
    /// <param name="values">Values by internal key; fields that are not among them are left out.</param>
    public void Write(XmlBuilder to, ImmutableSortedDictionary<string, string> values)
    {
        foreach (var (name, value) in Show(values))
        {
            to.Element(name, value);
        }
    }

    /// <summary>The fields by their names on the wire, in the order of the schema; what the schema does not have is left out.</summary>
    public IEnumerable<(string Name, string Value)> Show(ImmutableSortedDictionary<string, string> values)
    {
        foreach (var field in _fields)
        {
            if (values.TryGetValue(field.Key, out var value))
            {
                yield return (field.Name, value);
            }
        }
    }

    /// <summary>The name on the wire of an internal key; null when the schema does not have it.</summary>
    public string? NameOf(string key) => _fields.FirstOrDefault(field => field.Key == key)?.Name;

    private sealed record Field(string Name, string Key, string Default, Func<string, string?> Convert)
    {
        public static Field Of(ConfigFieldOptions options) =>
            options.IntegerValue is { } whole ? new(options.Field, options.Key, whole.ToString(CultureInfo.InvariantCulture), Whole)
            : options.FloatValue is { } number ? new(options.Field, options.Key, number.ToString("R", CultureInfo.InvariantCulture), Number)
            : options.BooleanValue is { } boolean ? new(options.Field, options.Key, boolean ? "true" : "false", Boolean)
            : new(options.Field, options.Key, options.StringValue ?? "", text => text);

        private static string? Whole(string text) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value.ToString(CultureInfo.InvariantCulture) : null;

        // As it was written: no digit of it is lost.
        private static string? Number(string text) =>
            double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? text : null;

        private static string? Boolean(string text) => text is "true" or "false" ? text : null; // MUL-061
    }
}
