using System.Net;
using Microsoft.Playwright;

namespace Meerkat.WebAdmin.Tests;

/// <summary>Every view: what axe says of it, whether it fits, and what it needs to be there.</summary>
public sealed class ViewTests(PageFixture server)
{
    public static TheoryData<bool, int> Looks => new() { { false, 1280 }, { true, 1280 }, { false, 390 }, { true, 390 } };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Every_view_is_accessible_and_fits(bool isDark, int width)
    {
        PageFixture.Need();
        var ann = await server.RegisterAsync("ann");
        var bob = await server.RegisterAsync("bob");
        await using var phone = await server.ConnectAsync(ann);
        await using var desk = await server.ConnectAsync(ann, "desk");
        var (hall, den) = ($"hall{ann}@conference.localhost", $"den{ann}@muclight.localhost");
        await server.AskAsync($"mutation {{ roster {{ addContact(user: \"{ann}@localhost\", contact: \"{bob}@localhost\", name: \"Bob\", groups: [\"Friends\"]) }} }}");
        await phone.SendAsync($"<message to='{bob}@localhost' type='chat' id='1'><body>Are you coming to the burrow tonight? There is room for everybody, and the watch changes at eight.</body></message>");
        await server.AskAsync($"mutation {{ stanza {{ sendMessage(from: \"{bob}@localhost\", to: \"{ann}@localhost\", body: \"I am on watch until then.\") {{ id }} }} }}");
        await server.AskAsync($"mutation {{ muc {{ createInstantRoom(room: \"{hall}\", owner: \"{ann}@localhost/phone\", nick: \"ann\") {{ jid }} }} muc_light {{ createRoom(mucDomain: \"muclight.localhost\", owner: \"{ann}@localhost\", id: \"den{ann}\", name: \"The den\") {{ jid }} }} }}");

        (string Name, string Hash, string Sign)[] views =
        [
            ("dashboard", "#/", "Queues"), ("domains", "#/domains", "other.example"), ("domain", "#/domains/localhost", "conference.localhost"), ("users", "#/users?domain=localhost", $"{ann}@localhost"),
            ("devices", $"#/users/{ann}@localhost", "desk"), ("roster", $"#/users/{ann}@localhost/roster", "Friends"), ("archive", $"#/users/{ann}@localhost/archive", "I am on watch"),
            ("sessions", "#/sessions?domain=localhost", $"{ann}@localhost"), ("rooms", "#/rooms?domain=localhost", hall), ("light-rooms", "#/rooms?domain=localhost&service=muclight.localhost", "The den"),
            ("room", $"#/rooms/{hall}?kind=MUC", "Occupants"), ("light-room", $"#/rooms/{den}?kind=MUC_LIGHT", "The den"), ("configuration", "#/configuration", "general"), ("log", "#/log", "At least"), ("nothing", "#/nosuch", "There is no such page"),
        ];
        await using var visit = await server.OpenAsync(isDark, width, 860);
        var look = $"{(isDark ? "dark" : "light")}-{width}";
        var wrong = new List<string>();
        await visit.GoAsync();
        await visit.Page.GetByLabel("Name").WaitForAsync();
        await CheckAsync("sign-in");
        await visit.SignInAsync("admin", PageFixture.Password);
        foreach (var (name, hash, sign) in views)
        {
            await visit.GoAsync(hash);
            await visit.SeeAsync(sign);
            await visit.Page.Locator(".skeleton").First.WaitForAsync(new() { State = WaitForSelectorState.Detached });
            await CheckAsync(name);
        }

        await visit.GoAsync("#/users?domain=localhost");
        await visit.PressAsync("New user");
        await visit.Page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await CheckAsync("dialog");
        await visit.Page.Keyboard.PressAsync("Escape");
        if (width < 600)
        {
            await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Configuration" }).WaitForAsync();
            await CheckAsync("menu");
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));

        async Task CheckAsync(string name)
        {
            wrong.AddRange((await visit.SeriousFindingsAsync()).Select(found => $"{name}, {look}: {found}"));
            if (await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth") is var wide && wide > width)
            {
                wrong.Add($"{name}, {look}: {wide} wide");
            }

            await visit.KeepPictureAsync($"{name}-{look}");
        }
    }

    // How long it takes, docs/admin.md has; what decides it is how much there is to load, and that nothing is asked elsewhere (Visit).
    [Fact]
    public async Task The_page_is_small_and_comes_back_where_it_was()
    {
        await using var visit = await server.OpenAsync();
        await visit.GoAsync();
        await visit.Page.GetByLabel("Name").WaitForAsync();
        var (files, bytes) = (
            await visit.Page.EvaluateAsync<int>("performance.getEntriesByType('resource').length"),
            await visit.Page.EvaluateAsync<int>("performance.getEntriesByType('resource').reduce((sum, one) => sum + one.decodedBodySize, 0)"));
        Assert.InRange(files, 1, 6);
        Assert.InRange(bytes, 1, 200_000);
        await visit.SignInAsync("admin", PageFixture.Password);
        await visit.Page.ReloadAsync();
        await visit.SeeAsync("Queues");
    }

    [Fact]
    public async Task The_page_may_run_its_own_script_alone_and_nobody_frames_it()
    {
        PageFixture.Need();
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var page = await http.GetAsync(server.Address, TestContext.Current.CancellationToken);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        foreach (var part in (string[])["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"])
        {
            Assert.Contains(part, policy);
        }

        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", page.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        using var without = await http.GetAsync(new Uri(server.Address, "/admin"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.MovedPermanently, "/admin/"), (without.StatusCode, without.Headers.Location!.ToString()));
        Assert.Equal("""{"admin":"/api/admin/graphql","domainAdmin":"/api/domain-admin/graphql"}""", await http.GetStringAsync(new Uri(server.Address, "endpoints.json"), TestContext.Current.CancellationToken));
        foreach (var path in (string[])["nosuch.js", "..%2f..%2fmeerkat.dll", "%2e%2e/%2e%2e/meerkat.dll", "....//meerkat.dll"])
        {
            using var refused = await http.GetAsync($"{server.Address}{path}", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }
    }
}
