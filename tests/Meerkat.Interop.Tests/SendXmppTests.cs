namespace Meerkat.Interop.Tests;

/// <summary>The two programs that send one message from a script: go-sendxmpp in Go, and sendxmpp in Perl with a library of 2004.</summary>
public sealed class SendXmppTests(ServerUnderTest server)
{
    [Fact]
    public Task Go_sendxmpp_sends_over_starttls() => SendAsync(
        "go-sendxmpp", (alice, bob) => ["-u", alice.Jid, "-p", alice.Password, "-j", $"127.0.0.1:{server.ClientPort}", bob.Jid]);

    [Fact]
    public Task Go_sendxmpp_sends_over_direct_tls() => SendAsync(
        "go-sendxmpp", (alice, bob) => ["-t", "-u", alice.Jid, "-p", alice.Password, "-j", $"127.0.0.1:{server.DirectTlsPort}", bob.Jid]);

    // COMPAT: its library knows PLAIN and older mechanisms, and asks for a session (RFC 3921 §3) after binding.
    [Fact]
    public Task Sendxmpp_sends_over_starttls() => SendAsync(
        "sendxmpp",
        (alice, bob) =>
        [
            "--username", alice.Localpart, "--component", ServerUnderTest.Domain, "--password", alice.Password,
            "--jserver", $"127.0.0.1:{server.ClientPort}", "--tls", "--tls-ca-path", server.CertificateFile, bob.Jid,
        ]);

    private async Task SendAsync(string program, Func<Account, Account, string[]> arguments)
    {
        Programs.Need(program, program);
        Programs.NeedPython("slixmpp", "python3-slixmpp");
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        await using var receiver = ClientProcess.StartScript(server, "with_slixmpp.py", "receive", bob);
        await receiver.StepAsync("online");

        await using var sender = ClientProcess.Start(server, program, arguments(alice, bob));
        await sender.SayAsync("Hello & <welcome> from a script");
        await sender.EndAsync();

        var message = await receiver.StepAsync("message");
        Assert.Equal("Hello & <welcome> from a script", message.GetProperty("body").GetString()!.TrimEnd('\n'));
        Assert.StartsWith(alice.Jid + "/", message.GetProperty("sender").GetString(), StringComparison.Ordinal);
        await receiver.EndAsync();
    }
}
