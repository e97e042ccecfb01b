using System.Net;
using System.Text.Json;
using Xunit;

namespace Meerkat.Admin.Tests.Http;

/// <summary>Every operation of the users' schema from outside, once with a success and once with a refusal; an operation without a case fails (GQU-AUTH-01 to 05, GQU-ACCOUNT-01 to GQU-VCARD-02, but GQU-TOKEN-01 and 02, whose feature is not there).</summary>
public sealed class UserOperationTests
{
    private const string Hall = "room: \"hall@conference.one.test\"";
    private const string NoHall = "room: \"nosuch@conference.one.test\"";
    private const string Den = "room: \"den@muclight.one.test\"";
    private const string NoDen = "room: \"nosuch@muclight.one.test\"";

    // In an order in which each finds what it needs. Without a code, the refusal is that of whom nobody knows.
    private static readonly Case[] s_cases =
    [
        new("mutation account.changePassword", "(newPassword: \"secret\")", "(newPassword: \"\")", "empty_password"), // GQU-ACCOUNT-02
        new("mutation account.unregister", "", "", null) { As = "dan" }, // GQU-ACCOUNT-01
        new("mutation httpUpload.getUrl", "(filename: \"a.png\", size: 10, timeout: 60) { putUrl }", "(filename: \"a.png\", size: 2000000000, timeout: 60) { putUrl }", "file_too_large_error"), // GQU-UPLOAD-01
        new("mutation inbox.flushBin", "(days: 1)", "", null), // GQU-INBOX-01
        new("mutation last.setLast", "(timestamp: \"2020-01-02T03:04:05Z\", status: \"gone\") { status timestamp }", "", null), // GQU-LAST-02
        new("query last.getLast", " { status }", "(user: \"nobody@one.test\") { status }", "user_does_not_exist"), // GQU-LAST-01
        new("mutation muc.createInstantRoom", $"({Hall}, nick: \"ann\") {{ jid }}", "(room: \"hall@conference.one.test\", nick: \"eve\") { jid }", "could_not_create_room") { RefusedAs = "cat" }, // GQU-MUC-01
        new("mutation muc.enterRoom", $"({Hall}, nick: \"ann\", resource: \"desk\")", "", null), // GQU-MUC-10
        new("mutation muc.inviteUser", $"({Hall}, recipient: \"bob@one.test\")", $"({NoHall}, recipient: \"bob@one.test\")", "room_not_found"), // GQU-MUC-02
        new("query muc.listRooms", "(mucDomain: \"conference.one.test\", limit: 5, index: 0) { count }", "(mucDomain: \"one.test\") { count }", "muc_server_not_found"), // GQU-MUC-12
        new("query muc.getRoomConfig", $"({Hall}) {{ title }}", $"({Hall}) {{ title }}", "not_allowed") { RefusedAs = "cat" }, // GQU-MUC-13
        new("query muc.listRoomUsers", $"({Hall}) {{ nick }}", $"({NoHall}) {{ nick }}", "room_not_found"), // GQU-MUC-14
        new("query muc.listRoomAffiliations", $"({Hall}, affiliation: OWNER) {{ jid }}", $"({NoHall}) {{ jid }}", "room_not_found"), // GQU-MUC-15
        new("query muc.getRoomMessages", $"({Hall}, pageSize: 5) {{ limit }}", $"({NoHall}) {{ limit }}", "room_not_found"), // GQU-MUC-16
        new("mutation muc.changeRoomConfiguration", $"({Hall}, config: {{ title: \"The hall\", persistent: true }}) {{ title }}", $"({Hall}, config: {{ title: \"Mine\" }}) {{ title }}", "not_allowed") { RefusedAs = "cat" }, // GQU-MUC-07
        new("mutation muc.sendMessageToRoom", $"({Hall}, body: \"hello\")", $"({Hall}, body: \"hello\")", "no_session") { RefusedAs = "cat" }, // GQU-MUC-04
        new("mutation muc.sendPrivateMessage", $"({Hall}, toNick: \"ann\", body: \"psst\")", $"({Hall}, toNick: \"ann\", body: \"psst\")", "no_session") { RefusedAs = "cat" }, // GQU-MUC-05
        new("mutation muc.setUserAffiliation", $"({Hall}, user: \"bob@one.test\", affiliation: MEMBER)", $"({Hall}, user: \"bob@one.test\", affiliation: OWNER)", "not_allowed") { RefusedAs = "cat" }, // GQU-MUC-09
        new("mutation muc.setUserRole", $"({Hall}, nick: \"bea\", role: VISITOR)", $"({NoHall}, nick: \"bea\", role: VISITOR)", "room_not_found"), // GQU-MUC-08
        new("mutation muc.kickUser", $"({Hall}, nick: \"bea\", reason: \"out\")", $"({Hall}, nick: \"ann\")", "moderator_not_found") { RefusedAs = "cat" }, // GQU-MUC-03
        new("mutation muc.exitRoom", $"({Hall}, nick: \"ann\", resource: \"desk\")", "", null), // GQU-MUC-11
        new("mutation muc.deleteRoom", $"({Hall}, reason: \"closed\")", $"({NoHall})", "room_not_found"), // GQU-MUC-06
        new("mutation muc_light.createRoom", "(mucDomain: \"muclight.one.test\", id: \"den\", name: \"Den\", subject: \"pups\") { jid }", "(mucDomain: \"muclight.one.test\", id: \"den\") { jid }", "already_exists"), // GQU-MUCLIGHT-01
        new("mutation muc_light.inviteUser", $"({Den}, recipient: \"bob@one.test\")", $"({Den}, recipient: \"bob@one.test\")", "not_room_member") { RefusedAs = "cat" }, // GQU-MUCLIGHT-03
        new("mutation muc_light.changeRoomConfiguration", $"({Den}, name: \"Lair\") {{ name }}", $"({Den}, options: [{{ key: \"nosuch\", value: \"x\" }}]) {{ name }}", "validation_error"), // GQU-MUCLIGHT-02
        new("mutation muc_light.sendMessageToRoom", $"({Den}, body: \"hello\")", $"({Den}, body: \"hello\")", "not_room_member") { RefusedAs = "cat" }, // GQU-MUCLIGHT-06
        new("query muc_light.getRoomMessages", $"({Den}, pageSize: 5) {{ limit }}", $"({Den}) {{ limit }}", "not_room_member") { RefusedAs = "cat" }, // GQU-MUCLIGHT-08
        new("query muc_light.getRoomConfig", $"({Den}) {{ name }}", $"({Den}) {{ name }}", "not_room_member") { RefusedAs = "cat" }, // GQU-MUCLIGHT-09
        new("query muc_light.listRoomUsers", $"({Den}) {{ jid }}", $"({NoDen}) {{ jid }}", "room_not_found"), // GQU-MUCLIGHT-10
        new("query muc_light.listRooms", "", "", null), // GQU-MUCLIGHT-11
        new("mutation muc_light.setBlockingList", "(items: [{ entityType: USER, entity: \"cat@one.test\" }])", "", null), // GQU-MUCLIGHT-07
        new("query muc_light.getBlockingList", " { entity action }", "", null), // GQU-MUCLIGHT-12
        new("mutation muc_light.kickUser", $"({Den}, user: \"bob@one.test\")", $"({Den}, user: \"ann@one.test\")", "not_room_member") { RefusedAs = "cat" }, // GQU-MUCLIGHT-05
        new("mutation muc_light.deleteRoom", $"({Den})", $"({NoDen})", "room_not_found"), // GQU-MUCLIGHT-04
        new("mutation private.setPrivate", "(elementString: \"<n xmlns='app:n'>milk</n>\")", "(elementString: \"<n/>\")", "not_found"), // GQU-PRIVATE-01
        new("query private.getPrivate", "(element: \"n\", nameSpace: \"app:n\")", "", null), // GQU-PRIVATE-02
        new("mutation roster.addContact", "(contact: \"bob@one.test\", name: \"Bob\", groups: [\"Friends\"])", "(contact: \"nobody@one.test\")", "user_not_exist"), // GQU-ROSTER-01
        new("mutation roster.addContacts", "(contacts: [{ jid: \"cat@one.test\", name: \"Cat\" }])", "(contacts: [{ jid: \"nobody@one.test\", name: \"\" }])", "user_not_exist"), // GQU-ROSTER-02
        new("mutation roster.subscription", "(contact: \"bob@one.test\", action: INVITE)", "", null), // GQU-ROSTER-03
        new("query roster.listContacts", " { jid groups subscription ask }", "", null), // GQU-ROSTER-06
        new("query roster.getContact", "(contact: \"bob@one.test\") { name }", "(contact: \"nobody@one.test\") { name }", "contact_not_found"), // GQU-ROSTER-07
        new("mutation roster.deleteContact", "(contact: \"bob@one.test\")", "(contact: \"nobody@one.test\")", "contact_not_found"), // GQU-ROSTER-04
        new("mutation roster.deleteContacts", "(contacts: [\"cat@one.test\"])", "(contacts: [\"nobody@one.test\"])", "contact_not_found"), // GQU-ROSTER-05
        new("query session.listResources", "", "", null), // GQU-SESSION-01
        new("query session.countResources", "", "", null), // GQU-SESSION-02
        new("query session.listSessions", " { user }", "", null), // GQU-SESSION-03
        new("mutation stanza.sendMessage", "(to: \"bob@one.test\", body: \"hi\") { id }", "(from: \"bob@one.test\", to: \"ann@one.test\", body: \"hi\") { id }", "invalid_sender"), // GQU-STANZA-02
        new("mutation stanza.sendMessageHeadLine", "(to: \"bob@one.test\", subject: \"news\") { id }", "(from: \"bob@one.test\", to: \"ann@one.test\") { id }", "invalid_sender"), // GQU-STANZA-03
        new("mutation stanza.sendStanza", "(stanza: \"<message to='bob@one.test'/>\") { id }", "(stanza: \"<message/>\") { id }", "no_recipient"), // GQU-STANZA-04
        new("query stanza.getLastMessages", "(with: \"bob@one.test\", limit: 5) { stanzas { stanza } limit }", "", null), // GQU-STANZA-01
        new("mutation vcard.setVcard", "(vcard: { formattedName: \"Ann\", nameComponents: { givenName: \"Ann\" } }) { formattedName }", "", null), // GQU-VCARD-01
        new("query vcard.getVcard", " { formattedName }", "(user: \"nobody@one.test\") { formattedName }", "user_not_found"), // GQU-VCARD-02
    ];

