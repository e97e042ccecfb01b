using System.Text.Json;
using Xunit;

namespace Meerkat.Admin.Tests.Rest;

/// <summary>Every operation of the OpenAPI documents, once with a success and once with a refusal, from outside (RST-ADMIN-01 to 26 and 31 to 37, RST-CLIENT-01 to 18).</summary>
public sealed class RestOperationTests
{
    private const string Ann = "ann@one.test:secret";
    private const string Room = "muc-lights/muclight.one.test";

    [Fact]
    public async Task Every_operation_of_the_administrator_succeeds_and_refuses()
    {
        await using var rest = await RestFixture.StartAsync();
        await using var online = await rest.Api.Server.ConnectAsync("ann", "desk", "one.test");
        await online.SendAsync("<presence/>");
        await online.ExpectAsync("<presence/>");
        Case[] cases =
        [
            new("GET /users/{domain}", "users/one.test", null, 200, "users/nowhere.test", null, 404) { Check = body => Assert.Equal(["ann@one.test", "bob@one.test", "cat@one.test"], body.EnumerateArray().Select(item => item.GetString())) }, // RST-ADMIN-01
            new("POST /users/{domain}", "users/one.test", """{"username":"Dan","password":"p","other":1}""", 201, "users/one.test", """{"username":"ann","password":"p"}""", 403), // RST-ADMIN-02
            new("PUT /users/{domain}/{username}", "users/one.test/dan", """{"newpass":"q"}""", 204, "users/one.test/dan", """{"newpass":""}""", 400), // RST-ADMIN-03
            new("GET /metrics", "metrics/", null, 200, "metrics/global/none", null, 404) // RST-ADMIN-31
            {
                Check = body =>
                {
                    Assert.Equal("""["one.test","two.test"]""", body.GetProperty("host_types").GetRawText());
                    Assert.Contains(body.GetProperty("metrics").EnumerateArray(), name => name.GetString() == "sm_session.logins");
                    Assert.Contains(body.GetProperty("global").EnumerateArray(), name => name.GetString() == "c2s_message_processed.time");
                },
            },
            new("GET /metrics/all", "metrics/all", null, 200, "metrics/all/none", null, 404) { Check = body => Assert.Equal("""{"one":0,"count":12}""", body.GetProperty("metrics").GetProperty("sm_session.logins").GetRawText()) }, // RST-ADMIN-32
            new("GET /metrics/all/{metric}", "metrics/all/sm_session.count", null, 200, "metrics/all/c2s_message_processed.time", null, 404) { Check = body => Assert.Equal(7, body.GetProperty("metric").GetProperty("value").GetInt64()) }, // RST-ADMIN-33
            new("GET /metrics/global", "metrics/global", null, 200, "metrics/host_type/nowhere.test", null, 404) { Check = body => Assert.Equal("""{"value":7}""", body.GetProperty("metrics").GetProperty("sm_total_sessions.count").GetRawText()) }, // RST-ADMIN-34
            new("GET /metrics/global/{metric}", "metrics/global/c2s_message_processed.time", null, 200, "metrics/global/sm_session.count", null, 404) { Check = body => Assert.Equal(100, body.GetProperty("metric").GetProperty("n").GetInt64()) }, // RST-ADMIN-35
            new("GET /metrics/host_type/{hostType}", "metrics/host_type/one.test", null, 200, "metrics/host_type/nowhere.test", null, 404) { Check = body => Assert.Equal("""{"one":0,"count":7}""", body.GetProperty("metrics").GetProperty("sm_session.logins").GetRawText()) }, // RST-ADMIN-36
            new("GET /metrics/host_type/{hostType}/{metric}", "metrics/host_type/two.test/sm_session.logins", null, 200, "metrics/host_type/two.test/none", null, 404) { Check = body => Assert.Equal(5, body.GetProperty("metric").GetProperty("count").GetInt64()) }, // RST-ADMIN-37
            new("DELETE /users/{domain}/{username}", "users/one.test/dan", null, 204, "users/one.test/dan", null, 403), // RST-ADMIN-04
            new("GET /sessions/{domain}", "sessions/one.test/", null, 200, "sessions/nowhere.test", null, 404) { Check = body => Assert.Equal("ann@one.test/desk", body[0].GetString()) }, // RST-ADMIN-05
            new("POST /messages", "messages", """{"caller":"bob@one.test","to":"ann@one.test","body":"hé"}""", 204, "messages", """{"caller":"nobody@one.test","to":"ann@one.test","body":"x"}""", 400), // RST-ADMIN-07
            new("GET /messages/{owner}", "messages/ann@one.test?limit=10", null, 200, "messages/ann@one.test?limit=ten", null, 400) // RST-ADMIN-08
            {
                Check = body =>
                {
                    Assert.Equal(("bob@one.test", "hé"), (body[0].GetProperty("sender").GetString(), body[0].GetProperty("body").GetString()));
                    Assert.InRange(body[0].GetProperty("timestamp").GetInt64(), 1_893_000_000, 1_894_000_000); // seconds, by the clock of the test
                    Assert.NotEqual("", body[0].GetProperty("message_id").GetString());
                },
            },
            new("GET /messages/{owner}/{with}", "messages/ann@one.test/bob@one.test", null, 200, "messages/ann@one.test/one.test", null, 400) { Check = body => Assert.Equal(1, body.GetArrayLength()) }, // RST-ADMIN-09
            new("POST /stanzas", "stanzas", """{"stanza":"<message from='ann@one.test/desk' to='bob@one.test'><body>raw</body></message>"}""", 204, "stanzas", """{"stanza":"<message"}""", 400), // RST-ADMIN-10
            new("GET /contacts/{user}", "contacts/ann@one.test", null, 200, "contacts/nobody@one.test", null, 404) { Check = body => Assert.Equal(0, body.GetArrayLength()) }, // RST-ADMIN-11
            new("POST /contacts/{user}", "contacts/ann@one.test", """{"jid":"bob@one.test"}""", 204, "contacts/ann@one.test", """{"jid":"nobody@one.test"}""", 404), // RST-ADMIN-12
            new("PUT /contacts/{user}/{contact}", "contacts/ann@one.test/bob@one.test", """{"action":"invite"}""", 204, "contacts/ann@one.test/bob@one.test", """{"action":"dance"}""", 400), // RST-ADMIN-13
            new("PUT /contacts/{user}/{contact}/manage", "contacts/ann@one.test/cat@one.test/manage", """{"action":"connect"}""", 204, "contacts/ann@one.test/nobody@one.test/manage", """{"action":"connect"}""", 404), // RST-ADMIN-15
            new("DELETE /contacts/{user}/{contact}", "contacts/ann@one.test/bob@one.test", null, 204, "contacts/ann@one.test/bob@one.test", null, 404), // RST-ADMIN-14
            new("POST /muc-lights/{mucDomain}", Room, """{"owner":"ann@one.test","name":"n","subject":"s"}""", 201, "muc-lights/one.test", """{"owner":"ann@one.test","name":"n","subject":"s"}""", 404), // RST-ADMIN-16
            new("PUT /muc-lights/{mucDomain}", Room, """{"id":"den","owner":"ann@one.test","name":"n","subject":"s"}""", 201, Room, """{"id":"den","owner":"ann@one.test","name":"n","subject":"s"}""", 403), // RST-ADMIN-17
            new("POST /muc-lights/{mucDomain}/{id}/participants", $"{Room}/den/participants", """{"sender":"ann@one.test","recipient":"bob@one.test"}""", 204, $"{Room}/den/participants", """{"sender":"cat@one.test","recipient":"bob@one.test"}""", 403), // RST-ADMIN-18
            new("POST /muc-lights/{mucDomain}/{id}/messages", $"{Room}/den/messages", """{"from":"bob@one.test","body":"hi"}""", 204, $"{Room}/none/messages", """{"from":"bob@one.test","body":"hi"}""", 404), // RST-ADMIN-19
            new("DELETE /muc-lights/{mucDomain}/{id}/management", $"{Room}/den/management", null, 204, $"{Room}/den/management", null, 404), // RST-ADMIN-20
            new("POST /mucs/{domain}", "mucs/one.test", """{"name":"Hall","owner":"ann@one.test/desk","nick":"ann"}""", 201, "mucs/one.test", """{"name":"hall2","owner":"nobody@one.test","nick":"ann"}""", 404), // RST-ADMIN-21
            new("POST /mucs/{domain}/{name}/participants", "mucs/one.test/hall/participants", """{"sender":"ann@one.test","recipient":"bob@one.test","reason":"come"}""", 204, "mucs/one.test/none/participants", """{"sender":"ann@one.test","recipient":"bob@one.test","reason":"come"}""", 404), // RST-ADMIN-22
            new("POST /mucs/{domain}/{name}/messages", "mucs/one.test/hall/messages", """{"from":"ann@one.test/desk","body":"hi"}""", 204, "mucs/two.example/hall/messages", """{"from":"ann@one.test/desk","body":"hi"}""", 404), // RST-ADMIN-23
            new("DELETE /mucs/{domain}/{name}/{nickname}", "mucs/one.test/hall/nobody", null, 204, "mucs/one.test/none/nobody", null, 404), // RST-ADMIN-24
            new("DELETE /inbox/{hostType}/{days}/bin", "inbox/one.test/0/bin", null, 200, "inbox/nowhere/0/bin", null, 404) { Check = body => Assert.Equal(0, body.GetInt32()) }, // RST-ADMIN-25
            new("DELETE /inbox/{domain}/{user}/{days}/bin", "inbox/one.test/ann/3/bin", null, 200, "inbox/one.test/ann/soon/bin", null, 400) { Check = body => Assert.Equal(0, body.GetInt32()) }, // RST-ADMIN-26
            new("PUT /domains/{domain}", "domains/new.test", """{"host_type":"free"}""", 204, "domains/new.test", """{"host_type":"free"}""", 409), // RST-ADMIN-27
            new("GET /domains/{domain}", "domains/new.test", null, 200, "domains/none.test", null, 404) { Check = body => Assert.Equal(("free", "enabled"), (body.GetProperty("host_type").GetString(), body.GetProperty("status").GetString())) }, // RST-ADMIN-29
            new("PATCH /domains/{domain}", "domains/new.test", """{"enabled":false}""", 204, "domains/one.test", """{"enabled":false}""", 403), // RST-ADMIN-28
            new("DELETE /domains/{domain}", "domains/new.test", """{"host_type":"free"}""", 204, "domains/new.test", """{"host_type":"free"}""", 404), // RST-ADMIN-30
            new("DELETE /sessions/{domain}/{username}/{resource}", "sessions/one.test/ann/desk", null, 204, "sessions/one.test/ann/desk", null, 404), // RST-ADMIN-06
        ];
        await RunAsync(rest, "admin", RestFixture.Boss, cases);
        Assert.Equal(401, (await rest.AskAsync("GET", "admin/users/one.test", null)).Status);
    }

