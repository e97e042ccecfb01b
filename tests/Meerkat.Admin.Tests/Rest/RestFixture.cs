using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Meerkat.Admin.Rest;
using Meerkat.Admin.Tests.GraphQL;
using Meerkat.Connections.Http;

namespace Meerkat.Admin.Tests.Rest;

/// <summary>Both REST interfaces on a real listener: <c>/admin</c> with a password, <c>/open</c> without, <c>/some</c> with one part, <c>/api</c> for users.</summary>
internal sealed class RestFixture : IAsyncDisposable
{
    public const string Boss = "boss:geheim";

    private readonly HttpServer _server;

    private RestFixture(ApiFixture api, HttpServer server)
    {
        Api = api;
        _server = server;
    }

    public ApiFixture Api { get; }

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public Uri Address => new($"http://127.0.0.1:{_server.Addresses[0].Port}/");

    public static async Task<RestFixture> StartAsync()
    {
        var api = await ApiFixture.StartAsync(everything: true);
        foreach (var name in new[] { "ann", "bob", "cat" })
        {
            await api.Server.Accounts.AddAsync($"{name}@one.test", "secret");
        }

        var listener = new HttpListenerOptions
        {
            Port = 0,
            IpAddress = IPAddress.Loopback,
            Handlers = new HttpHandlersOptions
            {
                AdminApi =
                [
                    new() { Host = "_", Path = "/admin", Username = "boss", Password = "geheim" },
                    new() { Host = "_", Path = "/open" },
                    new() { Host = "_", Path = "/token", Tokens = [new ApiTokenOptions { Name = "robot", Sha256 = ApiTokenOptions.Hash("beep") }, new ApiTokenOptions { Name = "guest", Sha256 = ApiTokenOptions.Hash("tick"), Expires = api.Server.Time.GetUtcNow().AddDays(1) }] },
                    new() { Host = "_", Path = "/some", Handlers = [AdminApiPart.Users] },
                ],
                ClientApi = [new() { Host = "_", Path = "/api" }],
            },
        };
        var rest = new RestEndpoint(api.Api);
        var handlers = new Dictionary<Type, HttpHandler> { [typeof(AdminApiHandlerOptions)] = rest.ServeAdminAsync, [typeof(ClientApiHandlerOptions)] = rest.ServeClientAsync };
        var server = new HttpServer([listener], handlers, _ => throw new InvalidOperationException(), null, api.Server.Log);
        await server.StartAsync(CancellationToken.None);
        return new RestFixture(api, server);
    }

    /// <summary>Sends a request.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? credentials, string? body = null, string? contentType = "application/json", Action<HttpRequestHeaders>? with = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Address, path));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (credentials is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        with?.Invoke(request.Headers);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseContentRead);
    }

    /// <summary>Sends a request; its status and its JSON.</summary>
    public async Task<(int Status, JsonElement Body)> AskAsync(string method, string path, string? credentials, string? body = null)
    {
        using var response = await SendAsync(method, path, credentials, body);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonDocument.Parse(text).RootElement : default);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        await Api.DisposeAsync();
    }
}
