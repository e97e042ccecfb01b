using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Meerkat.Control;

/// <summary>Reads <c>--name value</c> pairs into the variables of an operation (CLI-02, CLI-07).</summary>
internal static class OperationArguments
{
    /// <summary>Reads the pairs; the last of a name counts.</summary>
    /// <returns>The names that were given, and a JSON object of their values.</returns>
    /// <exception cref="CommandLineException">They are no pairs, a name is unknown, a value cannot be read, or a mandatory argument is missing.</exception>
    public static (IReadOnlyCollection<string> Names, string Json) Read(ApiCategory category, ApiOperation operation, IReadOnlyList<string> words)
    {
        void ShowHelp(TextWriter output) => Help.Operation(category, operation, output);
        var command = operation.Field.Name;
        var values = new Dictionary<string, (ApiArgument Argument, string Value)>(StringComparer.Ordinal);
        for (var i = 0; i < words.Count; i += 2)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal) || words[i].Length == 2 || i + 1 == words.Count)
            {
                throw new CommandLineException("Could not parse the command arguments", ShowHelp);
            }

            var name = words[i][2..];
            var argument = operation.Field.Arguments.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new CommandLineException($"Unknown argument '{name}' for command '{command}'", ShowHelp);
            values[name] = (argument, words[i + 1]);
        }

        var missing = operation.Field.Arguments.Where(argument => argument.IsMandatory && !values.ContainsKey(argument.Name)).ToList();
        if (missing.Count > 0)
        {
            throw new CommandLineException($"Missing mandatory arguments for command '{command}': {string.Join(", ", missing.Select(argument => $"'{argument.Name}'"))}", ShowHelp);
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (argument, value) in values.Values)
            {
                json.WritePropertyName(argument.Name);
                if (!TryWrite(json, argument.Type, value))
                {
                    throw new CommandLineException($"Invalid value '{value}' of argument '{argument.Name}' for command '{command}'", ShowHelp);
                }
            }

            json.WriteEndObject();
        }

        return ([.. values.Keys], Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static bool TryWrite(Utf8JsonWriter json, ApiTypeRef type, string value)
    {
        var named = type.Named;
        if (type.IsList || named.Kind == "INPUT_OBJECT")
        {
            try
            {
                using var document = JsonDocument.Parse(value);
                document.RootElement.WriteTo(json);
                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }

        switch (named.Name)
        {
            case "Int" or "PosInt" or "NonNegInt":
                if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                {
                    return false;
                }

                json.WriteNumberValue(number);
                return true;
            case "Boolean":
                if (!bool.TryParse(value, out var truth))
                {
                    return false;
                }

                json.WriteBooleanValue(truth);
                return true;
            default:
                json.WriteStringValue(value);
                return true;
        }
    }
}