    [Fact]
    public async Task Every_operation_of_a_user_succeeds_and_refuses()
    {
        await using var rest = await RestFixture.StartAsync();
        Case[] cases =
        [
            new("POST /messages", "messages", """{"to":"bob@one.test","body":"hi"}""", 200, "messages", """{"to":"bob@one.test"}""", 400) { Check = body => Assert.NotEmpty(body.GetProperty("id").GetString()!) }, // RST-CLIENT-01
            new("GET /messages", "messages?before=1999999999999", null, 200, "messages?before=", null, 400) // RST-CLIENT-02
            {
                Check = body =>
                {
                    Assert.Equal(("ann@one.test", "bob@one.test", "hi"), (body[0].GetProperty("from").GetString(), body[0].GetProperty("to").GetString(), body[0].GetProperty("body").GetString()));
                    Assert.InRange(body[0].GetProperty("timestamp").GetInt64(), 1_893_000_000_000, 1_894_000_000_000); // milliseconds
                },
            },
            new("GET /messages/{with}", "messages/bob@one.test?limit=1", null, 200, "messages/@", null, 400) { Check = body => Assert.Equal(1, body.GetArrayLength()) }, // RST-CLIENT-03
            new("POST /contacts", "contacts", """{"jid":"bob@one.test"}""", 204, "contacts", """{"jid":"nobody@one.test"}""", 404), // RST-CLIENT-05
            new("GET /contacts", "contacts", null, 200, "contacts/bob@one.test", null, 404) { Check = body => Assert.Equal("""{"jid":"bob@one.test","subscription":"none","ask":"none"}""", body[0].GetRawText()) }, // RST-CLIENT-04
            new("PUT /contacts/{jid}", "contacts/bob@one.test", """{"action":"invite"}""", 204, "contacts/cat@one.test", """{"action":"accept"}""", 404), // RST-CLIENT-06
            new("DELETE /contacts/{jid}", "contacts/bob@one.test", null, 204, "contacts/bob@one.test", null, 404), // RST-CLIENT-07
            new("DELETE /contacts", "contacts", """{"to_delete":["bob@one.test"]}""", 200, "contacts", "{}", 400) { Check = body => Assert.Equal("""{"not_deleted":["bob@one.test"]}""", body.GetRawText()) }, // RST-CLIENT-08
            new("POST /rooms", "rooms", """{"name":"n","subject":"s"}""", 201, "rooms", """{"name":"n"}""", 400), // RST-CLIENT-10
            new("PUT /rooms/{id}", "rooms/den", """{"name":"Den","subject":"s"}""", 201, "rooms/den", """{"name":"Den","subject":"s"}""", 403) { Check = body => Assert.Equal("den", body.GetProperty("id").GetString()) }, // RST-CLIENT-12
            new("GET /rooms", "rooms", null, 200, "rooms/den@elsewhere.test", null, 400) { Check = body => Assert.Contains(body.EnumerateArray(), room => room.GetRawText() == """{"id":"den","name":"Den","subject":"s"}""") }, // RST-CLIENT-09
            new("PUT /rooms/{id}/config", "rooms/den/config", """{"name":"Lair","subject":"t"}""", 204, "rooms/none/config", """{"name":"Lair","subject":"t"}""", 404), // RST-CLIENT-13
            new("POST /rooms/{id}/users", "rooms/den/users", """{"user":"bob@one.test"}""", 204, "rooms/den/users", """{"user":"one.test"}""", 400), // RST-CLIENT-14
            new("GET /rooms/{id}", "rooms/den@muclight.one.test", null, 200, "rooms/none", null, 404) // RST-CLIENT-11
            {
                Check = body => Assert.Equal("""{"name":"Lair","subject":"t","participants":[{"user":"ann@one.test","role":"owner"},{"user":"bob@one.test","role":"member"}]}""", body.GetRawText()),
            },
            new("POST /rooms/{id}/messages", "rooms/den/messages", """{"body":"hello","markable":true}""", 200, "rooms/den/messages", """{"markable":true}""", 400), // RST-CLIENT-17
            new("GET /rooms/{id}/messages", "rooms/den/messages", null, 200, "rooms/den/messages?limit=501", null, 400) // RST-CLIENT-16
            {
                Check = body =>
                {
                    var last = body[body.GetArrayLength() - 1];
                    Assert.Equal(("message", "ann@one.test", "hello", true), (last.GetProperty("type").GetString(), last.GetProperty("from").GetString(), last.GetProperty("body").GetString(), last.GetProperty("markable").GetBoolean()));
                },
            },
            new("DELETE /rooms/{id}/users/{user}", "rooms/den/users/bob@one.test", null, 204, "rooms/den/users", null, 400), // RST-CLIENT-15
            new("GET /sse", "sse", null, 0, "sse", null, 0), // RST-CLIENT-18
        ];
        await RunAsync(rest, "api", Ann, cases);
        Assert.Equal(401, (await rest.AskAsync("GET", "api/contacts", "ann@one.test:wrong")).Status);
        Assert.Equal(401, (await rest.AskAsync("GET", "api/sse", null)).Status);
        Assert.Equal(403, (await rest.AskAsync("GET", "api/rooms/den", "bob@one.test:secret")).Status); // not in it any more
    }

