using System.Text;
using System.Text.Json;
using Meerkat.Admin.Http;

namespace Meerkat.Admin.GraphQL;

/// <summary>What a client asks (GQL-HTTP-03).</summary>
/// <param name="Query">The document.</param>
/// <param name="Variables">An object; null for none.</param>
/// <param name="OperationName">Which operation of the document; null where it has one.</param>
public sealed record ApiRequest(string Query, JsonElement? Variables, string? OperationName)
{
    /// <summary>Reads the body of a POST.</summary>
    /// <param name="body">JSON in UTF-8.</param>
    /// <param name="request">The request.</param>
    /// <returns>Null, or the answer that says what is wrong.</returns>
    public static ApiAnswer? Read(ReadOnlyMemory<byte> body, out ApiRequest? request)
    {
        request = null;
        if (!JsonText.TryRead(body, ApiLimits.MaxParserDepth, out var read))
        {
            return ApiAnswer.Refusal(400, "invalid_json_body", "The body is not JSON");
        }

        var root = read.Value;
        if (root.ValueKind is not JsonValueKind.Object)
        {
            return ApiAnswer.Refusal(400, "invalid_json_body", "The body is not a JSON object"); // GQL-HTTP-06
        }

        if (!root.TryGetProperty("query", out var query) || query.ValueKind is not JsonValueKind.String)
        {
            return NoQuery();
        }

        var operation = root.TryGetProperty("operationName", out var name) && name.ValueKind is JsonValueKind.String ? name.GetString() : null;
        var variables = root.TryGetProperty("variables", out var given) ? given : default(JsonElement?);
        if (variables is { ValueKind: JsonValueKind.String } text)
        {
            return Read(query.GetString()!, text.GetString(), operation, out request);
        }

        if (variables is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            return ApiAnswer.Refusal(400, "variables_invalid_json", "The variables are not an object");
        }

        request = new ApiRequest(query.GetString()!, variables is { ValueKind: JsonValueKind.Object } ? variables : null, Normal(operation));
        return null;
    }

    /// <summary>Makes a request of the parts of a query string, or of a body whose variables are a string.</summary>
    /// <returns>Null, or the answer that says what is wrong.</returns>
    public static ApiAnswer? Read(string? query, string? variables, string? operation, out ApiRequest? request)
    {
        request = null;
        if (query is null)
        {
            return NoQuery();
        }

        JsonElement? parsed = null;
        if (!string.IsNullOrEmpty(variables))
        {
            if (!JsonText.TryRead(Encoding.UTF8.GetBytes(variables), ApiLimits.MaxParserDepth, out parsed))
            {
                return ApiAnswer.Refusal(400, "variables_invalid_json", "The variables are not JSON");
            }

            if (parsed is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
            {
                return ApiAnswer.Refusal(400, "variables_invalid_json", "The variables are not an object");
            }

            parsed = parsed is { ValueKind: JsonValueKind.Object } ? parsed : null;
        }

        request = new ApiRequest(query, parsed, Normal(operation));
        return null;
    }

    private static ApiAnswer NoQuery() => ApiAnswer.Refusal(400, "no_query_supplied", "There is no query");

    // GQL-HTTP-10: an empty name is none, before anything is checked.
    private static string? Normal(string? operation) => string.IsNullOrEmpty(operation) ? null : operation;
}
