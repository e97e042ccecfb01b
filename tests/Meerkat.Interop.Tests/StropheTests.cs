namespace Meerkat.Interop.Tests;

/// <summary>Strophe.js over BOSH in headless Chromium, from a page of another origin; the scenarios are in <c>clients/with_strophe.py</c>.</summary>
public sealed class StropheTests(ServerUnderTest server)
{
    // XEP-0124 §14.3, XEP-0206
    [Fact]
    public async Task Two_users_chat_over_BOSH_and_lose_nothing_when_requests_are_cut()
    {
        Programs.Need("chromium", "chromium");
        Programs.Need("chromedriver", "chromium-driver");
        Programs.NeedPython("selenium", "python3-selenium");
        Programs.NeedFile(Path.Combine(AppContext.BaseDirectory, "clients", "strophe.umd.min.js"), "Strophe.js", "npm");
        await ClientProcess.PlayAtAsync(
            server, server.BoshUrl, "with_strophe.py", "chat", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"),
            "connected", "chatted", "recovered", "left");
    }
}
