using System.Net;

namespace Meerkat.Core.Http;

/// <summary>One HTTP request and its answer, as a module sees them: nothing of the web server that carries them.</summary>
/// <remarks>Belongs to the one call of an <see cref="HttpEndpointHandler"/>. Status and headers have to be set before the first byte of the body is written.</remarks>
public abstract class HttpExchange
{
    /// <summary>The method, in upper case: <c>GET</c>.</summary>
    public abstract string Method { get; }

    /// <summary>The host that the client named, without a port and in lower case; empty when it named none.</summary>
    public abstract string Host { get; }

    /// <summary>The path below the endpoint's own, decoded once: empty or beginning with a slash. Never trusted: it may hold anything but a zero byte.</summary>
    public abstract string Path { get; }

    /// <summary>Whether the client reached us by HTTPS.</summary>
    public abstract bool IsEncrypted { get; }

    /// <summary>Address of the peer; null where it has none.</summary>
    public abstract IPAddress? Remote { get; }

    /// <summary>Length that the client announced for the body; null when it announced none.</summary>
    public abstract long? ContentLength { get; }

    /// <summary>The request's body.</summary>
    public abstract Stream Body { get; }

    /// <summary>Status of the answer; 200 unless it is set.</summary>
    public abstract int Status { get; set; }

    /// <summary>The answer's body.</summary>
    public abstract Stream Output { get; }

    /// <summary>A header of the request; null when it is absent.</summary>
    public abstract string? Header(string name);

    /// <summary>A parameter of the query, decoded; null when it is absent. Of several the first.</summary>
    public abstract string? Query(string name);

    /// <summary>Sets a header of the answer.</summary>
    public abstract void SetHeader(string name, string value);

    /// <summary>Takes bodies up to this many bytes, where the listener's own limit is lower. Before the body is read.</summary>
    public abstract void AllowBody(long bytes);

    /// <summary>Answers with a status and no body.</summary>
    public ValueTask AnswerAsync(int status)
    {
        Status = status;
        SetHeader("Content-Length", "0");
        return ValueTask.CompletedTask;
    }

    /// <summary>Answers with a whole body.</summary>
    /// <param name="status">The status.</param>
    /// <param name="contentType">Its type.</param>
    /// <param name="body">The body; not sent where the client asked by <c>HEAD</c>.</param>
    /// <param name="ct">Cancels.</param>
    public async ValueTask AnswerAsync(int status, string contentType, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        Status = status;
        SetHeader("Content-Type", contentType);
        SetHeader("Content-Length", body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (Method != "HEAD")
        {
            await Output.WriteAsync(body, ct);
        }
    }
}
