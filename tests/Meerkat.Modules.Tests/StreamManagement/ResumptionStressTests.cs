using System.Globalization;
using Meerkat.Modules.StreamManagement;
using Meerkat.Testing;
using Xunit;
using static Meerkat.Modules.Tests.StreamManagement.SmClient;

namespace Meerkat.Modules.Tests.StreamManagement;

public sealed class ResumptionStressTests
{
    private const int Senders = 3;
    private const int Resumptions = 100;
    private const int PerRound = 12;

    [Fact] // XEP-0198 §5: what the client counts by h comes exactly once and in order, whoever sends while it moves
    public async Task Resumed_a_hundred_times_under_fire_nothing_is_lost_doubled_or_reordered()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<StreamManagementModule>(new StreamManagementOptions { BufferMax = null, AckFreq = 3 }));
        var client = await server.ConnectAsync("alice", "phone");
        var jid = client.Jid;
        var id = await client.EnableAsync();
        var next = new int[Senders];
        uint handled = 0;
        using var permits = new SemaphoreSlim(PerRound); // what is sent keeps pace with what is taken, and leaves while the session moves
        var sent = new int[Senders];
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            await using var bob = await server.ConnectAsync($"bob{sender}");
            while (sent[sender] < PerRound * Resumptions / Senders)
            {
                await permits.WaitAsync();
                await bob.SendAsync($"<message to='{jid}' type='chat' id='{sent[sender]++}'><thread>{sender}</thread></message>");
            }

            await bob.ExpectNothingAsync();
        })).ToArray();

        for (var round = 0; round < Resumptions; round++)
        {
            for (var i = 0; i < 5 + (round % 7); i++)
            {
                await TakeAsync();
            }

            // Every second time the old connection is still there and full of unread stanzas.
            var old = client;
            if (round % 2 == 0)
            {
                await old.DropAsync();
            }

            client = await server.LogInOnlyAsync("alice");
            if (round < Resumptions - 1)
            {
                permits.Release(PerRound);
            }

            await client.SendAsync($"<resume {Sm} previd='{id}' h='{handled}'/>");
            await client.ExpectAsync($"<resumed {Sm}/>");
            await old.DropAsync();
        }

        await Task.WhenAll(senders);
        while (next.Sum() < sent.Sum())
        {
            await TakeAsync();
        }

        await client.DropAsync();
        Assert.Empty(server.Log.Errors);

        async Task TakeAsync()
        {
            var element = await client.ReceiveAsync(element => element.Name != "r");
            handled++;
            var sender = int.Parse(element.ChildText("thread")!, CultureInfo.InvariantCulture);
            Assert.Equal(next[sender]++, int.Parse(element.Attribute("id")!, CultureInfo.InvariantCulture));
            if (handled % 10 == 0)
            {
                await client.SendAsync($"<a {Sm} h='{handled}'/>");
            }
        }
    }
}