    [Fact]
    public async Task Every_operation_of_a_user_succeeds_and_is_refused()
    {
        await using var endpoint = await EndpointFixture.StartAsync(privateStorage: true, everything: true);
        await using var ann = await endpoint.Api.Server.ConnectAsync("ann", "desk", "one.test");
        await using var bob = await endpoint.Api.Server.ConnectAsync("bob", "desk", "one.test");
        foreach (var name in new[] { "cat", "dan" })
        {
            await endpoint.Api.Server.Accounts.AddAsync($"{name}@one.test", "secret");
        }

        Assert.Equal(await OperationsAsync(endpoint), s_cases.Select(one => one.Operation).Order(StringComparer.Ordinal));
        foreach (var one in s_cases)
        {
            if (one.Operation == "mutation muc.setUserRole")
            {
                await bob.SendAsync("<presence to='hall@conference.one.test/bea'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
                await bob.ReceiveAsync(element => element.Is("message", "jabber:client") && element.Child("subject") is not null);
            }

            var (status, body) = await endpoint.PostAsync("user", one.Document(one.Success), $"{one.As}@one.test:secret");
            Assert.True(status is HttpStatusCode.OK && !body.TryGetProperty("errors", out _), $"{one.Operation}: {status} {body.GetRawText()}");
            if (one.Code is { } code)
            {
                (status, body) = await endpoint.PostAsync("user", one.Document(one.Refusal), $"{one.RefusedAs}@one.test:secret");
                Assert.True(status is HttpStatusCode.OK && Code(body) == code, $"{one.Operation} is not refused with {code}: {status} {body.GetRawText()}");
            }

            // GQU-AUTH-02
            (status, body) = await endpoint.PostAsync("user", one.Document(one.Success));
            Assert.True(status is HttpStatusCode.Unauthorized && Code(body) == "no_permissions", $"{one.Operation} is anybody's: {status} {body.GetRawText()}");
        }
    }

    // GQU-ROOT-01: the whole bare address, and nobody's without credentials
    [Fact]
    public async Task Whoever_asks_is_told_who_it_is()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        await endpoint.Api.Server.Accounts.AddAsync("ann@one.test", "secret");
        const string Who = "{ checkAuth { username authStatus } }";
        Assert.Equal("""{"username":"ann@one.test","authStatus":"AUTHORIZED"}""", (await endpoint.PostAsync("user", Who, "ann@one.test/desk:secret")).Body.GetProperty("data").GetProperty("checkAuth").GetRawText());
        Assert.Equal("""{"username":null,"authStatus":"UNAUTHORIZED"}""", (await endpoint.PostAsync("user", Who)).Body.GetProperty("data").GetProperty("checkAuth").GetRawText());
    }

