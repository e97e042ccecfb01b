using System.Text.Json;
using Xunit;

namespace Meerkat.Admin.Tests.GraphQL;

/// <summary>The category <c>domain</c> of the administrator (GQA-DOMAIN-01 to 08).</summary>
public sealed class DomainTests
{
    [Fact]
    public async Task A_domain_is_added_shown_disabled_enabled_and_removed()
    {
        await using var api = await ApiFixture.StartAsync(domains: true);
        Assert.Equal("""{"domain":"new.test","hostType":"free","status":null}""", await ChangeAsync(api, "addDomain", "new.test", "free")); // GQA-DOMAIN-04: no status
        Assert.True(api.Server.Context.Domains.TryFindAccounts("new.test", out _)); // before the reply
        Assert.Equal("""{"domain":"new.test","hostType":"free","status":"ENABLED","type":"DYNAMIC"}""", await DetailsAsync(api, "new.test"));
        Assert.Equal("""{"domain":"one.test","hostType":"one.test","status":"ENABLED","type":"STATIC"}""", await DetailsAsync(api, "one.test"));
        Assert.Equal("""["new.test"]""", await ByTypeAsync(api, "free"));
        Assert.Equal("[]", await ByTypeAsync(api, "paying"));
        Assert.Equal("""["one.test"]""", await ByTypeAsync(api, "one.test"));

        Assert.Equal("""{"domain":"new.test","hostType":null,"status":"DISABLED"}""", await ChangeAsync(api, "disableDomain", "new.test"));
        Assert.Equal("[]", await ByTypeAsync(api, "free")); // GQA-DOMAIN-01: enabled ones
        Assert.Equal("""{"domain":"new.test","hostType":"free","status":"DISABLED","type":"DYNAMIC"}""", await DetailsAsync(api, "new.test"));
        Assert.Equal("""{"domain":"new.test","hostType":null,"status":"ENABLED"}""", await ChangeAsync(api, "enableDomain", "new.test"));
        await ChangeAsync(api, "addDomain", "abc.test", "paying");
        await ChangeAsync(api, "disableDomain", "abc.test");
        var (_, all) = await api.AskAsync("{ domain { allDomains { domain status type } } }"); // GQA-DOMAIN-02
        Assert.Equal(
            ["abc.test DISABLED DYNAMIC", "new.test ENABLED DYNAMIC", "one.test ENABLED STATIC", "two.test ENABLED STATIC"],
            all.GetProperty("data").GetProperty("domain").GetProperty("allDomains").EnumerateArray().Select(shown => string.Join(' ', shown.EnumerateObject().Select(value => value.Value.GetString()))));

        Assert.Equal("""{"domain":"new.test","hostType":"free","status":"DELETED"}""", await ChangeAsync(api, "removeDomain", "new.test", "free"));
        Assert.Equal("""{"domain":"abc.test","hostType":"paying","status":"DELETING"}""", await ChangeAsync(api, "requestRemoveDomain", "abc.test", "paying"));
        while (await api.Server.Dynamic.FindAsync("abc.test", CancellationToken.None) is not null)
        {
            await Task.Yield();
        }
    }

    [Theory] // CORE-238
    [InlineData("addDomain", "one.test", "free", "static")]
    [InlineData("addDomain", "x.test", "nosuch", "unknown_host_type")]
    [InlineData("addDomain", "there.test", "free", "duplicate")]
    [InlineData("removeDomain", "one.test", "free", "static")]
    [InlineData("removeDomain", "there.test", "nosuch", "unknown_host_type")]
    [InlineData("removeDomain", "x.test", "free", "not_found")]
    [InlineData("removeDomain", "there.test", "paying", "wrong_host_type")]
    [InlineData("requestRemoveDomain", "x.test", "free", "not_found")]
    [InlineData("requestRemoveDomain", "there.test", "paying", "wrong_host_type")]
    [InlineData("enableDomain", "one.test", null, "static")]
    [InlineData("enableDomain", "x.test", null, "not_found")]
    [InlineData("disableDomain", "one.test", null, "static")]
    [InlineData("disableDomain", "x.test", null, "not_found")]
    public async Task What_cannot_be_changed_is_refused_with_its_code(string operation, string domain, string? hostType, string code)
    {
        await using var api = await ApiFixture.StartAsync(domains: true);
        await ChangeAsync(api, "addDomain", "there.test", "free");
        var extensions = (await AskAsync(api, operation, domain, hostType)).GetProperty("errors")[0].GetProperty("extensions");
        Assert.Equal(code, extensions.GetProperty("code").GetString());
        Assert.Equal(domain, extensions.GetProperty("domain").GetString());
        Assert.Equal(hostType is not null, extensions.TryGetProperty("hostType", out _));
    }