    private static async Task RunAsync(RestFixture rest, string at, string credentials, Case[] cases)
    {
        var (_, api) = await rest.AskAsync("GET", $"{at}/openapi.json", credentials);
        var known = api.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        Assert.Equal(known.Order(StringComparer.Ordinal), cases.Select(one => one.Operation).Order(StringComparer.Ordinal));
        foreach (var one in cases.Where(one => one.Success != 0)) // streams have tests of their own
        {
            var (method, path) = (one.Operation.Split(' ')[0], one.Operation.Split(' ')[1]);
            var said = api.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant());
            using var answer = await rest.SendAsync(method, $"{at}/{one.Path}", credentials, one.Body);
            var (status, text) = ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            var type = answer.Content.Headers.ContentType?.MediaType;
            var body = type == "application/json" ? JsonDocument.Parse(text).RootElement : default;
            Assert.True(status == one.Success, $"{one.Operation}: {status} {(body.ValueKind is JsonValueKind.Undefined ? "" : body.GetRawText())}");
            Assert.True(said.GetProperty("responses").TryGetProperty($"{status}", out _), $"{one.Operation}: nobody is told of {status}");
            Assert.Equal((one.Operation, text.Length == 0 ? null : said.TryGetProperty("produces", out var produces) ? produces[0].GetString() : "application/json"), (one.Operation, type));
            one.Check?.Invoke(body);
            var (refused, reason) = await rest.AskAsync(method, $"{at}/{one.Bad}", credentials, one.BadBody);
            Assert.True(refused == one.Refusal, $"{one.Operation} is not refused: {refused}");
            Assert.Equal(JsonValueKind.String, reason.ValueKind); // RST-GEN-06
            var isHere = one.Bad.Split('?')[0].Split('/') is var words && path.Split('/')[1..] is var template && words.Length == template.Length && words.Zip(template).All(pair => pair.Second[0] == '{' || pair.First == pair.Second);
            Assert.True(!isHere || said.GetProperty("responses").TryGetProperty($"{refused}", out _), $"{one.Operation}: nobody is told of {refused}");
        }
    }

    private sealed record Case(string Operation, string Path, string? Body, int Success, string Bad, string? BadBody, int Refusal)
    {
        public Action<JsonElement>? Check { get; init; }
    }
}
