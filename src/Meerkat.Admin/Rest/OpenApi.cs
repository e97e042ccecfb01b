using System.Text.Json;
using System.Text.RegularExpressions;
using Meerkat.Core;

namespace Meerkat.Admin.Rest;

/// <summary>The description of a REST interface for programs: OpenAPI 2.0, as the reference has it.</summary>
internal static partial class OpenApi
{
    /// <summary>Describes what a handler serves.</summary>
    /// <param name="table">Its operations.</param>
    /// <param name="title">What the interface is for.</param>
    /// <param name="path">The handler's path.</param>
    public static RestAnswer Describe(RestTable table, string title, string path)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("swagger", "2.0");
            json.WriteStartObject("info");
            json.WriteString("title", $"{Product.Name}: {title}");
            json.WriteString("version", Product.Version);
            json.WriteEndObject();
            json.WriteString("basePath", path.Length == 0 ? "/" : path);
            json.WriteStartArray("consumes");
            json.WriteStringValue("application/json");
            json.WriteEndArray();
            json.WriteStartArray("produces");
            json.WriteStringValue("application/json");
            json.WriteEndArray();
            json.WriteStartObject("securityDefinitions");
            json.WriteStartObject("basic");
            json.WriteString("type", "basic");
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("paths");
            foreach (var one in table.Operations.Where(operation => !operation.IsHidden).GroupBy(operation => operation.Path, StringComparer.Ordinal))
            {
                json.WriteStartObject(one.Key);
                foreach (var operation in one)
                {
                    Write(json, operation);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new RestAnswer(200, "application/json", buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, RestOperation operation)
    {
        json.WriteStartObject(operation.Method.ToLowerInvariant());
        json.WriteStartArray("tags");
        json.WriteStringValue(operation.Part.ToString());
        json.WriteEndArray();
        json.WriteString("summary", operation.Summary);
        if (operation.Produces != "application/json")
        {
            json.WriteStartArray("produces");
            json.WriteStringValue(operation.Produces);
            json.WriteEndArray();
        }

        json.WriteStartArray("parameters");
        foreach (Match segment in Segment().Matches(operation.Path))
        {
            Write(json, "path", new RestField(segment.Groups[1].Value, "string", ""));
        }

        foreach (var field in operation.Query ?? [])
        {
            Write(json, "query", field);
        }

        if (operation.Body is { } body)
        {
            WriteBody(json, body);
        }

        json.WriteEndArray();
        json.WriteStartObject("responses");
        WriteResponse(json, operation.Success, "done");
        if (operation.Later is { } later)
        {
            WriteResponse(json, later, "it will be done");
        }

        foreach (var status in operation.Refusals.Append(401).Concat(operation.Body is null ? [] : [413, 415]).Order())
        {
            WriteResponse(json, status, status switch
            {
                400 => "something is missing or makes no sense",
                401 => "name or password is wrong",
                403 => "refused",
                404 => "not there",
                413 => "the body is too large",
                415 => "the body is no application/json",
                _ => "refused",
            });
        }

        json.WriteEndObject();
        json.WriteStartArray("security");
        json.WriteStartObject();
        json.WriteStartArray("basic");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string place, RestField field)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteString("in", place);
        json.WriteBoolean("required", field.IsRequired);
        json.WriteString("type", field.Type);
        json.WriteString("description", field.Description);
        json.WriteEndObject();
    }

    private static void WriteBody(Utf8JsonWriter json, IReadOnlyList<RestField> fields)
    {
        json.WriteStartObject();
        json.WriteString("name", "body");
        json.WriteString("in", "body");
        json.WriteBoolean("required", true);
        json.WriteStartObject("schema");
        json.WriteString("type", "object");
        if (fields.Any(field => field.IsRequired))
        {
            json.WriteStartArray("required");
            foreach (var field in fields.Where(field => field.IsRequired))
            {
                json.WriteStringValue(field.Name);
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("properties");
        foreach (var field in fields)
        {
            json.WriteStartObject(field.Name);
            json.WriteString("type", field.Type);
            if (field.Type == "array")
            {
                json.WriteStartObject("items");
                json.WriteString("type", "string");
                json.WriteEndObject();
            }

            json.WriteString("description", field.Description);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResponse(Utf8JsonWriter json, int status, string description)
    {
        json.WriteStartObject(status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.WriteString("description", description);
        json.WriteEndObject();
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Segment();
}