    [Fact] // GQL-USE-05; domains of the configuration are shown all the same
    public async Task Without_the_service_nothing_is_changed()
    {
        await using var api = await ApiFixture.StartAsync();
        foreach (var (operation, hostType) in ((string, string?)[])[("addDomain", "free"), ("removeDomain", "free"), ("requestRemoveDomain", "free"), ("enableDomain", null), ("disableDomain", null)])
        {
            var extensions = (await AskAsync(api, operation, "x.test", hostType)).GetProperty("errors")[0].GetProperty("extensions");
            Assert.Equal(("deps_not_loaded", "service_domain_db"), (extensions.GetProperty("code").GetString(), extensions.GetProperty("not_loaded_services")[0].GetString()));
        }

        Assert.Contains("STATIC", await DetailsAsync(api, "one.test"));
    }

    [Fact] // GQL-PROT-03, GQL-PROT-04
    public async Task The_administrator_of_a_domain_changes_no_domain()
    {
        await using var api = await ApiFixture.StartAsync(domains: true);
        var (status, _) = await api.AskAsync("mutation { domain { disableDomain(domain: \"one.test\") { status } } }", ApiFixture.DomainAdmin);
        Assert.Equal(401, status);
    }

    [Fact] // RST-ADMIN-27 to 30: without the service, and in the background
    public async Task By_rest_a_domain_is_removed_in_the_background_and_nothing_goes_without_the_service()
    {
        await using var rest = await Rest.RestFixture.StartAsync();
        Assert.Equal(204, (await rest.AskAsync("PUT", "admin/domains/new.test", Rest.RestFixture.Boss, """{"host_type":"free"}""")).Status);
        Assert.Equal(400, (await rest.AskAsync("PUT", "admin/domains/a%20b", Rest.RestFixture.Boss, """{"host_type":"free"}""")).Status);
        Assert.Equal(400, (await rest.AskAsync("PATCH", "admin/domains/new.test", Rest.RestFixture.Boss, """{"enabled":"yes"}""")).Status);
        Assert.Equal(403, (await rest.AskAsync("PUT", "admin/domains/other.test", Rest.RestFixture.Boss, """{"host_type":"nosuch"}""")).Status);
        Assert.Equal(403, (await rest.AskAsync("DELETE", "admin/domains/new.test", Rest.RestFixture.Boss, """{"host_type":"paying"}""")).Status);
        Assert.Equal(400, (await rest.AskAsync("DELETE", "admin/domains/new.test", Rest.RestFixture.Boss, "{}")).Status);
        Assert.Equal(202, (await rest.AskAsync("DELETE", "admin/domains/new.test", Rest.RestFixture.Boss, """{"host_type":"free","request":true}""")).Status);
        var (_, described) = await rest.AskAsync("GET", "admin/openapi.json", Rest.RestFixture.Boss);
        Assert.True(described.GetProperty("paths").GetProperty("/domains/{domain}").GetProperty("delete").GetProperty("responses").TryGetProperty("202", out _));
        Assert.Equal(403, (await rest.AskAsync("GET", "admin/domains/one.test", Rest.RestFixture.Boss)).Status);
        await rest.Api.Server.Dynamic.DisposeAsync();
        rest.Api.Server.Context.DomainOperations = null;
        Assert.Equal(403, (await rest.AskAsync("GET", "admin/domains/none.test", Rest.RestFixture.Boss)).Status);
    }

    private static async Task<JsonElement> AskAsync(ApiFixture api, string operation, string domain, string? hostType) =>
        (await api.AskAsync($"mutation {{ domain {{ {operation}(domain: \"{domain}\"{(hostType is null ? "" : $", hostType: \"{hostType}\"")}) {{ domain hostType status }} }} }}")).Body;

    private static async Task<string> ChangeAsync(ApiFixture api, string operation, string domain, string? hostType = null) =>
        (await AskAsync(api, operation, domain, hostType)).GetProperty("data").GetProperty("domain").GetProperty(operation).GetRawText();

    private static async Task<string> DetailsAsync(ApiFixture api, string domain) =>
        (await api.AskAsync($"{{ domain {{ domainDetails(domain: \"{domain}\") {{ domain hostType status type }} }} }}")).Body.GetProperty("data").GetProperty("domain").GetProperty("domainDetails").GetRawText();

    private static async Task<string> ByTypeAsync(ApiFixture api, string hostType) =>
        (await api.AskAsync($"{{ domain {{ domainsByHostType(hostType: \"{hostType}\") }} }}")).Body.GetProperty("data").GetProperty("domain").GetProperty("domainsByHostType").GetRawText();
}