    // GQL-PROT-01, GQL-PROT-03, GQL-PROT-08, of the operations that need no argument and so can be wrong in none: for nobody without credentials, and what is global for no administrator of a domain
    [Fact]
    public async Task What_needs_no_argument_is_refused_to_those_who_may_not()
    {
        await using var endpoint = await EndpointFixture.StartAsync(everything: true);
        await endpoint.Api.AskAsync("mutation { domain { setDomainPassword(domain: \"one.test\", password: \"pw\") } }");
        var (_, schema) = await endpoint.PostAsync("open", "{ __schema { types { name fields { name args { type { kind } } type { kind name ofType { kind name } } } } } }");
        var types = schema.GetProperty("data").GetProperty("__schema").GetProperty("types").EnumerateArray().Where(type => type.GetProperty("fields").ValueKind is JsonValueKind.Array).ToDictionary(type => type.GetProperty("name").GetString()!, type => type.GetProperty("fields").EnumerateArray().ToList());
        var asked = 0;
        foreach (var (kind, root) in new[] { ("query", "AdminQuery"), ("mutation", "AdminMutation") })
        {
            foreach (var category in types[root].Where(field => field.GetProperty("name").GetString() != "checkAuth"))
            {
                foreach (var field in types[category.GetProperty("type").GetProperty("name").GetString()!].Where(field => !field.GetProperty("args").EnumerateArray().Any(arg => arg.GetProperty("type").GetProperty("kind").GetString() == "NON_NULL")))
                {
                    var kinds = field.GetProperty("type").GetRawText();
                    var below = kinds.Contains("OBJECT", StringComparison.Ordinal) || kinds.Contains("UNION", StringComparison.Ordinal) || kinds.Contains("\"LIST\",\"name\":null", StringComparison.Ordinal) ? " { __typename }" : "";
                    var document = $"{kind} {{ {category.GetProperty("name").GetString()} {{ {field.GetProperty("name").GetString()}{below} }} }}";
                    foreach (var (path, credentials) in new[] { ("admin", null), ("domain", "admin@one.test:pw") })
                    {
                        var (status, body) = await endpoint.PostAsync(path, document, credentials);
                        Assert.True(status is HttpStatusCode.Unauthorized && Code(body) == "no_permissions", $"{document} as {credentials}: {status} {body.GetRawText()}");
                    }

                    asked++;
                }
            }
        }

        Assert.InRange(asked, 10, 100);
    }

