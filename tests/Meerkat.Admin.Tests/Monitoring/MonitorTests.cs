using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Meerkat.Admin.Monitoring;
using Meerkat.Admin.Tests.GraphQL;
using Meerkat.Admin.Tests.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Admin.Tests.Monitoring;

/// <summary>The category <c>monitor</c>.</summary>
public sealed class MonitorTests
{
    private const string Boss = "boss:geheim:ü";
    private const string Admin = "admin@one.test:p";

    [Fact]
    public async Task Figures_are_sampled_each_second_while_somebody_looks_and_no_longer()
    {
        await using var api = await ApiFixture.StartAsync();
        using var sampler = new FiguresSampler(api.Server.Context, api.Log);
        Assert.False(sampler.IsRunning);
        Assert.Single(sampler.Last(10));
        await using var ann = await api.Server.ConnectAsync("ann", "desk");
        await using var bob = await api.Server.ConnectAsync("bob", "desk");
        for (var i = 0; i < 10; i++)
        {
            await ann.SendAsync($"<message to='bob@one.test/desk' type='chat' id='{i}'><body>x</body></message>");
            await bob.ExpectAsync($"<message id='{i}'/>");
        }

        api.Log.CreateLogger("a.test").Write(LogLevel.Error, "failed");
        api.Server.Time.Advance(TimeSpan.FromSeconds(1));
        var now = sampler.Last(1)[0];
        Assert.Equal((2, 0, 1.0), (now.Sessions, now.Detached, now.Errors));
        Assert.InRange(now.Messages, 10, 1000); // counters belong to the process, and other tests count too
        Assert.InRange(now.StanzasIn, 10, 1000);
        Assert.InRange(now.StanzasOut, 10, 1000);
        Assert.InRange(now.LogIns, 2, 1000);
        Assert.True(now.Memory > now.Heap && now.Heap > 0);
        Assert.Contains(now.Queues, queue => queue is { Name: "outgoing stanzas", Depth: 0 });

        for (var i = 0; i < FiguresSampler.History + 10; i++)
        {
            api.Server.Time.Advance(FiguresSampler.Interval);
            _ = sampler.Last(1);
        }

        Assert.Equal(FiguresSampler.History, sampler.Last(int.MaxValue).Count);
        api.Server.Time.Advance(FiguresSampler.Patience + TimeSpan.FromSeconds(2));
        Assert.False(sampler.IsRunning);
    }

