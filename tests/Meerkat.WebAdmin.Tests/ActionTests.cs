using System.Text.Json;
using Meerkat.Hostile;
using Meerkat.Testing;
using Microsoft.Playwright;

namespace Meerkat.WebAdmin.Tests;

/// <summary>Every action of the page, from outside, and that it was done.</summary>
public sealed class ActionTests(PageFixture server)
{
    [Fact]
    public async Task Figures_change_by_themselves()
    {
        await using var visit = await server.SignInAsync();
        await visit.SeeAsync("Live");
        var ann = await server.RegisterAsync("live");
        await using var client = await server.ConnectAsync(ann);
        var tiles = visit.Page.GetByRole(AriaRole.List, new() { Name = "Figures" });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var sent = 0;
        do
        {
            for (var i = 0; i < 50; i++)
            {
                await client.SendAsync($"<message to='{ann}@localhost/phone' type='chat' id='{sent}'><body>x</body></message>");
                await client.ExpectAsync($"<message id='{sent++}'/>");
            }

            patience.Token.ThrowIfCancellationRequested();
        }
        while (!System.Text.RegularExpressions.Regex.IsMatch(await tiles.InnerTextAsync(), @"Stanzas in\s+[1-9][\d,.]*/s"));
        Assert.Matches(@"Sessions\s+[1-9]", await tiles.InnerTextAsync());
        await visit.Page.Locator(".chart .stroke").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await visit.KeepPictureAsync("dashboard-live");
    }

    [Fact]
    public async Task A_user_is_found_made_given_a_password_banned_let_in_again_and_deleted()
    {
        await using var visit = await server.SignInAsync();
        var name = await server.RegisterAsync("zoe");
        await visit.GoAsync("#/users?domain=localhost");
        await visit.PressAsync("New user");
        await visit.AnswerAsync("Create", ("Name", $"{name}-two"), ("Password", "first"));
        await visit.SeeAsync($"{name}-two@localhost is there");

        // What is refused is said in the question, which stays.
        await visit.PressAsync("New user");
        var dialog = visit.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync("x");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Alert).GetByText("exists").WaitForAsync();
        await visit.Page.Keyboard.PressAsync("Escape");

