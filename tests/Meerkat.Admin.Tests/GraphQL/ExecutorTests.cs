using System.Text.Json;
using Meerkat.Admin.GraphQL;
using Xunit;

namespace Meerkat.Admin.Tests.GraphQL;

/// <summary>What is refused, how, and in which order (GQL, request pipeline and error objects).</summary>
public sealed class ExecutorTests
{
    // GQL, error objects: status and code of what is wrong before execution, and of resolvers' own refusals.
    [Theory]
    [InlineData("{ account { ", 400, "parser_error")]
    [InlineData("{ account { nosuch } }", 400, "unknown_field")]
    [InlineData("{ account { countUsers(nosuch: 1) } }", 400, "unknown_argument")]
    [InlineData("{ account { countUsers } }", 400, "missing_non_null_param")]
    [InlineData("{ account { countUsers(domain: \"\") } }", 400, "input_coercion")]
    [InlineData("{ account { countUsers(domain: 1) } }", 400, "input_coercion")]
    [InlineData("{ account { checkUser(user: \"one.test\") { exist } } }", 400, "input_coercion")]
    [InlineData("mutation { session { kickUserSession(user: \"a@one.test\") { kicked } } }", 400, "input_coercion")]
    [InlineData("mutation { session { kickUser(user: \"a@one.test/r\") { kicked } } }", 400, "input_coercion")]
    [InlineData("{ account { listUsers(domain: \"one.test\", limit: 0) } }", 400, "input_coercion")]
    [InlineData("{ last { countActiveUsers(domain: \"one.test\", timestamp: \"yesterday\") } }", 400, "input_coercion")]
    [InlineData("mutation { server { setLoglevel(level: LOUD) } }", 400, "unknown_enum")]
    [InlineData("{ account { ...F } }", 400, "unknown_fragment")]
    [InlineData("{ account { countUsers(domain: $d) } }", 400, "unbound_variable")]
    [InlineData("{ account { countUsers(domain: \"one.test\") @nosuch } }", 400, "unknown_directive")]
    [InlineData("query ($d: Nosuch) { account { countUsers(domain: $d) } }", 400, "type_not_found")]
    [InlineData("fragment F on AdminQuery { ...F } { ...F }", 400, "cycles_in_fragments")]
    [InlineData("query A { checkAuth { authType } } query B { checkAuth { authType } }", 200, "more_than_one_operation")]
    [InlineData("{ account { countUsers(domain: \"nosuch.test\") } }", 200, "domain_not_found")]
    public async Task What_is_wrong_has_the_status_and_code_of_the_reference(string query, int status, string code)
    {
        await using var api = await ApiFixture.StartAsync();
        var (answered, body) = await api.AskAsync(query);
        Assert.Equal((status, code), (answered, Code(body)));
        Assert.Equal(status == 200 && code != "more_than_one_operation", body.TryGetProperty("data", out _)); // GQL-HTTP-08
    }

    // GQL, scalars: the reason stands in the message.
    [Theory]
    [InlineData("user-part-only.test", "jid_without_local_part")]
    [InlineData("a@@b", "failed_to_parse_jid")]
    public async Task A_refused_scalar_names_its_reason(string jid, string reason)
    {
        await using var api = await ApiFixture.StartAsync();
        foreach (var (query, variables) in new[] { ($"{{ account {{ checkUser(user: \"{jid}\") {{ exist }} }} }}", (string?)null), ("query ($u: JID!) { account { checkUser(user: $u) { exist } } }", $"{{\"u\":\"{jid}\"}}") })
        {
            var (status, body) = await api.AskAsync(query, variables: variables);
            Assert.Equal((400, "input_coercion"), (status, Code(body)));
            Assert.Contains(reason, body.GetProperty("errors")[0].GetProperty("message").GetString());
        }
    }

