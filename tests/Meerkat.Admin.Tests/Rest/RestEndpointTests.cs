using System.Text.Json;
using Xunit;

namespace Meerkat.Admin.Tests.Rest;

/// <summary>REST as HTTP sees it (RST-GEN-01 to RST-GEN-10, RST §1.1 to §1.3).</summary>
public sealed class RestEndpointTests
{
    private const string Ann = "ann@one.test:secret";

    // RST-GEN-04: half a surrogate pair is no text, and more than a stanza may have is not a user's to send
    [Fact]
    public async Task What_is_no_text_and_what_is_too_long_is_refused()
    {
        await using var rest = await RestFixture.StartAsync();
        Assert.Equal(400, (await rest.AskAsync("POST", "api/messages", Ann, "{\"to\":\"bob@one.test\",\"body\":\"\\ud800\"}")).Status);
        Assert.Equal(400, (await rest.AskAsync("POST", "open/messages", null, "{\"caller\":\"ann@one.test\",\"to\":\"bob@one.test\",\"\\ud800\":1,\"body\":\"x\"}")).Status);
        foreach (var (method, path, credentials, body) in new[]
        {
            ("PUT", "open/contacts/ann@one.test/bob@one.test", null, "{\"action\":\"sub\\u0000scribe\"}"), // in PostgreSQL no text can hold it
            ("POST", "open/users/one.test", null, "{\"username\":\"dan\",\"password\":\"a\\u0000b\"}"),
            ("POST", "api/rooms", Ann, "{\"name\":\"a\\u0000b\",\"subject\":\"s\"}"),
            ("DELETE", "api/contacts", Ann, "{\"to_delete\":[\"bob@one.test\\u0000\"]}"),
        })
        {
            var (status, reason) = await rest.AskAsync(method, path, credentials, body);
            Assert.Equal((400, true), (status, reason.GetString()!.Contains("NUL", StringComparison.Ordinal)));
        }

        using var tooLong = await rest.SendAsync("POST", "api/messages", Ann, JsonSerializer.Serialize(new { to = "bob@one.test", body = new string('a', 262_144) }), with: headers => headers.ExpectContinue = true);
        Assert.Equal(413, (int)tooLong.StatusCode);
    }

    // RST-ADMIN-08, RST-CLIENT-02: the administrator may send more than users may; whoever got that reads its archive nevertheless
    [Fact]
    public async Task An_archive_with_a_long_message_is_readable()
    {
        await using var rest = await RestFixture.StartAsync();
        var body = new string('a', 300_000);
        Assert.Equal(204, (await rest.AskAsync("POST", "open/messages", null, JsonSerializer.Serialize(new { caller = "ann@one.test", to = "bob@one.test", body }))).Status);
        foreach (var (path, credentials) in new[] { ("api/messages", "bob@one.test:secret"), ("api/messages", Ann), ("open/messages/bob@one.test", null) })
        {
            var (status, shown) = await rest.AskAsync("GET", path, credentials);
            Assert.Equal((200, body.Length), (status, status == 200 ? shown[0].GetProperty("body").GetString()!.Length : 0));
        }
    }