        await visit.Page.GetByLabel("Search by the beginning of the name").FillAsync($"{name}-");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = $"{name}@localhost", Exact = true }).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = $"{name}-two@localhost" }).ClickAsync();
        await visit.HeadingAsync($"{name}-two@localhost");
        await visit.SeeAsync("No device is connected");
        await (await server.ConnectAsync($"{name}-two", password: "first")).DisposeAsync();

        await visit.PressAsync("Set password");
        await visit.AnswerAsync("Set password", ("Password", "second"));
        await visit.SeeAsync("has a new password");
        await using (var client = await server.ConnectAsync($"{name}-two", password: "second"))
        {
            await visit.SeeAsync("phone");
            await visit.PressAsync("Ban");
            await visit.AnswerAsync("Ban", ("Reason", "spam"));
            await visit.SeeAsync("is banned");
            await EndedAsync(client);
        }

        Assert.False(await IsRightAsync($"{name}-two", "second"));
        await visit.PressAsync("Set password");
        await visit.AnswerAsync("Set password", ("Password", "third"));
        await visit.SeeAsync("has a new password");
        Assert.True(await IsRightAsync($"{name}-two", "third"));
        await visit.PressAsync("Delete");
        await visit.AnswerAsync("Delete");
        await visit.HeadingAsync("Users");
        var left = await server.AskAsync($"{{ account {{ checkUser(user: \"{name}-two@localhost\") {{ exist }} }} }}");
        Assert.False(left.GetProperty("account").GetProperty("checkUser").GetProperty("exist").GetBoolean());
        await visit.GoAsync($"#/users/{name}-two@localhost");
        await visit.SeeAsync("There is no such account");
    }

    [Fact]
    public async Task Many_users_are_shown_a_page_at_a_time()
    {
        await using var visit = await server.SignInAsync();
        var prefix = await server.RegisterAsync("many");
        for (var i = 0; i < 55; i++)
        {
            await server.AskAsync($"mutation {{ account {{ registerUser(domain: \"localhost\", username: \"{prefix}-{i:00}\", password: \"x\") {{ jid }} }} }}");
        }

        await visit.GoAsync($"#/users?domain=localhost&q={prefix}-");
        await visit.SeeAsync($"{prefix}-49@localhost");
        Assert.Equal(0, await visit.Page.GetByText($"{prefix}-50@localhost").CountAsync());
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await visit.SeeAsync($"{prefix}-54@localhost");
        await visit.SeeAsync("51–55");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Previous" }).ClickAsync();
        await visit.SeeAsync($"{prefix}-00@localhost");
    }

    [Fact]
    public async Task Sessions_are_ended_one_by_one_and_all_at_once()
    {
        await using var visit = await server.SignInAsync();
        var name = await server.RegisterAsync("kick");
        await using var phone = await server.ConnectAsync(name);
        await using var desk = await server.ConnectAsync(name, "desk");
        await using var tablet = await server.ConnectAsync(name, "tablet");
        await visit.GoAsync("#/sessions?domain=localhost");
        await visit.Page.GetByLabel("Search by address").FillAsync(name);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = $"End {name}@localhost/phone" }).ClickAsync();
        await visit.AnswerAsync("End session", ("Reason", "maintenance"));
        await visit.SeeAsync("The session is ended");
        await EndedAsync(phone);
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = $"{name}@localhost" }).First.ClickAsync();
        await visit.HeadingAsync($"{name}@localhost");
        await visit.SeeAsync("tablet");
        await visit.PressAsync("End all sessions");
        await visit.AnswerAsync("End all");
        await visit.SeeAsync("No device is connected");
        await EndedAsync(desk);
        await EndedAsync(tablet);
    }

    [Fact]
    public async Task A_roster_and_an_archive_are_shown_and_the_roster_changed()
    {
        await using var visit = await server.SignInAsync();
        var (ann, bob) = (await server.RegisterAsync("ann"), await server.RegisterAsync("bob"));
        await visit.GoAsync($"#/users/{ann}@localhost/roster");
        await visit.SeeAsync("The roster is empty");
        await visit.PressAsync("Add contact");
        await visit.AnswerAsync("Add", ("Address", $"{bob}@localhost"), ("Name", "Bob the watch"));
        await visit.SeeAsync("Bob the watch");
        await visit.SeeAsync("neither sees the other");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = $"Remove {bob}@localhost" }).ClickAsync();
        await visit.AnswerAsync("Remove");
        await visit.SeeAsync("The roster is empty");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Archive" }).ClickAsync();
        await visit.SeeAsync("There are no messages");
        for (var i = 0; i < 52; i++)
        {
            await server.AskAsync($"mutation {{ stanza {{ sendMessage(from: \"{ann}@localhost\", to: \"{bob}@localhost\", body: \"<b>number {i}</b> <img src=x onerror=alert(1)>\") {{ id }} }} }}");
        }

        await visit.Page.ReloadAsync();
        await visit.SeeAsync("<b>number 51</b> <img"); // as a text: what people write is no HTML
        Assert.Equal(50, await visit.Page.GetByRole(AriaRole.List, new() { Name = "Messages" }).GetByRole(AriaRole.Listitem).CountAsync());
        await visit.PressAsync("Show earlier messages");
        await visit.SeeAsync("<b>number 0</b>");
        await visit.Page.GetByText("XML", new() { Exact = true }).First.ClickAsync();
        await visit.Page.Locator("pre").GetByText("<message").First.WaitForAsync();
        await visit.Page.GetByLabel("With").FillAsync("nobody@localhost");
        await visit.SeeAsync("There are no messages");
    }

    [Fact]
    public async Task Rooms_are_listed_looked_into_and_deleted()
    {
        await using var visit = await server.SignInAsync();
        var name = await server.RegisterAsync("owner");
        await using var client = await server.ConnectAsync(name);
        var (hall, den) = ($"hall{name}@conference.localhost", $"den{name}@muclight.localhost");
        await client.SendAsync($"<presence to='{hall}/ann'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await client.SendAsync($"<iq type='set' id='r' to='{hall}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
        await client.ReceiveAsync(element => element.Name == "iq" && element.Attribute("type") == "result");
        await using var guest = await server.ConnectAsync(await server.RegisterAsync("guest"));
        await guest.SendAsync($"<presence to='{hall}/bob'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await guest.ReceiveAsync(element => element.Attribute("from") == $"{hall}/bob");
        await client.SendAsync($"<message to='{hall}' type='groupchat'><body>Who is on watch?</body></message>");
        await server.AskAsync($"mutation {{ muc_light {{ createRoom(mucDomain: \"muclight.localhost\", owner: \"{name}@localhost\", id: \"den{name}\", name: \"The den of {name}\") {{ jid }} }} }}");

        await visit.GoAsync("#/rooms?domain=localhost");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = hall }).Or(visit.Page.GetByRole(AriaRole.Link, new() { Name = $"hall{name}" })).First.ClickAsync();
        await visit.HeadingAsync(hall);
        await visit.SeeAsync("moderator");
        await visit.SeeAsync("Who is on watch?");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Kick bob" }).ClickAsync();
        await visit.AnswerAsync("Kick");
        await visit.SeeAsync("bob is sent out");
        await guest.ReceiveAsync(element => element.Attribute("from") == $"{hall}/bob" && element.Attribute("type") == "unavailable");

        await visit.GoAsync("#/rooms?domain=localhost&service=muclight.localhost");
        await visit.Page.GetByLabel("Search in name and address").FillAsync(name);
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = $"The den of {name}" }).ClickAsync();
        await visit.HeadingAsync(den);
        await visit.SeeAsync($"{name}@localhost");
        await visit.PressAsync("Delete");
        await visit.AnswerAsync("Delete");
        await visit.SeeAsync($"{den} is deleted");

        // A room that is opened by its address.
        await visit.GoAsync("#/rooms?domain=localhost&service=conference.localhost");
        await visit.Page.GetByLabel("Open by address").FillAsync("nosuch");
        await visit.PressAsync("Open");
        await visit.HeadingAsync("nosuch@conference.localhost");
        await visit.Page.GetByText("room_not_found").First.WaitForAsync();
    }

    [Fact]
    public async Task A_member_is_taken_out_of_a_light_room_and_a_room_is_deleted()
    {
        await using var visit = await server.SignInAsync();
        var (ann, bob) = (await server.RegisterAsync("ann"), await server.RegisterAsync("bob"));
        var (hall, den) = ($"hall{ann}@conference.localhost", $"den{ann}@muclight.localhost");
        await using var client = await server.ConnectAsync(ann);
        await server.AskAsync($"mutation {{ muc {{ createInstantRoom(room: \"{hall}\", owner: \"{ann}@localhost/phone\", nick: \"ann\") {{ jid }} }} muc_light {{ createRoom(mucDomain: \"muclight.localhost\", owner: \"{ann}@localhost\", id: \"den{ann}\", name: \"Den\") {{ jid }} }} }}");
        await server.AskAsync($"mutation {{ muc_light {{ inviteUser(room: \"{den}\", sender: \"{ann}@localhost\", recipient: \"{bob}@localhost\") }} }}");
        await visit.GoAsync($"#/rooms/{den}?kind=MUC_LIGHT");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = $"Remove {bob}@localhost" }).ClickAsync();
        await visit.AnswerAsync("Remove");
        await visit.SeeAsync("is no longer in the room");
        await visit.GoAsync($"#/rooms/{hall}?kind=MUC");
        await visit.SeeAsync("Occupants");
        await visit.PressAsync("Delete");
        await visit.AnswerAsync("Delete", ("Reason", "closed"));
        await visit.SeeAsync($"{hall} is deleted");
        await client.ReceiveAsync(element => element.Attribute("from") == $"{hall}/ann" && element.Attribute("type") == "unavailable");
    }

    // GQA-DOMAIN-04 to GQA-DOMAIN-08
    [Fact]
    public async Task A_domain_is_added_disabled_enabled_and_removed()
    {
        await using var visit = await server.SignInAsync();
        await visit.GoAsync("#/domains");
        await visit.PressAsync("New domain");
        await visit.AnswerAsync("Add", ("Domain", "customer.example"));
        await visit.SeeAsync("customer.example is served");
        visit.MayBeRefused = true; // a question about it that is under way when it goes
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "customer.example", Exact = true }).ClickAsync();
        await visit.HeadingAsync("customer.example");
        await visit.KeepPictureAsync("domain-of-the-database");
        await visit.PressAsync("Disable");
        await visit.AnswerAsync("Disable");
        await visit.SeeAsync("customer.example is not served any more");
        await visit.PressAsync("Enable");
        Assert.Equal("DISABLED", await StatusAsync());
        await visit.AnswerAsync("Enable");
        await visit.SeeAsync("customer.example is served");
        Assert.Equal("ENABLED", await StatusAsync());
        await visit.PressAsync("Remove domain");

        // Who is not sure types nothing, or something else.
        var dialog = visit.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Its name, to be sure").FillAsync("customer");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Remove with all data" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Alert).GetByText("Type customer.example").WaitForAsync();
        Assert.Equal("ENABLED", await StatusAsync());
        await visit.AnswerAsync("Remove with all data", ("Its name, to be sure", "customer.example"));
        await visit.HeadingAsync("Domains");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await server.AskAsync("{ domain { allDomains { domain } } }")).ToString().Contains("customer.example", StringComparison.Ordinal))
        {
            await Task.Delay(50, patience.Token);
        }

        // What the configuration names it names alone.
        await visit.GoAsync("#/domains/localhost");
        await visit.HeadingAsync("localhost");
        await visit.SeeAsync("the configuration");
        Assert.Equal(0, await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Remove domain" }).CountAsync());

        async Task<string?> StatusAsync() => (await server.AskAsync("{ domain { domainDetails(domain: \"customer.example\") { status } } }")).GetProperty("domain").GetProperty("domainDetails").GetProperty("status").GetString();
    }

    [Fact]
    public async Task The_configuration_is_shown_without_its_secrets()
    {
        await using var visit = await server.SignInAsync();
        await visit.GoAsync("#/configuration");
        await visit.SeeAsync("set, not shown");
        await visit.Page.GetByLabel("Only what differs from the defaults").UncheckAsync();
        await visit.Page.GetByLabel("Search in keys and values").FillAsync("state_timeout");
        await visit.SeeAsync("10000");
        await visit.Page.GetByLabel("Search in keys and values").FillAsync("S3CRET");
        await visit.SeeAsync("Nothing in the configuration has that in it");
        await visit.Page.GetByLabel("Search in keys and values").FillAsync("");
        Assert.DoesNotContain("S3CRET", await visit.Page.ContentAsync());
        var all = await server.AskAsync("{ monitor { configuration { source sections { name entries { key value isSecret } } } } }");
        Assert.DoesNotContain("S3CRET", JsonSerializer.Serialize(all));
    }

    [Fact]
    public async Task The_log_is_followed_filtered_paused_and_its_level_set()
    {
        await using var visit = await server.SignInAsync();
        await visit.GoAsync("#/log");
        await visit.SeeAsync("Live");
        await visit.Page.GetByLabel("The server logs from").SelectOptionAsync("INFO");
        await visit.SeeAsync("The server logs info and above");
        await server.RegisterAsync("logged");
        await using (await TestClient.ConnectAsync(server.Server.StartTls, PageFixture.Domain))
        {
            var entries = visit.Page.GetByRole(AriaRole.List, new() { Name = "Entries of the log" });
            await entries.GetByRole(AriaRole.Listitem).First.WaitForAsync();
            await visit.KeepPictureAsync("log-live");
            await visit.Page.GetByLabel("Search in texts").FillAsync("no entry has this in it");
            await visit.SeeAsync("No entry is like that");
            await visit.Page.GetByLabel("Search in texts").FillAsync("");
            await visit.Page.GetByLabel("At least").SelectOptionAsync("CRITICAL");
            await visit.SeeAsync("No entry is like that");
            await visit.PressAsync("Pause");
            await visit.SeeAsync("Paused");
            await visit.PressAsync("Go on");
            await visit.SeeAsync("Live");
        }

        await visit.Page.GetByLabel("The server logs from").SelectOptionAsync("WARNING");
        await visit.SeeAsync("The server logs warning and above");
        var level = await server.AskAsync("{ server { getLoglevel } }");
        Assert.Equal("WARNING", level.GetProperty("server").GetProperty("getLoglevel").GetString());
    }

    private static async Task EndedAsync(TestClient client) => await client.ReceiveAsync(element => element.Name == "error");

    private async Task<bool> IsRightAsync(string name, string password)
    {
        var answer = await server.AskAsync($"{{ account {{ checkPassword(user: \"{name}@{ServerProcess.Domain}\", password: \"{password}\") {{ correct }} }} }}");
        return answer.GetProperty("account").GetProperty("checkPassword").GetProperty("correct").GetBoolean();
    }
}
