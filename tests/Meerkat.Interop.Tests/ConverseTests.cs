namespace Meerkat.Interop.Tests;

/// <summary>Converse.js, the page at /chat/, in headless Chromium; the scenarios are in <c>clients/with_converse.py</c>.</summary>
public sealed class ConverseTests(ServerUnderTest server)
{
    // RFC 7395
    [Fact]
    public async Task Two_users_chat_on_the_page_and_nothing_is_asked_elsewhere()
    {
        Need();
        await ClientProcess.PlayAsync(
            server, "with_converse.py", "chat", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"),
            "logged in", "sent", "answered", "nothing asked elsewhere");
    }

    // XEP-0206: where a proxy lets no WebSocket through, the page does the same over BOSH.
    [Fact]
    public async Task Two_users_chat_on_the_page_without_WebSocket()
    {
        Need();
        await ClientProcess.PlayAtAsync(
            server, server.ChatUrlWithoutWebSocket, "with_converse.py", "chat_over_bosh", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"),
            "logged in", "sent", "answered", "by requests alone");
    }

    // XEP-0077 §3.1
    [Fact]
    public async Task A_newcomer_registers_on_the_page_and_is_logged_in()
    {
        Need();
        await ClientProcess.PlayAsync(server, "with_converse.py", "register", server.Unregistered("newcomer"), null, "form", "logged in");
    }

    [Fact]
    public async Task The_page_and_slixmpp_exchange_messages()
    {
        Need();
        Programs.NeedPython("slixmpp", "python3-slixmpp");
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        await using var page = ClientProcess.StartScript(server, "with_converse.py", "receive", alice, bob);
        await page.StepAsync("online");
        await using var library = ClientProcess.StartScript(server, "with_slixmpp.py", "send", bob, alice);
        await library.StepAsync("online");

        await library.SayAsync("Hello to the page");
        var message = await page.StepAsync("message");
        Assert.Equal("Hello to the page", message.GetProperty("body").GetString());
        await page.StepAsync("answered");
        var answer = await library.StepAsync("message");
        Assert.Equal("Hello from the page", answer.GetProperty("body").GetString());
        await page.EndAsync();
        await library.EndAsync();
    }

    internal static void Need()
    {
        Programs.Need("chromium", "chromium");
        Programs.Need("chromedriver", "chromium-driver");
        Programs.Need("npm", "npm"); // without it the build has left the page out
        Programs.NeedPython("selenium", "python3-selenium");
    }
}
