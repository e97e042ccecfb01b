namespace Meerkat.Interop.Tests;

/// <summary>go-sendxmpp and sendxmpp (on Perl's XML::Stream), which send one message from a script.</summary>
public sealed class SendXmppTests(ServerUnderTest server)
{
    [Fact]
    public Task Go_sendxmpp_sends_over_starttls() => SendAsync(
        "go-sendxmpp", (alice, bob) => ["-u", alice.Jid, "-p", alice.Password, "-j", $"127.0.0.1:{server.ClientPort}", bob.Jid]);

    [Fact]
    public Task Go_sendxmpp_sends_over_direct_tls() => SendAsync(
        "go-sendxmpp", (alice, bob) => ["-t", "-u", alice.Jid, "-p", alice.Password, "-j", $"127.0.0.1:{server.DirectTlsPort}", bob.Jid]);

    [Fact] // its stream header says the machine's name as the sender, which is nobody's identity
    public Task Sendxmpp_sends_over_starttls() => SendAsync(
        "sendxmpp", (alice, bob) => ["-u", alice.Localpart, "-p", alice.Password, "-j", $"{ServerUnderTest.Domain}:{server.ClientPort}", "-t", "-n", bob.Jid]);

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
