using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Meerkat.Admin.Tests.GraphQL;
using Xunit;

namespace Meerkat.Admin.Tests.Http;

/// <summary>Subscriptions by server-sent events, on a real listener (GQL-SSE-01 to GQL-SSE-06).</summary>
public sealed class SubscriptionTests
{
    private const string Ann = "ann@one.test:secret";
    private const string Own = "subscription { stanza { subscribeForMessages { stanza_id sender stanza } } }";

    [Fact]
    public async Task Messages_come_as_events_and_the_session_ends_with_the_request()
    {
        await using var endpoint = await StartAsync();
        using var response = await OpenAsync(endpoint, "user", Own, Ann);
        Assert.Equal(("text/event-stream", "no-cache"), (response.Content.Headers.ContentType!.MediaType, response.Headers.CacheControl!.ToString()));
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var session = (await SessionsAsync(endpoint)).Single();
        Assert.StartsWith("ann@one.test/sse-", session.GetProperty("user").GetString());
        Assert.Equal((JsonValueKind.Null, 1), (session.GetProperty("connection").ValueKind, session.GetProperty("priority").GetInt32()));

        await using var bob = await endpoint.Api.Server.ConnectAsync("bob", "desk", "one.test");
        await bob.SendAsync("<message to='ann@one.test' type='chat' id='m1'><body>one</body></message>");
        await bob.SendAsync("<iq to='" + session.GetProperty("user").GetString() + "' type='get' id='q1'><query xmlns='jabber:iq:version'/></iq>");
        await bob.ExpectAsync("<iq type='error' id='q1'/>"); // RFC 6120 §8.2.3
        await bob.SendAsync("<message to='ann@one.test' type='normal'><body>two</body></message>");
        Assert.Equal("id: 1", await LineAsync(events));
        var shown = JsonDocument.Parse((await LineAsync(events))["data: ".Length..]).RootElement.GetProperty("data").GetProperty("stanza").GetProperty("subscribeForMessages");
        Assert.Equal(("m1", "bob@one.test/desk"), (shown.GetProperty("stanza_id").GetString(), shown.GetProperty("sender").GetString()));
        Assert.Contains("<body>one</body>", shown.GetProperty("stanza").GetString());
        Assert.Equal(["", "id: 2"], [await LineAsync(events), await LineAsync(events)]);
        Assert.Contains("\"stanza_id\":\"\"", await LineAsync(events));
        response.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await SessionsAsync(endpoint)).Any(found => found.GetProperty("user").GetString()!.Contains("/sse-", StringComparison.Ordinal)))
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    // GQA-STANZA-05
    [Fact]
    public async Task The_administrator_listens_in_the_name_of_an_account()
    {
        await using var endpoint = await StartAsync();
        const string Query = "subscription($who: JID!) { s: stanza { m: subscribeForMessages(caller: $who) { sender } } }";
        using var response = await OpenAsync(endpoint, "open", $"{Query}&variables={{\"who\":\"ann@one.test\"}}", null);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await using var bob = await endpoint.Api.Server.ConnectAsync("bob", "desk", "one.test");
        await bob.SendAsync("<message to='ann@one.test'><body>one</body></message>");
        Assert.Equal(["id: 1", "data: {\"data\":{\"s\":{\"m\":{\"sender\":\"bob@one.test/desk\"}}}}"], [await LineAsync(events), await LineAsync(events)]);
    }

    // GQL-SSE-02
    [Theory]
    [InlineData("user", Own, null, 401, "no_permissions")]
    [InlineData("user", Own, "ann@one.test:wrong", 401, "wrong_credentials")]
    [InlineData("user", "{ checkAuth { authStatus } }", Ann, 400, "unsupported_operation")]
    [InlineData("user", "subscription { stanza { nothing } }", Ann, 400, "unknown_field")]
    [InlineData("user", "subscription { stanza { __typename } }", Ann, 200, "unsupported_operation")]
    [InlineData("open", "subscription { stanza { subscribeForMessages(caller: \"nobody@one.test\") { sender } } }", null, 200, "unknown_user")]
    [InlineData("some", "subscription { stanza { subscribeForMessages(caller: \"ann@one.test\") { sender } } }", null, 200, "category_disabled")]
    public async Task What_cannot_be_listened_to_is_answered_without_a_stream(string path, string query, string? credentials, int status, string code)
    {
        await using var endpoint = await StartAsync();
        using var response = await OpenAsync(endpoint, path, query, credentials);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal((status, "application/json", code), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType, body.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString()));
        Assert.Empty(await SessionsAsync(endpoint));
    }

    // GQL-SSE-01; step 8 of the pipeline
    [Fact]
    public async Task Events_are_asked_for_by_get_and_nowhere_else()
    {
        await using var endpoint = await StartAsync();
        Assert.Equal(System.Net.HttpStatusCode.MethodNotAllowed, (await endpoint.PostAsync("user/sse", Own, Ann)).Status);
        var (status, body) = await endpoint.PostAsync("user", Own, Ann);
        Assert.Equal((System.Net.HttpStatusCode.BadRequest, "unsupported_operation"), (status, body.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString()));
    }

    private static async Task<EndpointFixture> StartAsync()
    {
        var endpoint = await EndpointFixture.StartAsync();
        await endpoint.Api.Server.Accounts.AddAsync("ann@one.test", "secret");
        return endpoint;
    }

    private static async Task<HttpResponseMessage> OpenAsync(EndpointFixture endpoint, string path, string query, string? credentials)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.Address, $"{path}/sse?query={query}"));
        if (credentials is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        return await endpoint.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static async Task<List<JsonElement>> SessionsAsync(EndpointFixture endpoint)
    {
        var (_, body) = await endpoint.Api.AskAsync("{ session { listSessions { user connection priority } } }", ApiFixture.Admin);
        return [.. body.GetProperty("data").GetProperty("session").GetProperty("listSessions").EnumerateArray()];
    }

    private static async Task<string> LineAsync(StreamReader reader) => (await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken))!;
}