    // RST-GEN-03
    [Fact]
    public async Task Paths_and_methods_that_are_not_there_are_said_so()
    {
        await using var rest = await RestFixture.StartAsync();
        using (var unknown = await rest.SendAsync("GET", "open/nothing", null))
        {
            Assert.Equal((404, 0), ((int)unknown.StatusCode, (await unknown.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length));
        }

        using (var method = await rest.SendAsync("PATCH", "open/users/one.test", null))
        {
            Assert.Equal((405, "GET, POST, OPTIONS"), ((int)method.StatusCode, string.Join(", ", method.Content.Headers.Allow)));
        }

        using (var options = await rest.SendAsync("OPTIONS", "open/users/one.test/", null))
        {
            Assert.Equal((200, "GET, POST, OPTIONS"), ((int)options.StatusCode, string.Join(", ", options.Content.Headers.Allow)));
        }

        Assert.Equal(404, (await rest.AskAsync("GET", "some/sessions/one.test", null)).Status); // RST-GEN-02
        Assert.Equal(200, (await rest.AskAsync("GET", "some/users/one.test", null)).Status);
    }

    // RST §1.1
    [Theory]
    [InlineData("admin", null, 401)]
    [InlineData("admin", "boss:wrong", 401)]
    [InlineData("admin", RestFixture.Boss, 200)]
    [InlineData("open", null, 200)]
    [InlineData("open", RestFixture.Boss, 401)]
    public async Task The_administrator_is_known_by_its_credentials(string at, string? credentials, int status)
    {
        await using var rest = await RestFixture.StartAsync();
        foreach (var method in new[] { "GET", "OPTIONS" })
        {
            using var response = await rest.SendAsync(method, $"{at}/users/one.test", credentials);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(status == 401, response.Headers.WwwAuthenticate.ToString().StartsWith("Basic realm=", StringComparison.Ordinal));
            Assert.True(status == 200 || response.Content.Headers.ContentLength is 0 or null);
        }
    }

    // API tokens for administrators.
    [Theory]
    [InlineData("Bearer beep", 200)]
    [InlineData("Bearer boop", 401)]
    [InlineData("Basic YTpi", 401)]
    [InlineData(null, 401)]
    public async Task A_program_is_the_administrator_by_its_token(string? header, int status)
    {
        await using var rest = await RestFixture.StartAsync();
        using var response = await rest.SendAsync("GET", "token/users/one.test", null, with: headers => headers.TryAddWithoutValidation("Authorization", header));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_token_opens_nothing_from_its_last_moment_on()
    {
        await using var rest = await RestFixture.StartAsync();
        async Task<int> AskAsync()
        {
            using var response = await rest.SendAsync("GET", "token/users/one.test", null, with: headers => headers.TryAddWithoutValidation("Authorization", "Bearer tick"));
            return (int)response.StatusCode;
        }

        rest.Api.Server.Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, await AskAsync());
        rest.Api.Server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(401, await AskAsync());
        Assert.Contains(rest.Api.Server.Log.Entries, entry => entry.Text.Contains("The token guest has expired", StringComparison.Ordinal));
        Assert.Equal(200, (int)(await rest.SendAsync("GET", "token/users/one.test", null, with: headers => headers.TryAddWithoutValidation("Authorization", "Bearer beep"))).StatusCode);
    }

    // What an operator's eyes, or fail2ban's, look for: where wrong credentials came from, and nothing of them. Who brings none is only asked for them.
    [Theory]
    [InlineData("admin/users/one.test", "Basic Ym9zczp3cm9uZw==", "/admin")] // boss:wrong
    [InlineData("token/users/one.test", "Bearer wrong", "/token")]
    [InlineData("api/contacts", "Basic YW5uQG9uZS50ZXN0Ondyb25n", "/api")] // ann@one.test:wrong
    [InlineData("admin/users/one.test", null, null)]
    [InlineData("api/contacts", null, null)]
    public async Task Wrong_credentials_are_in_the_log_without_themselves(string path, string? header, string? handler)
    {
        await using var rest = await RestFixture.StartAsync();
        using var response = await rest.SendAsync("GET", path, null, with: headers => headers.TryAddWithoutValidation("Authorization", header));
        Assert.Equal(401, (int)response.StatusCode);
        var said = rest.Api.Server.Log.Entries.Select(entry => entry.Text).ToArray();
        Assert.Equal(handler is null ? [] : [$"Wrong credentials for {handler} from 127.0.0.1"], said.Where(text => text.Contains("credentials", StringComparison.Ordinal)).Select(text => text[text.IndexOf("Wrong", StringComparison.Ordinal)..].Trim()));
        Assert.DoesNotContain(said, text => text.Contains("wrong", StringComparison.Ordinal) || text.Contains("boss", StringComparison.Ordinal));
    }

    // RST-GEN-04, RST-GEN-05, RST-GEN-09; bad input.
    [Fact]
    public async Task What_is_no_request_is_refused()
    {
        await using var rest = await RestFixture.StartAsync();
        async Task<int> PostAsync(string body, string? type)
        {
            using var response = await rest.SendAsync("POST", "open/users/one.test", null, body, type);
            return (int)response.StatusCode;
        }

        Assert.Equal(415, await PostAsync("{}", "text/plain"));
        Assert.Equal(415, await PostAsync("{}", null));
        Assert.Equal(400, await PostAsync("{", "application/json"));
        Assert.Equal(400, await PostAsync("[]", "application/json; charset=utf-8"));
        Assert.Equal(400, await PostAsync("""{"username":1,"password":"p"}""", "application/json"));
        Assert.Equal(400, await PostAsync(new string('[', 100_000), "application/json"));
        using (var huge = await rest.SendAsync("POST", "open/users/one.test", null, new string(' ', (1024 * 1024) + 1), with: headers => headers.ExpectContinue = true))
        {
            Assert.Equal(413, (int)huge.StatusCode);
        }

        Assert.Equal(400, (await rest.AskAsync("GET", "open/messages/ann@one.test?limit=-1", null)).Status);
        Assert.Equal(400, (await rest.AskAsync("GET", "open/messages/ann@one.test?other=1", null)).Status);
        Assert.Equal(400, (await rest.AskAsync("GET", "open/messages/ann@one.test?before=99999999999999999999", null)).Status);
        Assert.Equal(400, (await rest.AskAsync("GET", "open/messages/ann@one.test?before=9223372036854775807", null)).Status);
        Assert.Equal(404, (await rest.AskAsync("GET", "open/messages", null)).Status);
        Assert.Equal(400, (await rest.AskAsync("DELETE", "open/users/one.test", null)).Status);
        Assert.Equal(404, (await rest.AskAsync("GET", "open/users/..%2F..%2Fetc%2Fpasswd", null)).Status);
    }

    // RST-GEN-09
    [Fact]
    public async Task A_slash_in_a_resource_is_encoded()
    {
        await using var rest = await RestFixture.StartAsync();
        await using var ann = await rest.Api.Server.ConnectAsync("ann", "a/b", "one.test");
        Assert.Equal(204, (await rest.AskAsync("DELETE", "open/sessions/one.test/ann/a%2Fb", null)).Status);
    }

    // RST-ADMIN-02
    [Fact]
    public async Task What_was_made_is_told_with_its_address()
    {
        await using var rest = await RestFixture.StartAsync();
        using var made = await rest.SendAsync("POST", "open/users/one.test", null, """{"username":"dan","password":"p"}""");
        Assert.Equal((201, new Uri(rest.Address, "open/users/one.test/dan")), ((int)made.StatusCode, made.Headers.Location));
    }

    // a cross-origin call. The administrator's interface is for no page at all, the users' for those who have the password (RST §1.2).
    [Fact]
    public async Task Pages_of_other_sites_may_ask_for_users_alone()
    {
        await using var rest = await RestFixture.StartAsync();
        using (var admin = await rest.SendAsync("GET", "open/users/one.test", null, with: headers => headers.Add("Origin", "http://evil.example")))
        {
            Assert.Equal(403, (int)admin.StatusCode);
            Assert.False(admin.Headers.Contains("Access-Control-Allow-Origin"));
        }

        using (var preflight = await rest.SendAsync("OPTIONS", "api/contacts", null, with: headers => headers.Add("Origin", "https://chat.example")))
        {
            Assert.Equal((200, "https://chat.example", "GET, POST, DELETE, OPTIONS", "authorization, content-type"), ((int)preflight.StatusCode, Header(preflight, "Origin"), Header(preflight, "Methods"), Header(preflight, "Headers")));
        }

        // what is refused too: else a page learns nothing of it but that something failed
        foreach (var (method, path, status, methods) in new[] { ("GET", "api/nothing", 404, "OPTIONS"), ("PATCH", "api/contacts", 405, "GET, POST, DELETE, OPTIONS"), ("GET", "api/contacts", 401, "GET, POST, DELETE, OPTIONS") })
        {
            using var refused = await rest.SendAsync(method, path, null, with: headers => headers.Add("Origin", "https://chat.example"));
            Assert.Equal((status, "https://chat.example", methods), ((int)refused.StatusCode, Header(refused, "Origin"), Header(refused, "Methods")));
        }

        using (var asked = await rest.SendAsync("GET", "api/contacts", Ann, with: headers => headers.Add("Origin", "https://chat.example")))
        {
            Assert.Equal((200, "https://chat.example"), ((int)asked.StatusCode, Header(asked, "Origin")));
        }

        using var plain = await rest.SendAsync("GET", "api/contacts", Ann);
        Assert.False(plain.Headers.Contains("Access-Control-Allow-Origin"));
    }

    // RST §1.3
    [Fact]
    public async Task What_users_may_do_is_shown_to_anybody()
    {
        await using var rest = await RestFixture.StartAsync();
        using (var redirect = await rest.SendAsync("GET", "api-docs", null))
        {
            Assert.Equal((302, "/api-docs/"), ((int)redirect.StatusCode, redirect.Headers.Location!.ToString()));
        }

        var (status, api) = await rest.AskAsync("GET", "api-docs/swagger.json", null);
        Assert.Equal((200, "2.0", "/api"), (status, api.GetProperty("swagger").GetString(), api.GetProperty("basePath").GetString()));
        using (var page = await rest.SendAsync("GET", "api-docs/", null))
        {
            Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
            Assert.DoesNotContain("http", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(404, (await rest.AskAsync("GET", "api-docs/other", null)).Status);
        Assert.Equal(401, (await rest.AskAsync("GET", "admin/openapi.json", null)).Status);
    }

    // RST-CLIENT-18, RST §3.3
    [Fact]
    public async Task Messages_come_as_events_and_the_session_ends_with_the_request()
    {
        await using var rest = await RestFixture.StartAsync();
        await rest.AskAsync("PUT", "api/rooms/den", Ann, """{"name":"Den","subject":"s"}""");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(rest.Address, "api/sse"));
        request.Headers.Authorization = new("Basic", Convert.ToBase64String("ann@one.test:secret"u8));
        var response = await rest.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(("text/event-stream", "no-cache"), (response.Content.Headers.ContentType!.MediaType, response.Headers.CacheControl!.ToString()));
        using (var events = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)))
        {
            Assert.StartsWith("ann@one.test/sse-", (await rest.AskAsync("GET", "open/sessions/one.test", null)).Body[0].GetString());
            await rest.AskAsync("POST", "api/messages", "bob@one.test:secret", """{"to":"ann@one.test","body":"one\ntwo"}""");
            Assert.Equal(["id: 1", "event: message"], [await LineAsync(events), await LineAsync(events)]);
            var data = JsonDocument.Parse((await LineAsync(events))["data: ".Length..]).RootElement;
            Assert.Equal(("bob@one.test", "one\ntwo"), (data.GetProperty("from").GetString(), data.GetProperty("body").GetString()));
            Assert.True(data.GetProperty("timestamp").GetInt64() > 1_893_000_000_000_000); // microseconds
            Assert.Equal("", await LineAsync(events));
            await rest.AskAsync("POST", "api/rooms/den/messages", Ann, """{"body":"hello"}""");
            Assert.Equal(["id: 2", "event: room.message"], [await LineAsync(events), await LineAsync(events)]);
            Assert.Equal("den", JsonDocument.Parse((await LineAsync(events))["data: ".Length..]).RootElement.GetProperty("room").GetString());
        }

        response.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await rest.AskAsync("GET", "open/sessions/one.test", null)).Body.GetArrayLength() > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task A_listener_that_is_kicked_reads_its_end()
    {
        await using var rest = await RestFixture.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(rest.Address, "api/sse"));
        request.Headers.Authorization = new("Basic", Convert.ToBase64String("ann@one.test:secret"u8));
        using var response = await rest.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var jid = (await rest.AskAsync("GET", "open/sessions/one.test", null)).Body[0].GetString()!;
        Assert.Equal(204, (await rest.AskAsync("DELETE", $"open/sessions/one.test/ann/{jid.Split('/')[1]}", null)).Status);
        Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues($"Access-Control-Allow-{name}").Single();

    private static async Task<string> LineAsync(StreamReader reader) => (await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken))!;
}
