using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Meerkat.Admin.Rest;

/// <summary>What an operation answers.</summary>
/// <param name="Status">The status of HTTP.</param>
/// <param name="ContentType">The type of the body; null without one.</param>
/// <param name="Body">The body; empty without one.</param>
internal sealed record RestAnswer(int Status, string? ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>Done, and there is nothing to say.</summary>
    public static readonly RestAnswer Done = new(204, null, default);

    /// <summary>It will be done, later.</summary>
    public static readonly RestAnswer Accepted = new(202, null, default);

    /// <summary>Nothing is here.</summary>
    public static readonly RestAnswer NotFound = new(404, null, default);

    /// <summary>The type of what is made: its name, as text.</summary>
    public const string PlainText = "text/plain";

    private const string JsonType = "application/json";

    // What users say stays readable: the type says that it is no HTML.
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is behind the address of the request, with a slash between, in <c>Location</c>; null for no such header.</summary>
    public string? Below { get; init; }

    /// <summary>Writes the body as it comes: a stream of events. Null for an answer that is there as a whole.</summary>
    public Func<Microsoft.AspNetCore.Http.HttpContext, Task>? WriteAsync { get; init; }

    /// <summary>A value as JSON.</summary>
    public static RestAnswer Json(object? value, int status = 200) => new(status, JsonType, JsonSerializer.SerializeToUtf8Bytes(value, s_json));

    /// <summary>Something was made.</summary>
    /// <param name="below">What it is called, below the address of the request.</param>
    /// <param name="text">The body.</param>
    public static RestAnswer Created(string below, string text) => new(201, $"{PlainText}; charset=utf-8", Encoding.UTF8.GetBytes(text)) { Below = below };

    /// <summary>A value as JSON, for what writes more than one.</summary>
    public static string ToJson(object value) => JsonSerializer.Serialize(value, s_json);
}

/// <summary>A request that is refused (RST-GEN-06): the reason goes to the client, as a string of JSON.</summary>
/// <param name="status">400, 403, 404 or 409.</param>
/// <param name="reason">Why, for people.</param>
internal sealed class RestException(int status, string reason) : Exception(reason)
{
    /// <summary>The status of HTTP.</summary>
    public int Status => status;

    /// <summary>The answer to it.</summary>
    public RestAnswer ToAnswer() => RestAnswer.Json(Message, status);
}
