using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Meerkat.Admin.Http;
using Meerkat.Admin.Tests.GraphQL;
using Meerkat.Connections.Http;

namespace Meerkat.Admin.Tests.Http;

/// <summary>The GraphQL endpoints on a real listener: <c>/admin</c> with a password, <c>/open</c> without, <c>/some</c> with one category and without introspection, <c>/user</c>.</summary>
internal sealed class EndpointFixture : IAsyncDisposable
{
    private readonly HttpServer _server;

    private EndpointFixture(ApiFixture api, HttpServer server)
    {
        Api = api;
        _server = server;
    }

    public ApiFixture Api { get; }

    public HttpClient Http { get; } = new();

    public Uri Address => new($"http://127.0.0.1:{_server.Addresses[0].Port}/");

    public static async Task<EndpointFixture> StartAsync(bool privateStorage = false, bool everything = false)
    {
        var api = await ApiFixture.StartAsync(privateStorage, everything);
        GraphQLHandlerOptions Handler(string path) => new() { Host = "_", Path = path, SchemaEndpoint = GraphQLSchemaEndpoint.Admin };
        var listener = new HttpListenerOptions
        {
            Port = 0,
            IpAddress = IPAddress.Loopback,
            Handlers = new HttpHandlersOptions
            {
                GraphQL =
                [
                    Handler("/admin") with { Username = "boss", Password = "geheim:ü" },
                    Handler("/open"),
                    Handler("/token") with { Tokens = [new ApiTokenOptions { Name = "robot", Sha256 = ApiTokenOptions.Hash("beep") }, new ApiTokenOptions { Name = "guest", Sha256 = ApiTokenOptions.Hash("tick"), Expires = api.Server.Time.GetUtcNow().AddDays(1) }] },
                    Handler("/some") with { AllowedCategories = [GraphQLCategory.Account], Introspection = false },
                    Handler("/domain") with { SchemaEndpoint = GraphQLSchemaEndpoint.DomainAdmin },
                    Handler("/user") with { SchemaEndpoint = GraphQLSchemaEndpoint.User },
                ],
            },
        };
        var handlers = new Dictionary<Type, HttpHandler> { [typeof(GraphQLHandlerOptions)] = new GraphQLEndpoint(api.Api).ServeAsync };
        var server = new HttpServer([listener], handlers, _ => throw new InvalidOperationException(), null, api.Server.Log);
        await server.StartAsync(CancellationToken.None);
        return new EndpointFixture(api, server);
    }

    /// <summary>Posts a document.</summary>
    public Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string query, string? credentials = null, string? variables = null) =>
        SendAsync(HttpMethod.Post, path, credentials, new StringContent(JsonSerializer.Serialize(new { query, variables }), Encoding.UTF8, "application/json"));

    /// <summary>Sends a request whose answer is JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? credentials, HttpContent? content, Action<HttpRequestHeaders>? with = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path)) { Content = content };
        if (credentials is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        with?.Invoke(request.Headers);
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length > 0 && response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonDocument.Parse(text).RootElement : default);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        await Api.DisposeAsync();
    }
}