    [Fact]
    public async Task Figures_and_the_log_come_as_events()
    {
        await using var endpoint = await EndpointFixture.StartAsync();
        using var figures = await OpenAsync(endpoint, "admin", "subscription { monitor { subscribeForFigures { sessions uptime queues { name depth } } } }", Boss);
        using var events = new StreamReader(await figures.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, (await NextAsync(events)).GetProperty("subscribeForFigures").GetProperty("sessions").GetInt32());
        await using var ann = await endpoint.Api.Server.ConnectAsync("ann", "desk", "one.test");
        endpoint.Api.Server.Time.Advance(FiguresSampler.Interval);
        Assert.Equal(1, (await NextAsync(events)).GetProperty("subscribeForFigures").GetProperty("sessions").GetInt32());

        using var log = await OpenAsync(endpoint, "admin", "subscription { monitor { subscribeForLog(level: WARNING) { level category message } } }", Boss);
        using var entries = new StreamReader(await log.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var next = NextAsync(entries);
        var writer = endpoint.Api.Log.CreateLogger("a.test");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!next.IsCompleted) // the stream is open when its head is read, and follows a moment later
        {
            writer.Write(LogLevel.Information, "not this");
            writer.Write(LogLevel.Warning, "this");
            await Task.WhenAny(next, Task.Delay(5, patience.Token));
            patience.Token.ThrowIfCancellationRequested();
        }

        var entry = (await next).GetProperty("subscribeForLog");
        Assert.Equal(("WARNING", "a.test", "this"), (entry.GetProperty("level").GetString(), entry.GetProperty("category").GetString(), entry.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Users_are_found_by_the_beginning_of_their_names_a_page_at_a_time()
    {
        await using var api = await ApiFixture.StartAsync();
        foreach (var name in new[] { "anna", "anne", "bob" })
        {
            await api.Server.Accounts.AddAsync($"{name}@one.test", "secret");
        }

        await using var anna = await api.Server.ConnectAsync("anna", "desk");
        const string Query = "query($p: String, $i: NonNegInt) { monitor { searchUsers(domain: \"one.test\", prefix: $p, limit: 1, index: $i) { hasMore total users { jid sessions } } } }";
        Assert.Equal("""{"hasMore":true,"total":3,"users":[{"jid":"anna@one.test","sessions":1}]}""", await FoundAsync(api, Query, """{"p":" Ann"}"""));
        Assert.Equal("""{"hasMore":false,"total":3,"users":[{"jid":"anne@one.test","sessions":0}]}""", await FoundAsync(api, Query, """{"p":"ann","i":1}"""));
        Assert.Equal("""{"hasMore":false,"total":3,"users":[]}""", await FoundAsync(api, Query, """{"p":"x"}"""));
    }

    [Fact]
    public async Task Devices_and_services_are_shown()
    {
        await using var api = await ApiFixture.StartAsync(everything: true);
        await using var ann = await api.Server.ConnectAsync("ann", "desk");
        await ann.SendAsync("<presence><show>dnd</show><status>busy</status></presence>");
        await ann.ExpectAsync("<presence/>");
        var (_, devices) = await api.AskAsync("{ monitor { listDevices(user: \"ann@one.test\") { jid transport isEncrypted show status idle isResumable unacknowledged queued mechanism } } }");
        var device = Assert.Single(devices.GetProperty("data").GetProperty("monitor").GetProperty("listDevices").EnumerateArray());
        Assert.Equal(("ann@one.test/desk", "memory", "dnd", "busy"), (device.GetProperty("jid").GetString(), device.GetProperty("transport").GetString(), device.GetProperty("show").GetString(), device.GetProperty("status").GetString()));
        var (_, services) = await api.AskAsync("{ monitor { listServices(domain: \"one.test\") { domain kind } } }");
        var kinds = services.GetProperty("data").GetProperty("monitor").GetProperty("listServices").EnumerateArray().ToDictionary(service => service.GetProperty("domain").GetString()!, service => service.GetProperty("kind").GetString());
        Assert.Equal(("MUC", "MUC_LIGHT"), (kinds["conference.one.test"], kinds["muclight.one.test"]));
        Assert.DoesNotContain(kinds.Keys, domain => domain.EndsWith("two.test", StringComparison.Ordinal));
    }

    // GQL, authentication and roles: domain_admin; GQL-PROT-03, GQL-PROT-04.
    [Fact]
    public async Task The_administrator_of_a_domain_signs_in_once_it_has_a_password_and_sees_its_own_domain()
    {
        await using var endpoint = await EndpointFixture.StartAsync(everything: true);
        Assert.Equal("wrong_credentials", Code((await endpoint.PostAsync("domain", "{ checkAuth { domain } }", Admin)).Body));
        await endpoint.PostAsync("admin", "mutation { domain { setDomainPassword(domain: \"one.test\", password: \"p\") } }", Boss);
        foreach (var name in (string[])["admin@one.test:p", "ADMIN@ONE.test:p"])
        {
            Assert.Equal("""{"domain":"one.test","authStatus":"AUTHORIZED","authType":"DOMAIN_ADMIN"}""", (await endpoint.PostAsync("domain", "{ checkAuth { domain authStatus authType } }", name)).Body.GetProperty("data").GetProperty("checkAuth").GetRawText());
        }

        foreach (var name in (string[])["admin@one.test:q", "admin@two.test:p", "root@one.test:p", "admin@one.test/x:p", "one.test:p", Boss])
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "wrong_credentials"), await RefusalAsync(endpoint, "{ checkAuth { domain } }", name));
        }

        Assert.Equal(HttpStatusCode.OK, (await endpoint.PostAsync("domain", "{ monitor { searchUsers(domain: \"ONE.test\") { total } listServices(domain: \"one.test\") { domain } } session { countSessions(domain: \"one.test\") } }", Admin)).Status);
        foreach (var foreign in (string[])[
            "{ monitor { searchUsers(domain: \"two.test\") { total } } }", "{ monitor { figures { sessions } } }", "{ monitor { configuration { source } } }", "{ monitor { log { message } } }",
            "{ monitor { listDevices(user: \"a@two.test\") { jid } } }", "{ monitor { listServices(domain: \"nosuch.test\") { domain } } }", "{ session { countSessions } }",
            "mutation { domain { setDomainPassword(domain: \"two.test\", password: \"p\") } }", "mutation { domain { deleteDomainPassword(domain: \"one.test\") } }"])
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "no_permissions"), await RefusalAsync(endpoint, foreign, Admin));
        }

        foreach (var subscription in (string[])["subscription { monitor { subscribeForFigures { sessions } } }", "subscription { monitor { subscribeForLog { message } } }"])
        {
            using var refused = await OpenAsync(endpoint, "domain", subscription, Admin);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        // GQA-DOMAIN-09: its own password it may change.
        Assert.Equal(HttpStatusCode.OK, (await endpoint.PostAsync("domain", "mutation { domain { setDomainPassword(domain: \"one.test\", password: \"new\") } }", Admin)).Status);
        Assert.Equal((HttpStatusCode.Unauthorized, "wrong_credentials"), await RefusalAsync(endpoint, "{ checkAuth { domain } }", Admin));
        await endpoint.PostAsync("admin", "mutation { domain { deleteDomainPassword(domain: \"one.test\") } }", Boss);
        Assert.Equal((HttpStatusCode.Unauthorized, "wrong_credentials"), await RefusalAsync(endpoint, "{ checkAuth { domain } }", "admin@one.test:new"));
        Assert.Equal((HttpStatusCode.Unauthorized, "no_permissions"), await RefusalAsync(endpoint, "{ monitor { figures { sessions } } }", null));
    }

    private static async Task<(HttpStatusCode Status, string? Code)> RefusalAsync(EndpointFixture endpoint, string query, string? credentials)
    {
        var (status, body) = await endpoint.PostAsync("domain", query, credentials);
        return (status, Code(body));
    }

    private static async Task<string> FoundAsync(ApiFixture api, string query, string variables) =>
        (await api.AskAsync(query, variables: variables)).Body.GetProperty("data").GetProperty("monitor").GetProperty("searchUsers").GetRawText();

    private static async Task<HttpResponseMessage> OpenAsync(EndpointFixture endpoint, string path, string query, string credentials)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.Address, $"{path}/sse?query={query}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        return await endpoint.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static async Task<JsonElement> NextAsync(StreamReader events)
    {
        while (true)
        {
            var line = (await events.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken))!;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonDocument.Parse(line["data: ".Length..]).RootElement.GetProperty("data").GetProperty("monitor");
            }
        }
    }

    private static string? Code(JsonElement body) => body.ValueKind is JsonValueKind.Object && body.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("extensions").GetProperty("code").GetString() : null;
}
