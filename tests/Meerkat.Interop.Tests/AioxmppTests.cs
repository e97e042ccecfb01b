namespace Meerkat.Interop.Tests;

/// <summary>aioxmpp, another client library in Python; the scenarios are in <c>clients/with_aioxmpp.py</c>.</summary>
public sealed class AioxmppTests(ServerUnderTest server)
{
    // RFC 6120 §§5, 6, 7; XEP-0030 §3
    [Fact]
    public async Task It_logs_in_over_starttls_with_scram_and_asks_what_the_server_is()
    {
        Need();
        await PlayAsync("log_in", await server.RegisterAsync("alice"), null, "logged in", "disco", "logged out");
    }

    // RFC 6121 §2
    [Fact]
    public async Task It_gets_its_roster_and_adds_a_contact()
    {
        Need();
        await PlayAsync("roster", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), "empty roster", "contact added");
    }

    // RFC 6121 §5
    [Fact]
    public async Task Messages_go_both_ways()
    {
        Need();
        await PlayAsync("messages", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), "sent", "answered");
    }

    // XEP-0313 §4, XEP-0059 §2
    [Fact]
    public async Task An_archive_of_10_000_messages_is_paged_in_both_directions()
    {
        Need();
        await PlayAsync("archive", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), "sent", "forward", "backward");
    }

    private static void Need() => Programs.NeedPython("aioxmpp", "python3-aioxmpp");

    private Task PlayAsync(string scenario, Account account, Account? peer, params string[] steps) =>
        ClientProcess.PlayAsync(server, "with_aioxmpp.py", scenario, account, peer, steps);
}
