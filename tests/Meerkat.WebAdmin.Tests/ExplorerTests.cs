using Microsoft.Playwright;

namespace Meerkat.WebAdmin.Tests;

/// <summary>The pages for developers, in a browser: of a GraphQL endpoint (GQL-HTTP-05), and of the users' REST interface (RST §1.3).</summary>
public sealed class ExplorerTests(PageFixture server)
{
    [Fact]
    public async Task An_operation_is_found_written_run_and_refused()
    {
        PageFixture.Need();
        await using var visit = await OpenAsync();
        var page = visit.Page;
        await page.GetByLabel("Search").FillAsync("countUsers");
        await page.GetByRole(AriaRole.Button, new() { Name = "countUsers", Exact = true }).ClickAsync();
        Assert.Equal("query ($domain: DomainName!) {\n  account {\n    countUsers(domain: $domain)\n  }\n}\n", await page.GetByLabel("Document").InputValueAsync());
        await page.GetByLabel("Variables (JSON)").FillAsync($$"""{"domain":"{{PageFixture.Domain}}"}""");
        visit.MayBeRefused = true; // 401 first: nobody has signed in
        await page.GetByRole(AriaRole.Button, new() { Name = "Run" }).ClickAsync();
        await page.GetByText("no_permissions").WaitForAsync();
        await SignInAsync(page);
        await page.GetByLabel("Document").PressAsync("Control+Enter");
        await page.GetByText("\"countUsers\":").WaitForAsync();
        await page.GetByText("Status 200").WaitForAsync();

        await page.GetByLabel("Variables (JSON)").FillAsync("{");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run" }).ClickAsync();
        await page.GetByText("The variables are no JSON").WaitForAsync();
        await page.ReloadAsync(); // what was written is kept, and the password is not
        Assert.Contains("countUsers", await page.GetByLabel("Document").InputValueAsync());
        Assert.Equal("", await page.GetByLabel("Password").InputValueAsync());
    }

    [Fact] // types that hold each other, unions and input objects
    public async Task What_is_written_for_an_operation_is_a_document()
    {
        PageFixture.Need();
        await using var visit = await OpenAsync();
        await SignInAsync(visit.Page);
        visit.MayBeRefused = true; // examples of scalars are empty
        foreach (var operation in new[] { "getVcard", "setVcard", "getMetrics", "subscribeAllToAll", "listRooms", "checkAuth" })
        {
            await visit.Page.GetByLabel("Search").FillAsync(operation);
            await visit.Page.GetByRole(AriaRole.Button, new() { Name = operation, Exact = true }).First.ClickAsync();
            await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Run" }).ClickAsync();
            var status = visit.Page.Locator("#status").Filter(new() { HasText = "Status " });
            await status.WaitForAsync();
            var answer = await visit.Page.GetByLabel("The answer").InnerTextAsync();
            Assert.True((await status.InnerTextAsync()).Contains("200", StringComparison.Ordinal) || answer.Contains("input_coercion", StringComparison.Ordinal), $"{operation}: {answer}");
        }

        await visit.Page.GetByLabel("Search").FillAsync("setMutualSubscription");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "setMutualSubscription", Exact = true }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "MutualSubAction!" }).ClickAsync();
        await visit.Page.GetByText("DISCONNECT").WaitForAsync();
    }

    [Fact]
    public async Task A_subscription_is_followed_until_it_is_stopped()
    {
        PageFixture.Need();
        await using var visit = await OpenAsync();
        await SignInAsync(visit.Page);
        await visit.Page.GetByLabel("Search").FillAsync("subscribeForFigures");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "subscribeForFigures", Exact = true }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Run" }).ClickAsync();
        await visit.Page.GetByText("Listening, 2 events").WaitForAsync();
        await visit.Page.GetByText("\"stanzasIn\":").First.WaitForAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await visit.Page.GetByText("Stopped", new() { Exact = true }).WaitForAsync();
    }

    [Theory]
    [MemberData(nameof(ViewTests.Looks), MemberType = typeof(ViewTests))]
    public async Task The_page_is_accessible_and_fits(bool isDark, int width)
    {
        PageFixture.Need();
        await using var visit = await OpenAsync(isDark, width);
        await visit.Page.GetByLabel("Search").FillAsync("room");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "changeRoomConfiguration", Exact = true }).First.ClickAsync();
        Assert.Empty(await visit.SeriousFindingsAsync());
        Assert.True(await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width);
        await visit.KeepPictureAsync($"explorer-{(isDark ? "dark" : "light")}-{width}");
    }

    // RST §1.3: the page of the users' REST interface
    [Theory]
    [MemberData(nameof(ViewTests.Looks), MemberType = typeof(ViewTests))]
    public async Task An_operation_of_rest_is_looked_up_and_sent(bool isDark, int width)
    {
        PageFixture.Need();
        var (ann, bob) = (await server.RegisterAsync("ann"), await server.RegisterAsync("bob"));
        await using var visit = await server.OpenAsync(isDark, width);
        var page = visit.Page;
        await page.GotoAsync(new Uri(server.Address, "/api-docs/").AbsoluteUri);
        visit.MayBeRefused = true;
        var add = await OpenOperationAsync(page, "POST /client/contacts");
        await add.GetByLabel("jid").FillAsync($"{bob}@{PageFixture.Domain}");
        await SendAsync(add, "Status 401");
        await page.GetByLabel("Address").FillAsync($"{ann}@{PageFixture.Domain}");
        await page.GetByLabel("Password").FillAsync(Meerkat.Hostile.ServerProcess.Password);
        await SendAsync(add, "Status 204");
        var list = await OpenOperationAsync(page, "GET /client/contacts");
        await SendAsync(list, $"\"jid\": \"{bob}@{PageFixture.Domain}\"");
        var remove = await OpenOperationAsync(page, "DELETE /client/contacts");
        await remove.GetByLabel("to_delete").FillAsync("[");
        await SendAsync(remove, "That is no JSON");
        await remove.GetByLabel("to_delete").FillAsync($"[\"{bob}@{PageFixture.Domain}\"]");
        await SendAsync(remove, "\"not_deleted\": []");
        Assert.Empty(await visit.SeriousFindingsAsync());
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width);
        await visit.KeepPictureAsync($"rest-{(isDark ? "dark" : "light")}-{width}");
    }

    private static async Task<ILocator> OpenOperationAsync(IPage page, string operation)
    {
        var details = page.Locator("details").Filter(new() { Has = page.GetByText(operation, new() { Exact = true }) });
        await details.Locator("summary").ClickAsync();
        return details;
    }

    private static async Task SendAsync(ILocator operation, string answer)
    {
        await operation.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await operation.Locator("pre").Filter(new() { HasText = answer }).WaitForAsync();
    }

    private async Task<Visit> OpenAsync(bool isDark = false, int width = 1280)
    {
        var visit = await server.OpenAsync(isDark, width);
        await visit.Page.GotoAsync(new Uri(server.Address, "/api/admin/graphql").AbsoluteUri);
        await visit.Page.GetByText(" operations").First.WaitForAsync();
        return visit;
    }

    private static async Task SignInAsync(IPage page)
    {
        await page.GetByLabel("Name").FillAsync("admin");
        await page.GetByLabel("Password").FillAsync(PageFixture.Password);
    }
}
