using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace Meerkat.WebAdmin.Tests;

/// <summary>A browser's page, and what people do on it. At its end it fails the test for whatever the console or the policy complained of, and for every request to elsewhere.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly PageFixture _fixture;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    public Visit(PageFixture fixture, IBrowserContext context, IPage page)
    {
        _fixture = fixture;
        _context = context;
        Page = page;
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" && !MayFail(message.Text))
            {
                _complaints.Enqueue(message.Text);
            }
        };
        page.Request += (_, request) =>
        {
            Requests.Enqueue(request.Url);
            if (new Uri(request.Url).Authority != fixture.Address.Authority)
            {
                _complaints.Enqueue($"asked elsewhere: {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>The addresses that were asked.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Whether requests may be refused or fail: the browser says so on the console.</summary>
    public bool MayBeRefused { get; set; }

    public Task GoAsync(string hash = "") => Page.GotoAsync($"{_fixture.Address}{hash}");

    public async Task SignInAsync(string name, string password)
    {
        await GoAsync();
        await Page.GetByLabel("Name").FillAsync(name);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await HeadingAsync("Dashboard");
    }

    /// <summary>Waits for the heading of a view.</summary>
    public Task HeadingAsync(string text) => Page.GetByRole(AriaRole.Heading, new() { Name = text, Level = 1, Exact = true }).WaitForAsync();

    /// <summary>Waits for a text in the view.</summary>
    public Task SeeAsync(string text) => Page.Locator("main, dialog, .sayings").GetByText(text).First.WaitForAsync();

    /// <summary>Waits until a text is gone.</summary>
    public Task MissAsync(string text) => Page.Locator("main").GetByText(text).First.WaitForAsync(new() { State = WaitForSelectorState.Detached });

    public Task PressAsync(string button) => Page.Locator("main").GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).First.ClickAsync();

    /// <summary>Answers the question that is open.</summary>
    public async Task AnswerAsync(string button, params (string Label, string Value)[] fields)
    {
        var dialog = Page.GetByRole(AriaRole.Dialog);
        foreach (var (label, value) in fields)
        {
            await dialog.GetByLabel(label, new() { Exact = true }).FillAsync(value);
        }

        await dialog.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await dialog.WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    /// <summary>What axe finds, if it is serious or critical (WCAG 2.2 A and AA, and good practice).</summary>
    public async Task<IReadOnlyList<string>> SeriousFindingsAsync()
    {
        await Page.EvaluateAsync(await File.ReadAllTextAsync(PageFixture.Axe));
        var found = await Page.EvaluateAsync<JsonElement>("async () => (await axe.run(document)).violations.map(v => ({ id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map(n => n.target.join(' ') + ': ' + n.failureSummary) }))");
        return [.. found.EnumerateArray().Where(one => one.GetProperty("impact").GetString() is "serious" or "critical").Select(one => one.ToString())];
    }

    /// <summary>Keeps a picture where somebody wants to look at it.</summary>
    public async Task KeepPictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("MEERKAT_TEST_PICTURES") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Xunit.TestContext.Current.TestState?.Result is TestResult.Failed)
        {
            await KeepPictureAsync($"failed-{Guid.NewGuid():N}");
        }

        await _context.DisposeAsync();
        Assert.Empty(_complaints);
    }

    private bool MayFail(string text) => MayBeRefused && text.StartsWith("Failed to load resource", StringComparison.Ordinal);
}
