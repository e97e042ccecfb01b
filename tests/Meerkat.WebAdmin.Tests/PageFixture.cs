using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Meerkat.Hostile;
using Meerkat.Interop.Tests;
using Meerkat.Testing;
using Meerkat.WebAdmin.Tests;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(PageFixture))]

namespace Meerkat.WebAdmin.Tests;

/// <summary>One real server with the page, and one browser, for all tests.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    public const string Domain = ServerProcess.Domain;
    public const string Other = "other.example";
    public const string Password = "S3CRET-of-the-page";

    private readonly HttpClient _http = new();
    private ServerProcess? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private int _names;

    public ServerProcess Server => _server!;

    public Uri Address { get; } = new($"http://localhost:{FreePort.Next()}/admin/");

    public static bool CanRun => File.Exists(Index) && File.Exists(Axe) && Chromium is not null;

    internal static string Axe => Path.Combine(AppContext.BaseDirectory, "axe.min.js");

    private static string Index => Path.Combine(typeof(ServerProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ServerFolder").Value!, "wwwroot", "admin", "index.html");

    private static string? Chromium => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);

    /// <summary>Skips the running test where what it needs is not there.</summary>
    public static void Need()
    {
        Programs.Need("chromium", "chromium");
        Programs.NeedFile(Index, "the administrators' page of this build", "nodejs npm");
        Programs.NeedFile(Axe, "axe-core", "npm");
    }

    public async ValueTask InitializeAsync()
    {
        if (!CanRun)
        {
            return; // each test says why
        }

        _server = await ServerProcess.StartAsync(text => $$"""
            {{text.Replace($"hosts = [\"{Domain}\"]", $"hosts = [\"{Domain}\", \"{Other}\"]\n  host_types = [\"customers\"]", StringComparison.Ordinal)}}
              [modules.mod_mam.muc]
            [modules.mod_muc]
            [modules.mod_muc_light]
            [services.service_domain_db]
            [[listen.http]]
              port = {{Address.Port}}
              ip_address = "127.0.0.1"
              [[listen.http.handlers.mongoose_graphql_handler]]
                host = "_"
                path = "/api/admin/graphql"
                schema_endpoint = "admin"
                username = "admin"
                password = "{{Password}}"
              [[listen.http.handlers.mongoose_graphql_handler]]
                host = "_"
                path = "/api/domain-admin/graphql"
                schema_endpoint = "domain_admin"
              [[listen.http.handlers.mongoose_client_api]]
                host = "_"
                path = "/client"
              [[listen.http.handlers.webadmin]]
                host = "_"
                path = "/admin"
            """);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"] });
    }

    /// <summary>A page in a profile of its own. What goes wrong in it is collected.</summary>
    public async Task<Visit> OpenAsync(bool isDark = false, int width = 1280, int height = 900)
    {
        Need();
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light, ViewportSize = new ViewportSize { Width = width, Height = height }, ReducedMotion = ReducedMotion.Reduce, Locale = "en-GB" });
        context.SetDefaultTimeout(20_000);
        return new Visit(this, context, await context.NewPageAsync());
    }

    /// <summary>As <see cref="OpenAsync"/>, signed in as the administrator of the server.</summary>
    public async Task<Visit> SignInAsync(bool isDark = false, int width = 1280, int height = 900)
    {
        var visit = await OpenAsync(isDark, width, height);
        await visit.SignInAsync("admin", Password);
        return visit;
    }

    /// <summary>An account that no other test uses.</summary>
    public async Task<string> RegisterAsync(string prefix, string domain = Domain)
    {
        var name = $"{prefix}{Interlocked.Increment(ref _names)}";
        await AskAsync($"mutation {{ account {{ registerUser(domain: \"{domain}\", username: \"{name}\", password: \"{ServerProcess.Password}\") {{ jid }} }} }}");
        return name;
    }

    /// <summary>A client of such an account, available.</summary>
    public async Task<TestClient> ConnectAsync(string name, string resource = "phone", string password = ServerProcess.Password)
    {
        var client = await TestClient.ConnectAsync(Server.StartTls, Domain);
        await client.LogInAsync(name, Domain, password);
        await client.BindAsync(resource);
        await client.BecomeAvailableAsync();
        return client;
    }

    /// <summary>Asks the API itself, past the page.</summary>
    public async Task<JsonElement> AskAsync(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, "/api/admin/graphql")) { Content = new StringContent(JsonSerializer.Serialize(new { query }), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{Password}")));
        using var response = await _http.SendAsync(request);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.False(answer.TryGetProperty("errors", out var errors), $"{query}: {errors}");
        return answer.GetProperty("data");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
