using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Meerkat.Admin.Http;
using Meerkat.Admin.Tests.GraphQL;
using Meerkat.Connections.Http;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Meerkat.Admin.Tests.Http;

/// <summary>GraphQL over HTTP, on a real listener (GQL-HTTP-01 to 15, GQL authentication and roles, GQU-AUTH-01 to 05).</summary>
public sealed class GraphQLEndpointTests
{
    private const string Who = "{ checkAuth { authStatus authType } }";
    private const string Boss = "boss:geheim:ü";

    // GQL, authentication and roles
    [Theory]
    [InlineData("admin", Boss, 200, "ADMIN")]
    [InlineData("admin", "boss:wrong", 401, "wrong_credentials")]
    [InlineData("admin", "other:geheim:ü", 401, "wrong_credentials")]
    [InlineData("admin", null, 200, null)]
    [InlineData("open", null, 200, "ADMIN")]
    [InlineData("open", Boss, 401, "wrong_credentials")]
    public async Task Who_asks_is_known_by_its_credentials(string path, string? credentials, int status, string? outcome)
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        var (answered, body) = await endpoint.PostAsync(path, Who, credentials);
        Assert.Equal((HttpStatusCode)status, answered);
        Assert.Equal(outcome, status == 200 ? body.GetProperty("data").GetProperty("checkAuth").GetProperty("authType").GetString() : Code(body));
        if (credentials is null && path == "admin")
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "no_permissions"), (await endpoint.PostAsync(path, "{ session { countSessions } }")) is var refused ? (refused.Status, Code(refused.Body)) : default);
        }
    }

    // GQL-HTTP-15; another scheme is no credentials
    [Theory]
    [InlineData("Basic", HttpStatusCode.Unauthorized)]
    [InlineData("Basic !!!", HttpStatusCode.Unauthorized)]
    [InlineData("Basic bm9jb2xvbg==", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.e30.", HttpStatusCode.OK)]
    public async Task A_malformed_header_is_refused_and_another_scheme_is_ignored(string header, HttpStatusCode status)
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint.Address, "admin")) { Content = new StringContent("{\"query\":\"{ checkAuth { authStatus } }\"}", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", header);
        using var response = await endpoint.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Empty(response.Headers.WwwAuthenticate);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(status is HttpStatusCode.OK ? "UNAUTHORIZED" : "request_error", status is HttpStatusCode.OK ? body.GetProperty("data").GetProperty("checkAuth").GetProperty("authStatus").GetString() : Code(body));
    }

    // API tokens for administrators.
    [Theory]
    [InlineData("Bearer beep", 200, "ADMIN")]
    [InlineData("bearer  beep", 200, "ADMIN")]
    [InlineData("Bearer boop", 401, "wrong_credentials")]
    [InlineData("Bearer", 401, "request_error")]
    [InlineData("Basic YTpi", 401, "wrong_credentials")] // a:b
    [InlineData(null, 200, null)]
    public async Task A_program_is_the_administrator_by_its_token(string? header, int status, string? outcome)
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        var (answered, body) = await endpoint.SendAsync(HttpMethod.Get, $"token?query={Who}", null, null, headers => headers.TryAddWithoutValidation("Authorization", header));
        Assert.Equal((HttpStatusCode)status, answered);
        Assert.Equal(outcome, status == 200 ? body.GetProperty("data").GetProperty("checkAuth").GetProperty("authType").GetString() : Code(body));
    }

    [Fact]
    public async Task A_token_opens_nothing_from_its_last_moment_on()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        Task<(HttpStatusCode Status, JsonElement Body)> AskAsync() => endpoint.SendAsync(HttpMethod.Get, $"token?query={Who}", null, null, headers => headers.TryAddWithoutValidation("Authorization", "Bearer tick"));
        endpoint.Api.Server.Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync()).Status);
        endpoint.Api.Server.Time.Advance(TimeSpan.FromSeconds(1));
        var (status, body) = await AskAsync();
        Assert.Equal((HttpStatusCode.Unauthorized, "wrong_credentials"), (status, Code(body)));
        Assert.Contains(endpoint.Api.Server.Log.Entries, entry => entry.Text.Contains("The token guest has expired", StringComparison.Ordinal));
    }

    // loopback_only: passwords in the clear are for this machine alone.
    [Theory]
    [InlineData("127.0.0.1", true, 200)]
    [InlineData("::1", true, 200)]
    [InlineData("::ffff:127.0.0.1", true, 200)]
    [InlineData("203.0.113.7", true, 403)]
    [InlineData(null, true, 403)]
    [InlineData("203.0.113.7", false, 200)]
    public async Task Others_than_this_machine_are_refused_where_that_is_wanted(string? from, bool loopbackOnly, int status)
    {
        await using var api = await ApiFixture.StartAsync();
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = from is null ? null : IPAddress.Parse(from);
        context.Request.Method = "GET";
        context.Request.QueryString = new QueryString("?query={checkAuth{authType}}");
        context.Response.Body = new MemoryStream();
        await new GraphQLEndpoint(api.Api).ServeAsync(context, new GraphQLHandlerOptions { Host = "_", Path = "/g", SchemaEndpoint = GraphQLSchemaEndpoint.Admin, LoopbackOnly = loopbackOnly });
        Assert.Equal(status, context.Response.StatusCode);
    }

    // GQL-HTTP-04
    [Fact]
    public async Task A_get_asks_with_its_query_string()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        var (status, body) = await endpoint.SendAsync(HttpMethod.Get, "open?query=query($d:DomainName!){account{countUsers(domain:$d)}}&variables={\"d\":\"one.test\"}", null, null);
        Assert.Equal((HttpStatusCode.OK, 0), (status, body.GetProperty("data").GetProperty("account").GetProperty("countUsers").GetInt32()));
        Assert.Equal("no_query_supplied", Code((await endpoint.SendAsync(HttpMethod.Get, "open", null, null)).Body));
    }

    // GQL-HTTP-02, GQL-HTTP-03, GQL-HTTP-05, GQL-HTTP-12; bad input.
    [Fact]
    public async Task What_is_no_request_is_refused()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await endpoint.SendAsync(HttpMethod.Put, "open", null, null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await endpoint.SendAsync(HttpMethod.Get, "open/other", null, null)).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await endpoint.SendAsync(HttpMethod.Post, "open", null, new StringContent("{\"query\":\"{__typename}\"}", Encoding.UTF8, "text/plain"))).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await endpoint.SendAsync(HttpMethod.Post, "open", null, new FormUrlEncodedContent([new("query", "{__typename}")]))).Status);
        Assert.Equal("invalid_json_body", Code((await endpoint.SendAsync(HttpMethod.Post, "open", null, new StringContent("{", Encoding.UTF8, "application/json"))).Body));
        Assert.Equal(HttpStatusCode.NotAcceptable, (await endpoint.SendAsync(HttpMethod.Post, "open", null, new StringContent("{}", Encoding.UTF8, "application/json"), headers => headers.Accept.ParseAdd("text/plain"))).Status);

        // A client that waits for a word before it sends gets the answer; one that does not is cut off.
        var huge = new string(' ', (8 * 1024 * 1024) + 1);
        var (status, body) = await endpoint.SendAsync(HttpMethod.Post, "open", null, new StringContent(huge, Encoding.UTF8, "application/json"), headers => headers.ExpectContinue = true);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "body_too_large"), (status, Code(body)));
        Assert.Equal("ADMIN", (await endpoint.PostAsync("open", Who)).Body.GetProperty("data").GetProperty("checkAuth").GetProperty("authType").GetString());
    }

    // GQL §7: what is no text in the body, the query string or the variables, a string for an enum; what came is not echoed as a whole.
    [Theory]
    [InlineData("{\"query\":\"\\ud800\"}", "invalid_json_body")]
    [InlineData("{\"query\":\"{__typename}\",\"variables\":{\"a\":[\"\\uDC00\"]}}", "invalid_json_body")]
    [InlineData("{\"query\":\"{__typename}\",\"\\udfff\":1}", "invalid_json_body")]
    [InlineData("{\"query\":\"{__typename}\",\"variables\":\"{\\\"a\\\":\\\"\\\\ud800\\\"}\"}", "variables_invalid_json")]
    [InlineData("{\"query\":\"{__typename}\",\"variables\":\"[\"}", "variables_invalid_json")]
    [InlineData("{\"query\":\"mutation { server { setLoglevel(level: \\\"DEBUG\\\") } }\"}", "enum_string_literal")]
    [InlineData("{\"query\":\"mutation { server { setLoglevel(level: LOUD) } }\"}", "unknown_enum")]
    public async Task What_is_no_text_is_refused(string body, string code)
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        var (status, answer) = await endpoint.SendAsync(HttpMethod.Post, "open", null, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal((HttpStatusCode.BadRequest, code), (status, Code(answer)));
    }

    // GQL §7
    [Theory]
    [InlineData("query=%ZZ")]
    [InlineData("query={__typename}&variables=%2")]
    [InlineData("query={__typename}&query={__typename}")]
    public async Task A_malformed_query_string_is_refused(string query)
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(endpoint.Address.Host, endpoint.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /open?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 400 ", answer);
        Assert.Contains("\"invalid_query_parameters\"", answer);
    }

    [Fact]
    public async Task A_refusal_is_not_as_long_as_what_it_refuses()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        foreach (var query in new[] { new string('{', 200_000), $"{{ {new string('a', 200_000)} }}" })
        {
            var (status, body) = await endpoint.PostAsync("open", query);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.InRange(body.GetRawText().Length, 20, 8000);
        }
    }

    // GQL-HTTP-14; a cross-origin call.
    [Fact]
    public async Task A_page_of_another_site_may_not_ask()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        foreach (var (name, value) in new[] { ("Origin", "http://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site") })
        {
            var (status, body) = await endpoint.SendAsync(HttpMethod.Get, "open?query={checkAuth{authType}}", null, null, headers => headers.TryAddWithoutValidation(name, value));
            Assert.Equal((HttpStatusCode.Forbidden, "cross_origin"), (status, Code(body)));
        }

        Assert.Equal(HttpStatusCode.OK, (await endpoint.SendAsync(HttpMethod.Get, "open?query={checkAuth{authType}}", null, null, headers => headers.TryAddWithoutValidation("Origin", endpoint.Address.GetLeftPart(UriPartial.Authority)))).Status);
    }

    // GQL-HTTP-05
    [Fact]
    public async Task A_browser_gets_a_page_that_needs_nothing_from_outside()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.Address, "admin"));
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        using var response = await endpoint.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "text/html"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Contains("<title>Meerkat", page);
        Assert.DoesNotContain("http", page.Replace("https://", "", StringComparison.Ordinal).Split("<script>")[0]);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal(HttpStatusCode.Unauthorized, (await endpoint.SendAsync(HttpMethod.Get, "admin", "boss:wrong", null, headers => headers.Accept.ParseAdd("text/html"))).Status);
    }

    // allowed_categories, introspection
    [Fact]
    public async Task A_handler_serves_what_it_allows()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        var (status, body) = await endpoint.PostAsync("some", "{ account { countUsers(domain: \"one.test\") } session { countSessions } }");
        Assert.Equal((HttpStatusCode.OK, "category_disabled"), (status, Code(body)));
        Assert.Equal("category_disabled", Code((await endpoint.PostAsync("some", Who)).Body));
        Assert.Equal(HttpStatusCode.BadRequest, (await endpoint.PostAsync("some", "{ __schema { queryType { name } } }")).Status);
    }

    // GQU-AUTH-01, 02; verified credentials are cached, and dropped when the password changes.
    [Fact]
    public async Task A_user_signs_in_with_its_password_and_no_longer_with_the_old_one()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        await endpoint.Api.Server.Accounts.AddAsync("ann@one.test", "old");
        const string Query = "{ checkAuth { username authStatus } }";
        for (var i = 0; i < 2; i++)
        {
            var (status, body) = await endpoint.PostAsync("user", Query, "ann@one.test/phone:old");
            Assert.Equal((HttpStatusCode.OK, "ann@one.test"), (status, body.GetProperty("data").GetProperty("checkAuth").GetProperty("username").GetString()));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await endpoint.PostAsync("user", Query, "ann@one.test:wrong")).Status);
        Assert.Equal(HttpStatusCode.OK, (await endpoint.PostAsync("user", "mutation { account { changePassword(newPassword: \"new\") } }", "ann@one.test:old")).Status);
        foreach (var credentials in (string[])["ann@one.test:old", "nobody@one.test:old", "ann@nosuch.test:new", "one.test:new", "@:x"])
        {
            var (status, body) = await endpoint.PostAsync("user", Query, credentials);
            Assert.Equal((HttpStatusCode.Unauthorized, "wrong_credentials"), (status, Code(body)));
        }

        Assert.Equal(HttpStatusCode.OK, (await endpoint.PostAsync("user", Query, "ann@one.test:new")).Status);
        Assert.Equal("no_permissions", Code((await endpoint.PostAsync("user", "{ roster { listContacts { jid } } }")).Body));
        Assert.Equal(JsonValueKind.Null, (await endpoint.PostAsync("user", Query)).Body.GetProperty("data").GetProperty("checkAuth").GetProperty("username").ValueKind);
    }

    // an operation without a case fails. A success and a refusal of every operation of the users' schema, from outside.
    [Fact]
    public async Task Every_operation_of_users_succeeds_and_is_refused()
    {
        await using var endpoint = await EndpointFixture.StartAsync(privateStorage: true, everything: true);
        await endpoint.Api.Server.Accounts.AddAsync("ann@one.test", "p");
        await endpoint.Api.Server.Accounts.AddAsync("bob@one.test", "p");
        await using var phone = await endpoint.Api.Server.ConnectAsync("cat", "phone", "one.test");
        await using var web = endpoint.Api.Server.Open();
        await web.LogInAsync("ann", "one.test", "p");
        await web.BindAsync("web");
        await phone.SendAsync("<presence to='lobby@conference.one.test/cat'><x xmlns='http://jabber.org/protocol/muc'/></presence>"); // a room of somebody else
        await phone.AskAsync("<iq type='set' to='lobby@conference.one.test'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
        const string Lobby = "room: \"lobby@conference.one.test\"";
        const string Hall = "room: \"hall@conference.one.test\"";
        const string NoHall = "room: \"nosuch@conference.one.test\"";
        const string Den = "room: \"den@muclight.one.test\"";
        const string NoDen = "room: \"nosuch@muclight.one.test\"";
        const string None = ""; // no refusal of its own: asked without credentials
        (string Operation, string Kind, string Success, string Refusal, string? Code)[] cases =
        [
            ("last.setLast", "mutation", "setLast(status: \"gone\") { timestamp }", None, null),
            ("last.getLast", "query", "getLast { status }", "getLast(user: \"bob@one.test\") { status }", "last_not_found"),
            ("muc.enterRoom", "mutation", $"enterRoom({Lobby}, nick: \"ann\", resource: \"web\")", None, null),
            ("muc.sendMessageToRoom", "mutation", $"sendMessageToRoom({Lobby}, body: \"hello\")", $"sendMessageToRoom({Lobby}, body: \"x\", resource: \"nosuch\")", "no_session"),
            ("muc.sendPrivateMessage", "mutation", $"sendPrivateMessage({Lobby}, toNick: \"cat\", body: \"psst\", resource: \"web\")", $"sendPrivateMessage({Lobby}, toNick: \"cat\", body: \"x\", resource: \"nosuch\")", "no_session"),
            ("muc.exitRoom", "mutation", $"exitRoom({Lobby}, nick: \"ann\", resource: \"web\")", None, null),
            ("muc.createInstantRoom", "mutation", $"createInstantRoom({Hall}, nick: \"ann\") {{ jid title private usersNumber }}", $"createInstantRoom({Lobby}, nick: \"ann\") {{ jid }}", "could_not_create_room"),
            ("muc.listRooms", "query", "listRooms(mucDomain: \"conference.one.test\", limit: 9) { rooms { jid title private usersNumber } count index first last }", "listRooms(mucDomain: \"one.test\") { count }", "muc_server_not_found"),
            ("muc.changeRoomConfiguration", "mutation", $"changeRoomConfiguration({Hall}, config: {{title: \"Hall\", persistent: true, maxUsers: 9, mayGetMemberList: [\"moderator\"]}}) {{ title persistent maxUsers mayGetMemberList logging }}", $"changeRoomConfiguration({Lobby}, config: {{title: \"x\"}}) {{ title }}", "not_allowed"),
            ("muc.getRoomConfig", "query", $"getRoomConfig({Hall}) {{ title anonymous }}", $"getRoomConfig({Lobby}) {{ title }}", "not_allowed"),
            ("muc.listRoomUsers", "query", $"listRoomUsers({Hall}) {{ jid nick role }}", $"listRoomUsers({NoHall}) {{ nick }}", "room_not_found"),
            ("muc.setUserAffiliation", "mutation", $"setUserAffiliation({Hall}, user: \"bob@one.test\", affiliation: MEMBER)", $"setUserAffiliation({Lobby}, user: \"bob@one.test\", affiliation: OUTCAST)", "not_allowed"),
            ("muc.listRoomAffiliations", "query", $"listRoomAffiliations({Hall}) {{ jid affiliation }}", $"listRoomAffiliations({NoHall}) {{ jid }}", "room_not_found"),
            ("muc.inviteUser", "mutation", $"inviteUser({Hall}, recipient: \"bob@one.test\")", $"inviteUser({NoHall}, recipient: \"bob@one.test\")", "room_not_found"),
            ("muc.setUserRole", "mutation", $"setUserRole({Hall}, nick: \"ann\", role: MODERATOR)", $"setUserRole({Hall}, nick: \"nosuch\", role: VISITOR)", "cannot_modify"),
            ("muc.kickUser", "mutation", $"kickUser({Hall}, nick: \"nosuch\")", $"kickUser({Lobby}, nick: \"cat\")", "moderator_not_found"),
            ("muc.getRoomMessages", "query", $"getRoomMessages({Hall}, pageSize: 3) {{ stanzas {{ sender timestamp stanza_id stanza }} limit }}", $"getRoomMessages({NoHall}) {{ limit }}", "room_not_found"),
            ("muc.deleteRoom", "mutation", $"deleteRoom({Hall})", $"deleteRoom({Lobby})", "not_allowed"),
            ("muc_light.createRoom", "mutation", "createRoom(mucDomain: \"muclight.one.test\", id: \"den\", name: \"Den\", options: [{key: \"subject\", value: \"pups\"}]) { jid name subject participants { jid affiliation } options { key value } }", "createRoom(mucDomain: \"one.test\") { jid }", "muc_server_not_found"),
            ("muc_light.inviteUser", "mutation", $"inviteUser({Den}, recipient: \"bob@one.test\")", $"inviteUser({NoDen}, recipient: \"bob@one.test\")", "room_not_found"),
            ("muc_light.getRoomConfig", "query", $"getRoomConfig({Den}) {{ name }}", $"getRoomConfig({NoDen}) {{ name }}", "room_not_found"),
            ("muc_light.listRoomUsers", "query", $"listRoomUsers({Den}) {{ jid affiliation }}", $"listRoomUsers({NoDen}) {{ jid }}", "room_not_found"),
            ("muc_light.listRooms", "query", "listRooms", None, null),
            ("muc_light.changeRoomConfiguration", "mutation", $"changeRoomConfiguration({Den}, subject: \"fish\") {{ subject options {{ key value }} }}", $"changeRoomConfiguration({Den}, options: [{{key: \"nosuch\", value: \"x\"}}]) {{ jid }}", "validation_error"),
            ("muc_light.sendMessageToRoom", "mutation", $"sendMessageToRoom({Den}, body: \"hello\")", $"sendMessageToRoom({NoDen}, body: \"x\")", "room_not_found"),
            ("muc_light.getRoomMessages", "query", $"getRoomMessages({Den}) {{ stanzas {{ stanza }} limit }}", $"getRoomMessages({NoDen}) {{ limit }}", "room_not_found"),
            ("muc_light.setBlockingList", "mutation", "setBlockingList(items: [{entityType: ROOM, entity: \"x@muclight.one.test\"}])", None, null),
            ("muc_light.getBlockingList", "query", "getBlockingList { entityType action entity }", None, null),
            ("muc_light.kickUser", "mutation", $"kickUser({Den}, user: \"bob@one.test\")", $"kickUser({NoDen})", "room_not_found"),
            ("muc_light.deleteRoom", "mutation", $"deleteRoom({Den})", $"deleteRoom({NoDen})", "room_not_found"),
            ("private.setPrivate", "mutation", "setPrivate(elementString: \"<n xmlns='app:n'>x</n>\")", "setPrivate(elementString: \"<n/>\")", "not_found"),
            ("private.getPrivate", "query", "getPrivate(element: \"n\", nameSpace: \"app:n\")", "getPrivate(element: \"<\", nameSpace: \"app:n\")", "not_found"),
            ("httpUpload.getUrl", "mutation", "getUrl(filename: \"a.png\", size: 10, contentType: \"image/png\", timeout: 60) { putUrl getUrl headers { name value } }", "getUrl(filename: \"a.png\", size: 2000000000, timeout: 60) { putUrl }", "file_too_large_error"),
            ("inbox.flushBin", "mutation", "flushBin(days: 3)", None, null),
            ("roster.addContact", "mutation", "addContact(contact: \"bob@one.test\", name: \"Bob\", groups: [\"F\"])", "addContact(contact: \"nobody@one.test\")", "user_not_exist"),
            ("roster.addContacts", "mutation", "addContacts(contacts: [{jid: \"cat@one.test\", name: \"Cat\"}])", "addContacts(contacts: [{jid: \"nobody@one.test\", name: \"\"}])", "user_not_exist"),
            ("roster.subscription", "mutation", "subscription(contact: \"bob@one.test\", action: INVITE)", None, null),
            ("roster.listContacts", "query", "listContacts { jid name subscription ask groups }", None, null),
            ("roster.getContact", "query", "getContact(contact: \"bob@one.test\") { ask }", "getContact(contact: \"nobody@one.test\") { ask }", "contact_not_found"),
            ("roster.deleteContact", "mutation", "deleteContact(contact: \"bob@one.test\")", "deleteContact(contact: \"nobody@one.test\")", "contact_not_found"),
            ("roster.deleteContacts", "mutation", "deleteContacts(contacts: [\"cat@one.test\"])", "deleteContacts(contacts: [\"nobody@one.test\"])", "contact_not_found"),
            ("session.listResources", "query", "listResources", None, null),
            ("session.countResources", "query", "countResources", None, null),
            ("session.listSessions", "query", "listSessions { user uptime }", None, null),
            ("stanza.sendMessage", "mutation", "sendMessage(to: \"cat@one.test\", body: \"hello\") { id }", "sendMessage(from: \"bob@one.test\", to: \"cat@one.test\", body: \"x\") { id }", "invalid_sender"),
            ("stanza.sendMessageHeadLine", "mutation", "sendMessageHeadLine(from: \"ann@one.test/web\", to: \"cat@one.test\", subject: \"s\") { id }", "sendMessageHeadLine(from: \"bob@one.test\", to: \"cat@one.test\") { id }", "invalid_sender"),
            ("stanza.sendStanza", "mutation", "sendStanza(stanza: \"<message to='cat@one.test'><body>raw</body></message>\") { id }", "sendStanza(stanza: \"<message from='bob@one.test' to='cat@one.test'/>\") { id }", "invalid_sender"),
            ("stanza.getLastMessages", "query", "getLastMessages(with: \"cat@one.test\", limit: 1) { stanzas { sender timestamp stanza_id stanza } limit }", None, null),
            ("vcard.setVcard", "mutation", "setVcard(vcard: {formattedName: \"Ann\", nameComponents: {}}) { formattedName }", None, null),
            ("vcard.getVcard", "query", "getVcard { formattedName }", "getVcard(user: \"bob@one.test\") { formattedName }", "vcard_not_found"),
            ("account.changePassword", "mutation", "changePassword(newPassword: \"p\")", "changePassword(newPassword: \"\")", "empty_password"),
            ("account.unregister", "mutation", "unregister", None, null),
        ];
        var (_, schema) = await endpoint.PostAsync("user", "{ __schema { queryType { name } mutationType { name } types { name fields { name type { name } } } } }");
        Assert.Equal(Operations(schema), cases.Select(found => found.Operation).Order(StringComparer.Ordinal));
        var wrong = new List<string>();
        foreach (var found in cases)
        {
            string Document(string words) => $"{found.Kind} {{ {found.Operation.Split('.')[0]} {{ {words} }} }}";
            var (refusedStatus, refused) = found.Code is null ? await endpoint.PostAsync("user", Document(found.Success)) : await endpoint.PostAsync("user", Document(found.Refusal), "ann@one.test:p");
            if (Code(refused) != (found.Code ?? "no_permissions") || refusedStatus != (found.Code is null ? HttpStatusCode.Unauthorized : HttpStatusCode.OK))
            {
                wrong.Add($"{found.Operation} is not refused: {refused}");
            }

            var (status, body) = await endpoint.PostAsync("user", Document(found.Success), "ann@one.test:p");
            if (status != HttpStatusCode.OK || Code(body) is not null)
            {
                wrong.Add($"{found.Operation} does not succeed: {body}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(HttpStatusCode.Unauthorized, (await endpoint.PostAsync("user", Who, "ann@one.test:p")).Status); // gone
    }

    private static IEnumerable<string> Operations(JsonElement body)
    {
        var schema = body.GetProperty("data").GetProperty("__schema");
        var types = schema.GetProperty("types").EnumerateArray().ToDictionary(type => type.GetProperty("name").GetString()!, type => type.GetProperty("fields"));
        return new[] { "queryType", "mutationType" }
            .SelectMany(root => types[schema.GetProperty(root).GetProperty("name").GetString()!].EnumerateArray())
            .Where(category => category.GetProperty("name").GetString() != "checkAuth")
            .SelectMany(category => types[category.GetProperty("type").GetProperty("name").GetString()!].EnumerateArray()
                .Select(operation => $"{category.GetProperty("name").GetString()}.{operation.GetProperty("name").GetString()}"))
            .Order(StringComparer.Ordinal);
    }

    private static string? Code(JsonElement body) => body.ValueKind is JsonValueKind.Object && body.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("extensions").GetProperty("code").GetString() : null;
}
