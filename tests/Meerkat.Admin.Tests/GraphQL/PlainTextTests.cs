using Xunit;

namespace Meerkat.Admin.Tests.GraphQL;

/// <summary>Texts that no XMPP client could send and not every store can keep: U+0000, which PostgreSQL refuses, and half a surrogate pair.</summary>
public sealed class PlainTextTests
{
    [Theory] // GQL, error objects: a value that is refused, whatever kind of argument it stands in
    [InlineData("mutation { last { setLast(user: \"ann@one.test\", status: \"a\\u0000b\") { status } } }", null, "status")]
    [InlineData("mutation { last { setLast(user: \"ann@one.test\", status: \"a\\ud800b\") { status } } }", null, "status")]
    [InlineData("mutation ($s: String!) { last { setLast(user: \"ann@one.test\", status: $s) { status } } }", "{\"s\":\"a\\u0000b\"}", "status")]
    [InlineData("mutation { roster { addContact(user: \"ann@one.test\", contact: \"bob@one.test\", groups: [\"Friends\", \"\\u0000\"]) } }", null, "groups")]
    [InlineData("mutation { roster { addContacts(user: \"ann@one.test\", contacts: [{ jid: \"bob@one.test\", name: \"\\u0000\" }]) } }", null, "contacts")]
    [InlineData("mutation ($c: VcardInput!) { vcard { setVcard(user: \"ann@one.test\", vcard: $c) { formattedName } } }", "{\"c\":{\"formattedName\":\"Ann\",\"nameComponents\":{\"family\":\"\\u0000\"}}}", "vcard")]
    [InlineData("{ monitor { searchUsers(domain: \"one.test\", prefix: \"\\u0000\") { total } } }", null, "prefix")]
    public async Task What_a_store_could_not_keep_is_a_bad_request(string query, string? variables, string argument)
    {
        await using var api = await ApiFixture.StartAsync();
        await api.Server.Accounts.AddAsync("ann@one.test", "secret");
        await api.Server.Accounts.AddAsync("bob@one.test", "secret");
        var (status, body) = await api.AskAsync(query, variables: variables);
        var error = body.GetProperty("errors")[0];
        Assert.Equal((400, "input_coercion"), (status, error.GetProperty("extensions").GetProperty("code").GetString()));
        Assert.Contains(argument, error.GetProperty("message").GetString());
        Assert.False(body.TryGetProperty("data", out _)); // GQL-HTTP-08
    }

    [Fact] // what is merely rare passes: astral characters are whole pairs
    public async Task Whole_pairs_and_other_rare_characters_are_text()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.Server.Accounts.AddAsync("ann@one.test", "secret");
        var (status, body) = await api.AskAsync("mutation { last { setLast(user: \"ann@one.test\", status: \"\\ud83e\\udda6 \\t\\u200d\") { status } } }");
        Assert.Equal((200, "\ud83e\udda6 \t\u200d"), (status, body.GetProperty("data").GetProperty("last").GetProperty("setLast").GetProperty("status").GetString()));
    }
}
