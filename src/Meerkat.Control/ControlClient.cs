using System.Net.Sockets;
using System.Text.Json;

namespace Meerkat.Control;

/// <summary>Talks to a running server over its socket.</summary>
public sealed class ControlClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _socket;
    private bool _isConnected;

    /// <summary>A client for a socket; it connects when something is asked.</summary>
    public ControlClient(string socket)
    {
        _socket = socket;
        var handler = new SocketsHttpHandler { ConnectCallback = (_, ct) => ConnectAsync(ct), UseProxy = false };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://meerkat/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Sends a GraphQL document.</summary>
    /// <param name="query">The document.</param>
    /// <param name="variables">A JSON object; null for none.</param>
    /// <returns>The whole answer.</returns>
    /// <exception cref="UnreachableException">No server answers.</exception>
    public async Task<JsonDocument> ExecuteAsync(string query, string? variables = null)
    {
        using var body = new MemoryStream();
        await using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("query", query);
            if (variables is not null)
            {
                json.WritePropertyName("variables");
                json.WriteRawValue(variables);
            }

            json.WriteEndObject();
        }

        using var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new("application/json");
        return await AskAsync(() => _http.PostAsync(new Uri("graphql", UriKind.Relative), content));
    }

    /// <summary>What process the server is.</summary>
    /// <exception cref="UnreachableException">No server answers.</exception>
    public Task<JsonDocument> StatusAsync() => AskAsync(() => _http.GetAsync(new Uri("status", UriKind.Relative)));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<JsonDocument> AskAsync(Func<Task<HttpResponseMessage>> ask)
    {
        _isConnected = false;
        try
        {
            using var response = await ask();
            return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(), new JsonDocumentOptions { MaxDepth = 200 });
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or IOException)
        {
            if (_isConnected && failure is not JsonException)
            {
                throw new UnreachableException("The server ran out of connections, or is about to stop: it closed this one without an answer. It takes 100 calls at a time; try again.", isBusy: true);
            }

            var cause = failure.GetBaseException();
            // In another user's folder nothing can be seen either.
            var hint = cause is SocketException { SocketErrorCode: SocketError.AccessDenied } ? "Only the user whose server it is may use it."
                : !File.Exists(_socket) ? "There is no such socket: is the server running, and is this its data folder?"
                : "The server that made the socket does not answer.";
            throw new UnreachableException($"No server can be reached at {_socket}: {cause.Message}\n{hint}\nAnother data folder is named with --data or {Settings.DataVariable}; a server is started with ./run.");
        }
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), ct);
            _isConnected = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (ArgumentException tooLong)
        {
            socket.Dispose();
            throw new HttpRequestException(tooLong.Message, tooLong);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
