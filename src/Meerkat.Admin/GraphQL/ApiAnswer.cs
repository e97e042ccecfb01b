using System.Text;
using System.Text.Json;

namespace Meerkat.Admin.GraphQL;

/// <summary>An answer: its HTTP status and its JSON.</summary>
/// <param name="Status">200 for what reached execution; 400, 401 or 500 for what did not (GQL-HTTP-07).</param>
/// <param name="Body">JSON in UTF-8.</param>
public sealed record ApiAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    // What a client wrote comes back in messages: not all of it.
    private const int MaxMessage = 1000;

    /// <summary>An answer of one error and no data.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="code">The error's code.</param>
    /// <param name="message">What is wrong, for people.</param>
    /// <param name="path">Where; null leaves it out.</param>
    public static ApiAnswer Refusal(int status, string code, string message, IReadOnlyList<string>? path = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("errors");
            json.WriteStartObject();
            json.WriteString("message", message.Length > MaxMessage ? string.Concat(message.AsSpan(0, MaxMessage), "…") : message);
            if (path is not null)
            {
                json.WriteStartArray("path");
                foreach (var name in path)
                {
                    json.WriteStringValue(name);
                }

                json.WriteEndArray();
            }

            json.WriteStartObject("extensions");
            json.WriteString("code", code);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new ApiAnswer(status, buffer.ToArray());
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Status} {Encoding.UTF8.GetString(Body.Span)}";
}
