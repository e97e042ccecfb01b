using System.Globalization;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Testing;
using Xunit;
using static Meerkat.Modules.Tests.StreamManagement.SmClient;

namespace Meerkat.Modules.Tests.Offline;

/// <summary>Two clients of an account, without stream management, that had the same messages and do not read (CORE-148, CORE-203, STM-013).</summary>
public sealed class LostTogetherTests
{
    private const int Messages = 300;

    [Fact]
    public async Task What_neither_of_two_lost_clients_was_sent_waits_once()
    {
        await using var server = await StartAsync();
        var phone = await server.ConnectAsync("alice", "phone");
        var desk = await server.ConnectAsync("alice", "desk");
        await SendAsync(server);
        await LoseAsync(server, phone);
        await LoseAsync(server, desk);

        await using var back = await server.ConnectAsync("alice", "new");
        await back.SendAsync("<presence/>");
        var waited = new List<int>();
        for (var element = await back.ReceiveAsync(); element.Name == "message"; element = await back.ReceiveAsync())
        {
            waited.Add(int.Parse(element.Attribute("id")!, CultureInfo.InvariantCulture));
        }

        // What fits into a pipe was sent: that it came is not known without stream management. All that was queued is there, in order, and once.
        Assert.True(waited.Count > Messages / 2, string.Join(' ', waited));
        Assert.Equal(Enumerable.Range(Messages - waited.Count, waited.Count), waited);
        await back.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_one_of_two_clients_has_is_not_sent_again_because_the_other_was_lost()
    {
        await using var server = await StartAsync();
        var phone = await server.ConnectAsync("alice", "phone");
        await using var desk = await server.ConnectAsync("alice", "desk");
        await SendAsync(server);
        await LoseAsync(server, phone);

        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal($"{i}", (await desk.ReceiveAsync()).Attribute("id"));
        }

        await desk.ExpectNothingAsync();
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(with => with.Module<OfflineModule>().Module<PlainPresenceModule>());

    // Much more than a pipe takes, less than a queue may hold.
    private static async Task SendAsync(TestServer server)
    {
        var body = new string('x', 2_000);
        await using var bob = await server.ConnectAsync("bob");
        for (var i = 0; i < Messages; i++)
        {
            await bob.SendAsync($"<message to='alice@example.test' type='chat' id='{i}'><body>{body}</body></message>");
        }

        await bob.ExpectNothingAsync();
        await bob.SendAsync("</stream:stream>");
        await bob.ExpectEndAsync();
    }

    // Until all that it leaves behind is where it goes.
    private static async Task LoseAsync(TestServer server, TestClient client)
    {
        await client.DropAsync();
        await Until(() => server.Log.Entries.Any(entry => entry.Text.Contains($"Session {client.Jid} ", StringComparison.Ordinal) && entry.Text.Contains(" ended: ", StringComparison.Ordinal)));
        await client.DisposeAsync();
    }
}