    private static async Task<IEnumerable<string>> OperationsAsync(EndpointFixture endpoint)
    {
        var operations = new List<string>();
        foreach (var (kind, root) in new[] { ("query", "UserQuery"), ("mutation", "UserMutation") })
        {
            var (_, body) = await endpoint.PostAsync("user", $"{{ __type(name: \"{root}\") {{ fields {{ name type {{ fields {{ name }} }} }} }} }}");
            operations.AddRange(
                from category in body.GetProperty("data").GetProperty("__type").GetProperty("fields").EnumerateArray()
                where category.GetProperty("name").GetString() != "checkAuth"
                from field in category.GetProperty("type").GetProperty("fields").EnumerateArray()
                select $"{kind} {category.GetProperty("name").GetString()}.{field.GetProperty("name").GetString()}");
        }

        return operations.Order(StringComparer.Ordinal);
    }

    private static string? Code(JsonElement body) =>
        body.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("extensions").GetProperty("code").GetString() : null;

    private sealed record Case(string Operation, string Success, string Refusal, string? Code)
    {
        public string As { get; init; } = "ann";

        public string RefusedAs { get; init; } = "ann";

        public string Document(string rest) => Operation.Split(' ', '.') is [var kind, var category, var name] ? $"{kind} {{ {category} {{ {name}{rest} }} }}" : throw new FormatException(Operation);
    }
}