    // GQL-PROT-01 to 08
    [Theory]
    [InlineData("{ account { countUsers(domain: \"one.test\") } }", null)]
    [InlineData("{ account { countUsers(domain: \"ONE.test\") } }", null)]
    [InlineData("{ vcard { getVcard(user: \"a@one.test\") { formattedName } } }", null)]
    [InlineData("{ account { countUsers(domain: \"two.test\") } }", "ROOT account countUsers")]
    [InlineData("{ account { countUsers(domain: \"nosuch.test\") } }", "ROOT account countUsers")]
    [InlineData("query Q { session { countSessions } }", "Q session countSessions")]
    [InlineData("{ server { status { version } } }", "ROOT server status")]
    [InlineData("mutation { roster { setMutualSubscription(userA: \"a@one.test\", userB: \"b@two.test\", action: CONNECT) } }", "ROOT roster setMutualSubscription")]
    [InlineData("mutation { roster { subscribeAllToAll(contacts: [{jid: \"a@one.test\", name: \"\"}, {jid: \"b@two.test\", name: \"\"}]) } }", "ROOT roster subscribeAllToAll")]
    [InlineData("mutation { roster { subscribeToAll(user: {jid: \"a@two.test\", name: \"\"}, contacts: []) } }", "ROOT roster subscribeToAll")]
    [InlineData("{ account { countUsers(domain: \"one.test\") } ...F } fragment F on AdminQuery { x: account { y: countUsers(domain: \"two.test\") } }", "ROOT account countUsers")]
    [InlineData("{ account @skip(if: true) { countUsers(domain: \"two.test\") } }", "ROOT account countUsers")]
    [InlineData("mutation { account { importUsers(filename: \"/etc/passwd\") { status } } }", "ROOT account importUsers")]
    public async Task An_administrator_of_a_domain_has_that_domain_alone(string query, string? path)
    {
        await using var api = await ApiFixture.StartAsync();
        var (status, body) = await api.AskAsync(query, ApiFixture.DomainAdmin);
        if (path is null)
        {
            Assert.Equal(200, status);
            return;
        }

        Assert.Equal((401, "no_permissions"), (status, Code(body)));
        Assert.Equal(path, string.Join(' ', body.GetProperty("errors")[0].GetProperty("path").EnumerateArray()));
        Assert.False(body.TryGetProperty("data", out _));
    }

    // GQL-PROT-01; GQL, request pipeline: a wrong argument comes before a missing permission.
    [Theory]
    [InlineData("{ checkAuth { authStatus authType domain } }", 200, null)]
    [InlineData("{ __schema { queryType { name } } __typename }", 200, null)]
    [InlineData("{ account { countUsers(domain: \"one.test\") } }", 401, "no_permissions")]
    [InlineData("mutation { __typename }", 401, "no_permissions")]
    [InlineData("{ account { countUsers(domain: \"\") } }", 400, "input_coercion")]
    public async Task Nobody_may_ask_who_it_is_and_for_the_schema(string query, int status, string? code)
    {
        await using var api = await ApiFixture.StartAsync();
        var (answered, body) = await api.AskAsync(query, ApiFixture.Nobody);
        Assert.Equal((status, code), (answered, Code(body)));
    }

    // GQL-HTTP-10, OPS-089
    [Fact]
    public async Task Permissions_are_those_of_the_operation_that_runs()
    {
        const string Query = "query A { checkAuth { authStatus } } query B { account { countUsers(domain: \"two.test\") } }";
        await using var api = await ApiFixture.StartAsync();
        Assert.Equal(200, (await api.AskAsync(Query, ApiFixture.DomainAdmin, operation: "A")).Status);
        Assert.Equal(401, (await api.AskAsync(Query, ApiFixture.DomainAdmin, operation: "B")).Status);
        Assert.Equal("more_than_one_operation", Code((await api.AskAsync(Query, ApiFixture.DomainAdmin, operation: "")).Body));
        Assert.Equal("operation_not_found", Code((await api.AskAsync(Query, operation: "C")).Body));
    }

