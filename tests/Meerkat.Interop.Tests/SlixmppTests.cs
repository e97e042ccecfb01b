namespace Meerkat.Interop.Tests;

/// <summary>slixmpp, a client library in Python; the scenarios are in <c>clients/with_slixmpp.py</c>.</summary>
public sealed class SlixmppTests(ServerUnderTest server)
{
    // RFC 6120 §§5, 6, 7; RFC 5802; XEP-0199
    [Fact]
    public async Task It_logs_in_over_starttls_with_scram_and_leaves_in_good_order()
    {
        Need();
        await PlayAsync("log_in", await server.RegisterAsync("alice"), null, "logged in", "pong", "stream closed");
    }

    // RFC 6120 §6.5.10
    [Fact]
    public async Task A_wrong_password_is_not_authorized()
    {
        Need();
        await using var client = ClientProcess.StartScript(server, "with_slixmpp.py", "log_in_with_wrong_password", await server.RegisterAsync("alice"));
        var refused = await client.StepAsync("refused");
        Assert.Equal("not-authorized", refused.GetProperty("condition").GetString());
    }

    // XEP-0077 §3.1
    [Fact]
    public async Task It_registers_an_account_and_logs_in_to_it()
    {
        Need();
        await PlayAsync("register", server.Unregistered("newcomer"), null, "registered", "logged in");
    }

    // RFC 6121 §§2, 3, 4
    [Fact]
    public async Task A_contact_is_added_subscribed_both_ways_seen_and_removed()
    {
        Need();
        await PlayAsync(
            "roster", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"),
            "subscription asked", "presence after approval", "both ways", "unavailable", "removed");
    }

    // RFC 6121 §5, XEP-0280 §§7, 8
    [Fact]
    public async Task Messages_go_both_ways_and_the_other_resource_gets_copies()
    {
        Need();
        await PlayAsync(
            "messages", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"),
            "carbons enabled", "sent, with a copy", "answered, with a copy");
    }

    // XEP-0198 §5
    [Fact]
    public async Task A_cut_stream_is_resumed_and_brings_what_came_meanwhile()
    {
        Need();
        await PlayAsync(
            "resumption", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"),
            "resumable", "resumed", "missed message received", "new message received");
    }

    // XEP-0313 §4, XEP-0059 §2
    [Fact]
    public async Task An_archive_of_10_000_messages_is_paged_in_both_directions()
    {
        Need();
        await PlayAsync("archive", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), "sent", "forward", "backward");
    }

    // XEP-0045 §§6, 7, 8, 9, 10
    [Fact]
    public async Task A_room_is_made_configured_joined_talked_in_and_rid_of_somebody()
    {
        Need();
        await PlayAsync(
            "room", await server.RegisterAsync("alice"), await server.RegisterAsync("bob"),
            "made and configured", "invited and joined", "said, whispered, subject set", "history", "paged", "kicked and banned");
    }

    private static void Need() => Programs.NeedPython("slixmpp", "python3-slixmpp");

    private Task PlayAsync(string scenario, Account account, Account? peer, params string[] steps) =>
        ClientProcess.PlayAsync(server, "with_slixmpp.py", scenario, account, peer, steps);
}
