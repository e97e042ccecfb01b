namespace Meerkat.Interop.Tests;

/// <summary>Profanity, a client for the terminal, under tmux.</summary>
public sealed class ProfanityTests(ServerUnderTest server)
{
    [Fact]
    public async Task It_logs_in_and_two_of_them_chat()
    {
        Need();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        await using var hers = await LogInAsync(alice);
        await using var his = await LogInAsync(bob);

        await hers.TypeAsync($"/msg {bob.Jid} Hello from the terminal");
        await his.ShowsAsync($"<< chat message: {alice.Jid}");
        await his.TypeAsync("/win 2");
        await his.ShowsAsync("Hello from the terminal");

        await his.TypeAsync("Thank you");
        await hers.ShowsAsync("Thank you");
    }

    [Fact]
    public async Task It_sends_to_slixmpp_and_gets_the_answer()
    {
        Need();
        Programs.NeedPython("slixmpp", "python3-slixmpp");
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        await using var his = ClientProcess.StartScript(server, "with_slixmpp.py", "receive", bob);
        await his.StepAsync("online");
        await using var hers = await LogInAsync(alice);

        await hers.TypeAsync($"/msg {bob.Jid} Hello from the terminal");
        var message = await his.StepAsync("message");
        Assert.Equal("Hello from the terminal", message.GetProperty("body").GetString());
        Assert.StartsWith(alice.Jid + "/", message.GetProperty("sender").GetString(), StringComparison.Ordinal);

        await his.SayAsync("Hello from the library");
        await his.StepAsync("answered");
        await hers.ShowsAsync("Hello from the library");
        await his.EndAsync();
    }

    internal static void Need()
    {
        Programs.Need("profanity", "profanity");
        Programs.Need("tmux", "tmux");
    }

    private Task<Terminal> LogInAsync(Account account) => LogInAsync(server, account);

    internal static async Task<Terminal> LogInAsync(ServerUnderTest server, Account account)
    {
        var home = Directory.CreateDirectory(Path.Combine(server.Folder, "profanity-" + account.Localpart)).FullName;
        var terminal = await Terminal.StartAsync("profanity", new Dictionary<string, string>
        {
            ["HOME"] = home,
            ["XDG_CONFIG_HOME"] = Path.Combine(home, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(home, "data"),
            ["SSL_CERT_FILE"] = server.CertificateFile,
            ["LANG"] = "C.UTF-8",
        });
        await terminal.ShowsAsync("Type /help for help information");
        await terminal.TypeAsync($"/connect {account.Jid} server 127.0.0.1 port {server.ClientPort} tls force");
        await terminal.ShowsAsync("Enter password:");
        await terminal.TypeAsync(account.Password);
        await terminal.ShowsAsync("logged in successfully");
        return terminal;
    }
}
