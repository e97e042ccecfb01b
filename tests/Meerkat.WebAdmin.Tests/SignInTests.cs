using Microsoft.Playwright;

namespace Meerkat.WebAdmin.Tests;

/// <summary>Who comes in, and how it ends.</summary>
public sealed class SignInTests(PageFixture server)
{
    [Fact]
    public async Task A_wrong_password_is_refused_and_the_right_one_survives_a_reload_until_sign_out()
    {
        await using var visit = await server.OpenAsync();
        visit.MayBeRefused = true;
        await visit.GoAsync("#/users");
        await visit.Page.GetByLabel("Name").FillAsync("admin");
        await visit.Page.GetByLabel("Password").FillAsync("guessed");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeeAsync("Name or password is wrong.");
        await server.Server.WaitForAsync("Wrong credentials for /api/admin/graphql from 127.0.0.1");
        await visit.Page.GetByLabel("Password").FillAsync(PageFixture.Password);
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.HeadingAsync("Users");
        await visit.Page.ReloadAsync();
        await visit.HeadingAsync("Users");
        Assert.DoesNotContain(visit.Requests, address => address.Contains("S3CRET", StringComparison.Ordinal) || address.Contains("Basic", StringComparison.Ordinal));
        Assert.DoesNotContain("S3CRET", visit.Page.Url);
        Assert.Equal(0, await visit.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await visit.Page.GetByLabel("Name").WaitForAsync();
        Assert.Equal(0, await visit.Page.EvaluateAsync<int>("sessionStorage.length"));
        await visit.Page.ReloadAsync();
        await visit.Page.GetByLabel("Name").WaitForAsync();
    }

    [Fact] // an Enter before the page knows where to ask was swallowed
    public async Task Who_is_quicker_than_the_server_is_signed_in_all_the_same()
    {
        await using var visit = await server.OpenAsync();
        var gate = new TaskCompletionSource();
        await visit.Page.RouteAsync("**/endpoints.json", async route =>
        {
            await gate.Task;
            await route.ContinueAsync();
        });
        await visit.GoAsync();
        await visit.Page.GetByLabel("Name").FillAsync("admin");
        await visit.Page.GetByLabel("Password").FillAsync(PageFixture.Password);
        await visit.Page.Keyboard.PressAsync("Enter");
        gate.SetResult();
        await visit.HeadingAsync("Dashboard");
    }

    // GQL-PROT-03, GQL-PROT-04; GQA-DOMAIN-09, GQA-DOMAIN-10
    [Fact]
    public async Task The_administrator_of_a_domain_gets_a_password_and_sees_its_domain_alone()
    {
        await using var boss = await server.SignInAsync();
        await boss.GoAsync("#/domains");
        await boss.Page.GetByRole(AriaRole.Link, new() { Name = "other.example", Exact = true }).ClickAsync();
        await boss.HeadingAsync("other.example");
        await boss.PressAsync("Set password");
        await boss.Page.GetByRole(AriaRole.Button, new() { Name = "Make one up" }).ClickAsync();
        var password = await boss.Page.GetByLabel("Password", new() { Exact = true }).InputValueAsync();
        Assert.Matches("^([a-z2-9]{6}-){3}[a-z2-9]{6}$", password);
        await boss.AnswerAsync("Set password");
        await boss.SeeAsync("admin@other.example has a new password");

        await using var visit = await server.OpenAsync();
        visit.MayBeRefused = true;
        await visit.SignInAsync("admin@other.example", password);
        await visit.SeeAsync("Accounts online");
        Assert.Equal(["Dashboard", "Domain", "Users", "Sessions", "Rooms"], await visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link).AllInnerTextsAsync());
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Users" }).ClickAsync();
        await visit.SeeAsync("There are no accounts yet");
        await visit.PressAsync("New user");
        await visit.AnswerAsync("Create", ("Name", "cat"), ("Password", "meow"));
        await visit.SeeAsync("1 account on other.example");
        await visit.KeepPictureAsync("domain-admin-users");
        foreach (var foreign in (string[])["#/configuration", "#/log", "#/users?domain=localhost", "#/users/a@localhost"])
        {
            await visit.GoAsync(foreign);
            await visit.Page.GetByRole(AriaRole.Alert).First.WaitForAsync();
            Assert.Contains("no_permissions", await visit.Page.GetByRole(AriaRole.Alert).First.InnerTextAsync());
        }

        await boss.PressAsync("Remove");
        await boss.AnswerAsync("Remove");
        await boss.SeeAsync("has no administrator of its own any more");
        await visit.GoAsync("#/users"); // asks anew, and is refused
        await visit.SeeAsync("Your password is no longer right.");
    }

    // WCAG 2.1.1
    [Fact]
    public async Task Everything_is_within_reach_of_the_keyboard()
    {
        await using var visit = await server.OpenAsync();
        await visit.GoAsync();
        await visit.Page.GetByLabel("Name").WaitForAsync();
        await visit.Page.Keyboard.TypeAsync("admin"); // the field has the focus
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.TypeAsync(PageFixture.Password);
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.HeadingAsync("Dashboard");
        await visit.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await FocusedAsync(visit));
        await visit.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await visit.Page.EvaluateAsync<string>("document.activeElement.id"));
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Users" }).FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.HeadingAsync("Users");
        await visit.Page.Locator("h1:focus").WaitForAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "New user" }).FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.GetByRole(AriaRole.Dialog, new() { Name = "New user on localhost" }).WaitForAsync();
        await visit.Page.Keyboard.PressAsync("Escape");
        await visit.Page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Equal("New user", await FocusedAsync(visit)); // back where it was
    }

    [Fact]
    public async Task What_cannot_be_had_is_said_and_tried_again()
    {
        await using var visit = await server.SignInAsync();
        visit.MayBeRefused = true;
        await visit.Page.RouteAsync("**/api/admin/graphql", route => route.AbortAsync());
        await visit.GoAsync("#/domains");
        await visit.SeeAsync("The server cannot be reached.");
        await visit.Page.UnrouteAsync("**/api/admin/graphql");
        await visit.PressAsync("Try again");
        await visit.SeeAsync("other.example");
    }

    [Fact]
    public async Task Light_and_dark_can_be_chosen_and_are_remembered()
    {
        await using var visit = await server.SignInAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        Assert.Equal("dark", await visit.Page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
        await visit.Page.ReloadAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Light" }).WaitForAsync();
        Assert.Equal("dark", await visit.Page.EvaluateAsync<string>("document.documentElement.dataset.theme"));
    }

    private static Task<string> FocusedAsync(Visit visit) => visit.Page.EvaluateAsync<string>("document.activeElement.innerText");
}