    // allowed_categories: other fields still succeed, aliases do not help.
    [Fact]
    public async Task A_category_that_is_not_allowed_is_refused_alone()
    {
        await using var api = await ApiFixture.StartAsync();
        var (status, body) = await api.AskAsync("{ account { countUsers(domain: \"one.test\") } hidden: session { countSessions } }", categories: ["account"]);
        Assert.Equal((200, "category_disabled"), (status, Code(body)));
        Assert.Equal(0, body.GetProperty("data").GetProperty("account").GetProperty("countUsers").GetInt32());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("data").GetProperty("hidden").ValueKind);
        Assert.Equal("session", body.GetProperty("errors")[0].GetProperty("extensions").GetProperty("category").GetString());
    }

    // GQL-USE-01 to 05
    [Fact]
    public async Task What_needs_a_module_that_is_not_loaded_says_so()
    {
        await using var api = await ApiFixture.StartAsync();
        var (status, body) = await api.AskAsync("{ private { getPrivate(user: \"a@one.test\", element: \"e\", nameSpace: \"n\") } }");
        Assert.Equal((200, "deps_not_loaded"), (status, Code(body)));
        Assert.Equal("mod_private", body.GetProperty("errors")[0].GetProperty("extensions").GetProperty("not_loaded_modules")[0].GetString());
    }

    // GQL-HTTP-09
    [Fact]
    public async Task A_variable_that_is_null_was_not_given()
    {
        await using var api = await ApiFixture.StartAsync();
        var (status, body) = await api.AskAsync("query ($d: DomainName) { session { countSessions(domain: $d) } }", variables: "{\"d\":null}");
        Assert.Equal((200, 0), (status, body.GetProperty("data").GetProperty("session").GetProperty("countSessions").GetInt32()));
    }

    // bad input.
    [Fact]
    public async Task Documents_that_are_too_deep_or_too_large_are_refused()
    {
        await using var api = await ApiFixture.StartAsync();
        var deep = string.Concat(Enumerable.Repeat("{ a", 5000)) + string.Concat(Enumerable.Repeat(" }", 5000));
        var nested = string.Concat(Enumerable.Repeat("{ account", 30)) + " { x }" + string.Concat(Enumerable.Repeat(" }", 30));
        var wide = "{ " + string.Concat(Enumerable.Range(0, 6000).Select(i => $"a{i}: __typename ")) + "}";
        var bomb = "{ ...F0 } " + string.Concat(Enumerable.Range(0, 40).Select(i => $"fragment F{i} on AdminQuery {{ ...F{i + 1} ...F{i + 1} }} ")) + "fragment F40 on AdminQuery { __typename }";
        foreach (var query in (string[])[deep, nested, wide, bomb])
        {
            var (status, body) = await api.AskAsync(query);
            Assert.Equal((400, "query_too_complex"), (status, Code(body)));
        }
    }

    // bad input. What validates documents walks every fragment, used or not, and goes as deep as they are nested in each other.
    [Fact]
    public async Task Fragments_are_limited_as_selections_are()
    {
        await using var api = await ApiFixture.StartAsync();
        var chain = "{ ...F0 } " + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"fragment F{i} on AdminQuery {{ ...F{i + 1} }} ")) + "fragment F100000 on AdminQuery { __typename }";
        var unused = "{ __typename } fragment F on AdminQuery { " + string.Concat(Enumerable.Repeat("__typename ", 100_000)) + "}";
        var inline = "{ ...F0 } " + string.Concat(Enumerable.Range(0, 100).Select(i => $"fragment F{i} on AdminQuery {{ {string.Concat(Enumerable.Repeat("... { ", 90))} ...F{i + 1} {string.Concat(Enumerable.Repeat("} ", 90))} }} ")) + "fragment F100 on AdminQuery { __typename }";
        var spreads = "{ " + string.Concat(Enumerable.Repeat("...F ", 100_000)) + "} fragment F on AdminQuery { ...F }";
        var arguments = "{ checkAuth(" + string.Concat(Enumerable.Repeat("x: 1 ", 100_000)) + ") { authType } }";
        var directives = "{ checkAuth " + string.Concat(Enumerable.Repeat("@skip(if: true) ", 100_000)) + " { authType } }";
        var variables = "query (" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"$v{i}: Int ")) + ") { __typename }";
        foreach (var query in (string[])[unused, spreads, arguments, directives, variables, inline, chain])
        {
            var (status, body) = await api.AskAsync(query, ApiFixture.Nobody);
            Assert.Equal((400, "query_too_complex"), (status, Code(body)));
        }
    }

    [Fact]
    public async Task Introspection_can_be_switched_off()
    {
        await using var api = await ApiFixture.StartAsync();
        Assert.Equal(400, (await api.AskAsync("{ __schema { queryType { name } } }", introspection: false)).Status);
        Assert.Equal(200, (await api.AskAsync("{ checkAuth { authType } }", introspection: false)).Status);
    }

    // GQL-HTTP-03, GQL-HTTP-06
    [Theory]
    [InlineData("{", "invalid_json_body")]
    [InlineData("[{\"query\":\"{__typename}\"}]", "invalid_json_body")]
    [InlineData("\"x\"", "invalid_json_body")]
    [InlineData("{}", "no_query_supplied")]
    [InlineData("{\"query\":1}", "no_query_supplied")]
    [InlineData("{\"query\":\"{__typename}\",\"variables\":[]}", "variables_invalid_json")]
    [InlineData("{\"query\":\"{__typename}\",\"variables\":\"[1]\"}", "variables_invalid_json")]
    [InlineData("{\"query\":\"{__typename}\",\"variables\":\"nope\"}", "variables_invalid_json")]
    public void A_body_that_is_no_request_is_refused(string body, string code)
    {
        var answer = ApiRequest.Read(System.Text.Encoding.UTF8.GetBytes(body), out _);
        Assert.Equal((400, code), (answer!.Status, Code(JsonDocument.Parse(answer.Body).RootElement)));
    }

    // GQA-ACCOUNT-04: hexadecimal digits in either case, and the reference's own form, which leaves out zeros. md5("secret") has none to leave out; sha does.
    [Theory]
    [InlineData("md5", "5ebe2294ecd0e0f08eab7690d2a6ee69", true)]
    [InlineData("md5", "5EBE2294ECD0E0F08EAB7690D2A6EE69", true)]
    [InlineData("sha", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", true)]
    [InlineData("sha", "E5E9FA1BA31ECD1AE84F75CAAA474F3A663F5F4", true)]
    [InlineData("sha", "00", false)]
    public async Task A_hash_of_a_password_that_is_kept_is_compared(string method, string hash, bool correct)
    {
        await using var api = await ApiFixture.StartAsync();
        await api.Server.Accounts.AddAsync("a@one.test", "secret");
        var (_, body) = await api.AskAsync($"{{ account {{ checkPasswordHash(user: \"a@one.test\", passwordHash: \"{hash}\", hashMethod: \"{method}\") {{ correct }} }} }}");
        Assert.Equal(correct, body.GetProperty("data").GetProperty("account").GetProperty("checkPasswordHash").GetProperty("correct").GetBoolean());
    }

    // GQL, vCard mapping
    // GraphQL, October 2021, §4.2: what generators of code and explorers ask; the library has no "includeDeprecated" for arguments of directives.
    [Fact]
    public async Task The_schema_tells_what_tools_ask()
    {
        await using var api = await ApiFixture.StartAsync();
        const string Values = "{ name type { name } defaultValue isDeprecated deprecationReason }";
        var (status, body) = await api.AskAsync($$"""
            {
              __schema {
                description
                types { name inputFields(includeDeprecated: true) {{Values}} fields(includeDeprecated: true) { name args(includeDeprecated: true) {{Values}} } }
                directives { name isRepeatable args { name type { name } defaultValue } }
              }
            }
            """);
        Assert.True(status == 200, $"{body}");
        Assert.All(body.GetProperty("data").GetProperty("__schema").GetProperty("directives").EnumerateArray(), directive => Assert.False(directive.GetProperty("isRepeatable").GetBoolean()));
    }

    [Fact]
    public async Task A_vcard_comes_back_as_it_was_set()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.Server.Accounts.AddAsync("a@one.test", "secret");
        const string Fields = "{ formattedName nameComponents { family givenName } nickname address { tags street country } telephone { tags number } photo { ... on ImageData { type binValue } ... on External { extValue } } agent { ... on AgentVcard { vcard { formattedName } } } sortString org { orgname orgunit } }";
        var (status, body) = await api.AskAsync($$"""
            mutation { vcard { setVcard(user: "a@one.test", vcard: {
                formattedName: "Ann Otter", nameComponents: { family: "Otter", givenName: "Ann" }, nickname: ["Otti", "Lutra"], sortString: ["Otter"],
                address: [{ tags: [HOME, PREF], street: "1 & 2 <River>", country: "DK" }], telephone: [{ tags: [CELL], number: "123" }],
                photo: [{ type: "image/png", binValue: "AAAA" }, { extValue: "http://x.example/" }, { binValue: "BBBB" }],
                agent: [{ vcard: { formattedName: "Bob", nameComponents: {} } }], org: [{ orgname: "Holt", orgunit: ["Pups"] }] }) {{Fields}} } }
            """);
        Assert.True(status == 200 && !body.TryGetProperty("errors", out _), body.ToString());
        var vcard = body.GetProperty("data").GetProperty("vcard").GetProperty("setVcard");
        Assert.Equal("Otter", vcard.GetProperty("nameComponents").GetProperty("family").GetString());
        Assert.Equal("Lutra", vcard.GetProperty("nickname")[1].GetString());
        Assert.Equal("1 & 2 <River>", vcard.GetProperty("address")[0].GetProperty("street").GetString());
        Assert.Equal(["HOME", "PREF"], vcard.GetProperty("address")[0].GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal("http://x.example/", vcard.GetProperty("photo")[1].GetProperty("extValue").GetString());
        Assert.Null(vcard.GetProperty("photo")[2].GetProperty("type").GetString());
        Assert.Equal("Bob", vcard.GetProperty("agent")[0].GetProperty("vcard").GetProperty("formattedName").GetString());
        Assert.Equal("Pups", vcard.GetProperty("org")[0].GetProperty("orgunit")[0].GetString());
    }

    private static string? Code(JsonElement body) => body.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("extensions").GetProperty("code").GetString() : null;
}
