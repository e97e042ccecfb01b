using Meerkat.Modules.Carbons;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Modules.Tests.Mam;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.Carbons;

/// <summary>What a copy is, who gets it, and what does not happen to it.</summary>
public sealed class CarbonDeliveryTests
{
    private const string Enable = "<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>";

    [Fact] // CORE-232, CRB-003: whoever has the highest priority has the message itself
    public async Task A_message_to_the_account_is_copied_to_those_with_a_lower_priority()
    {
        await using var server = await StartAsync();
        await using var first = await server.ConnectAsync("alice", "first");
        await using var second = await server.ConnectAsync("alice", "second");
        await using var negative = await server.ConnectAsync("alice", "negative");
        await using var bob = await server.ConnectAsync("bob");
        foreach (var (client, priority) in new[] { (first, 5), (second, 1), (negative, -1) })
        {
            await client.BecomeAvailableAsync($"<presence><priority>{priority}</priority></presence>");
            await client.AskAsync(Enable);
        }

        await bob.SendAsync("<message to='alice@example.test' type='chat' id='m'><body>b</body></message>");
        await first.ExpectAsync("<message id='m'><body>b</body></message>");
        foreach (var lower in new[] { second, negative })
        {
            // CRB-004, CORE-233: the original's type, from the account, to the session.
            await lower.ExpectAsync($"<message type='chat' from='alice@example.test' to='{lower.Jid}'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' id='m' from='{bob.Jid}' to='alice@example.test'><body>b</body></message></forwarded></received></message>");
            await lower.ExpectNothingAsync();
        }

        await first.ExpectNothingAsync();
    }

    [Fact] // CORE-233: not archived, not copied, not stored
    public async Task A_copy_is_a_message_to_nobody_else()
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var second = await server.ConnectAsync("alice", "b");
        await using var third = await server.ConnectAsync("alice", "c");
        await second.AskAsync(Enable);
        await third.AskAsync(Enable);
        await alice.SendAsync("<message to='bob@example.test' type='chat'><body>b</body></message>");
        foreach (var other in new[] { second, third })
        {
            await other.ExpectAsync("<message><sent xmlns='urn:xmpp:carbons:2'/></message>");
            await other.ExpectNothingAsync();
        }

        Assert.Single((await alice.QueryAsync()).Results);
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        await bob.ExpectAsync("<message><body>b</body></message>");
        await bob.ReceiveAsync(element => element.Name == "presence");
        await bob.ExpectNothingAsync();
        Assert.Single((await bob.QueryAsync()).Results);
    }

    [Fact] // CORE-234, CRB-001, CRB-006
    public async Task Who_becomes_unavailable_gets_no_more_copies_and_has_to_ask_again()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var second = await server.ConnectAsync("alice", "b");
        await using var bob = await server.ConnectAsync("bob", "r");
        await second.BecomeAvailableAsync();
        await second.AskAsync(Enable);
        await SayAsync(1);
        await second.ExpectAsync("<message><sent xmlns='urn:xmpp:carbons:2'/></message>");
        await second.SendAsync("<presence type='unavailable'/>");
        await second.ExpectAsync("<presence type='unavailable'/>");
        await SayAsync(2);
        await second.BecomeAvailableAsync();
        await SayAsync(3);
        await second.AskAsync(Enable);
        await SayAsync(4);

        await second.ExpectAsync("<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>4</body></message></forwarded></sent></message>");

        async Task SayAsync(int number)
        {
            await alice.SendAsync($"<message to='{bob.Jid}' type='chat'><body>{number}</body></message>");
            await bob.ExpectAsync($"<message><body>{number}</body></message>");
            await alice.ExpectNothingAsync();
        }
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(with =>
        with.Module<CarbonsModule>().Module<PlainPresenceModule>().Module<OfflineModule>().Module<MamModule>(new MamOptions { Pm = new MamPmOptions() }));
}
