using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Meerkat.Admin.Tests.GraphQL;
using Xunit;

namespace Meerkat.Admin.Tests.Http;

/// <summary>Subscriptions by server-sent events, on a real listener (GQL-SSE-01 to GQL-SSE-07).</summary>
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

    // GQA-STANZA-06, GQL-SSE-07: both directions, tags of the stream too; after so many elements the next one ends the stream. What is secret is not shown.
    [Fact]
    public async Task The_administrator_watches_the_traffic_of_clients()
    {
        await using var endpoint = await StartAsync(everything: true);
        const string Query = "subscription($n: Int) { stanza { subscribeForTraffic(limit: $n) { pid jid dir timestamp stanza } } }";
        using var response = await OpenAsync(endpoint, "open", $"{Query}&variables={{\"n\":40}}", null);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        await using var ann = await endpoint.Api.Server.ConnectAsync("ann", "desk", "one.test");
        await ann.SendAsync("<iq type='set' id='r1'><query xmlns='jabber:iq:register'><username>ann</username><password>geheim</password></query></iq>");
        await ann.ExpectAsync("<iq id='r1'/>");
        await ann.SendAsync("<message to='ann@one.test/desk' id='m1'><body>to myself</body></message>");
        await ann.ExpectAsync("<message id='m1'/>");
        for (var i = 0; i < 40; i++)
        {
            await ann.SendAsync($"<message to='ann@one.test/desk' id='x{i}'/>");
        }

        var shown = (await EventsAsync(response)).Select(one => one.GetProperty("data").GetProperty("stanza").GetProperty("subscribeForTraffic")).ToList();
        Assert.Equal(40, shown.Count);
        Assert.Single(shown.Select(one => one.GetProperty("pid").GetString()).Distinct());
        Assert.All(shown, one => Assert.EndsWith("Z", one.GetProperty("timestamp").GetString()));
        var texts = shown.Select(one => (Dir: one.GetProperty("dir").GetString(), Xml: one.GetProperty("stanza").GetString()!, Jid: one.GetProperty("jid").GetString())).ToList();
        Assert.Contains(texts, one => one is ("client_to_server", _, null) && one.Xml.Contains("<stream:stream", StringComparison.Ordinal));
        Assert.Contains(texts, one => one is ("server_to_client", _, null) && one.Xml.Contains("<stream:stream", StringComparison.Ordinal));
        Assert.Contains(texts, one => one is ("server_to_client", _, null) && one.Xml.Contains("<mechanisms", StringComparison.Ordinal));
        Assert.Contains(texts, one => one is ("client_to_server", _, "ann@one.test/desk") && one.Xml.Contains("to myself", StringComparison.Ordinal));
        Assert.Contains(texts, one => one is ("server_to_client", _, "ann@one.test/desk") && one.Xml.Contains("to myself", StringComparison.Ordinal));
        Assert.Contains(texts, one => one.Xml.Contains("jabber:iq:register", StringComparison.Ordinal));
        Assert.DoesNotContain(texts, one => one.Xml.Contains("geheim", StringComparison.Ordinal));
        Assert.All(texts.Where(one => one.Xml.StartsWith("<auth", StringComparison.Ordinal)), one => Assert.EndsWith("/>", one.Xml));
        Assert.Contains(texts, one => one.Xml.StartsWith("<auth", StringComparison.Ordinal));
        Assert.False(endpoint.Api.Server.Context.Traffic!.IsWatched);
    }

    // GQL-SSE-07: 0 ends at the first element; a literal is a limit too
    [Fact]
    public async Task A_watch_of_nothing_ends_with_the_first_element()
    {
        await using var endpoint = await StartAsync(everything: true);
        using var response = await OpenAsync(endpoint, "open", "subscription { stanza { subscribeForTraffic(limit: 0) { pid } } }", null);
        await using var ann = await endpoint.Api.Server.ConnectAsync("ann", "desk", "one.test");
        Assert.Empty(await EventsAsync(response));
    }

    // GQL-USE-05; GQL-SSE-07: without a limit there is an error and no crash; GQL-PROT-03
    [Theory]
    [InlineData(false, "open", "(limit: 1)", null, 200, "deps_not_loaded")]
    [InlineData(true, "open", "", null, 200, "bad_limit")]
    [InlineData(true, "open", "(limit: -1)", null, 200, "bad_limit")]
    [InlineData(true, "admin", "(limit: 1)", null, 401, "no_permissions")]
    [InlineData(true, "domain", "(limit: 1)", "admin@one.test:pw", 401, "no_permissions")]
    public async Task Traffic_is_for_the_administrator_of_a_server_that_shows_it(bool isThere, string path, string arguments, string? credentials, int status, string code)
    {
        await using var endpoint = await StartAsync(everything: isThere);
        await endpoint.Api.AskAsync("mutation { domain { setDomainPassword(domain: \"one.test\", password: \"pw\") } }", ApiFixture.Admin);
        using var response = await OpenAsync(endpoint, path, $"subscription {{ stanza {{ subscribeForTraffic{arguments} {{ pid }} }} }}", credentials);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal((status, code), ((int)response.StatusCode, body.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString()));
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

    // an operation without a case fails
    [Theory]
    [InlineData("admin", "boss:geheim:ü")]
    [InlineData("user", Ann)]
    public async Task Every_subscription_opens_and_is_refused(string path, string credentials)
    {
        var cases = new Dictionary<string, (string Success, string Refusal, int Status, string Code)>
        {
            ["admin stanza.subscribeForMessages"] = ("(caller: \"ann@one.test\") { sender }", "(caller: \"nobody@one.test\") { sender }", 200, "unknown_user"), // GQA-STANZA-05
            ["admin stanza.subscribeForTraffic"] = ("(limit: 1) { dir }", " { dir }", 200, "bad_limit"), // GQA-STANZA-06
            ["admin monitor.subscribeForFigures"] = (" { sessions }", " { nothing }", 400, "unknown_field"),
            ["admin monitor.subscribeForLog"] = ("(level: ERROR) { message }", "(level: NOSUCH) { message }", 400, "unknown_enum"),
            ["user stanza.subscribeForMessages"] = (" { sender }", "(caller: \"bob@one.test\") { sender }", 400, "unknown_argument"), // GQU-STANZA-05
        };
        await using var endpoint = await StartAsync(everything: true);
        var (_, schema) = await endpoint.PostAsync(path, "{ __schema { subscriptionType { fields { name type { fields { name } } } } } }", credentials);
        var there = schema.GetProperty("data").GetProperty("__schema").GetProperty("subscriptionType").GetProperty("fields").EnumerateArray()
            .SelectMany(category => category.GetProperty("type").GetProperty("fields").EnumerateArray().Select(field => $"{path} {category.GetProperty("name").GetString()}.{field.GetProperty("name").GetString()}"));
        Assert.Equal(cases.Keys.Where(name => name.StartsWith(path, StringComparison.Ordinal)).Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
        foreach (var (name, one) in cases.Where(found => found.Key.StartsWith(path, StringComparison.Ordinal)))
        {
            var words = name.Split(' ', '.');
            using (var opened = await OpenAsync(endpoint, path, $"subscription {{ {words[1]} {{ {words[2]}{one.Success} }} }}", credentials))
            {
                Assert.Equal((name, 200, "text/event-stream"), (name, (int)opened.StatusCode, opened.Content.Headers.ContentType!.MediaType));
            }

            using var refused = await OpenAsync(endpoint, path, $"subscription {{ {words[1]} {{ {words[2]}{one.Refusal} }} }}", credentials);
            var body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
            Assert.Equal((name, one.Status, one.Code), (name, (int)refused.StatusCode, body.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString()));
            using var stranger = await OpenAsync(endpoint, path, $"subscription {{ {words[1]} {{ {words[2]}{one.Success} }} }}", null);
            Assert.Equal((name, 401), (name, (int)stranger.StatusCode));
        }
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

    private static async Task<EndpointFixture> StartAsync(bool everything = false)
    {
        var endpoint = await EndpointFixture.StartAsync(everything: everything);
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

    // All events of a stream that the server ends.
    private static async Task<List<JsonElement>> EventsAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return [.. text.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];
    }

    private static async Task<List<JsonElement>> SessionsAsync(EndpointFixture endpoint)
    {
        var (_, body) = await endpoint.Api.AskAsync("{ session { listSessions { user connection priority } } }", ApiFixture.Admin);
        return [.. body.GetProperty("data").GetProperty("session").GetProperty("listSessions").EnumerateArray()];
    }

    private static async Task<string> LineAsync(StreamReader reader) => (await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken))!;
}
