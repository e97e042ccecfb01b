using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Meerkat.Admin.Http;

/// <summary>Reads JSON that somebody else wrote.</summary>
internal static class JsonText
{
    /// <summary>Reads a document all of whose texts are text: <see cref="JsonDocument"/> alone finds half a surrogate pair, or what is no UTF-8, only when that text is asked for.</summary>
    /// <param name="json">The document.</param>
    /// <param name="depth">How deep it may be nested.</param>
    /// <param name="root">What stands in it.</param>
    public static bool TryRead(ReadOnlyMemory<byte> json, int depth, [NotNullWhen(true)] out JsonElement? root)
    {
        root = null;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = depth });
            if (!Utf8.IsValid(json.Span) || ((json.Span.IndexOf("\\ud"u8) >= 0 || json.Span.IndexOf("\\uD"u8) >= 0) && !IsText(document.RootElement)))
            {
                return false;
            }

            root = document.RootElement.Clone();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsText(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString() is not null,
                JsonValueKind.Array => element.EnumerateArray().All(IsText),
                JsonValueKind.Object => element.EnumerateObject().All(member => member.Name is not null && IsText(member.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
