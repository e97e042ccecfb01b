using Meerkat.Core.Storage;
using Meerkat.Modules.Mam;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>How messages get into the store: batches, bounds, acknowledgements, failures (MAM-014, MAM-074, MAM-084).</summary>
public sealed class MamWriterTests
{
    private const string Nobody = "<message to='far@nobody.test' type='chat' id='m'><body>b</body></message>";

    [Fact] // Architecture §2, durability: delivery does not wait, the acknowledgement does
    public async Task A_message_is_delivered_before_it_is_written_and_acknowledged_after()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        var session = server.Context.Sessions.Local.Single(session => session.Jid.Local == "alice");
        await alice.SendAsync("<message to='bob@example.test' type='chat'><body>b</body></message>");
        await bob.ExpectAsync("<message><body>b</body><stanza-id xmlns='urn:xmpp:sid:0'/></message>");
        await alice.ExpectNothingAsync();
        var before = session.Watermark.Handled;
        var first = await store.NextAsync();
        if (first.Count == 1)
        {
            // The two archives share a lane or not: their owners' hashes say so, and those differ from run to run.
            first.Done.SetResult();
            await alice.ExpectNothingAsync();
            Assert.Equal(before, session.Watermark.Handled); // one of the two archives is not enough
            first = await store.NextAsync();
        }

        first.Done.SetResult();
        await session.Watermark.CaughtUpAsync();
        Assert.True(session.Watermark.Handled > before, $"{before} {session.Watermark.Handled}");
    }

    [Fact] // MAM-084: while one batch is written the next one gathers
    public async Task Messages_gather_while_one_is_written()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1 });
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 0; i < 5; i++)
        {
            await alice.SendAsync($"<message to='alice@example.test' type='chat'><body>{i}</body></message>");
        }

        await alice.ReceiveAsync(element => element.ChildText("body") == "4");
        var first = await store.NextAsync();
        await alice.AskAsync("<iq type='get' to='example.test'><q xmlns='a:b'/></iq>");
        Assert.Equal(1, first.Count);
        first.Done.SetResult();
        var second = await store.NextAsync();
        Assert.Equal(4, second.Count);
        second.Done.SetResult();
        Assert.Equal(["0", "1", "2", "3", "4"], (await alice.QueryAsync()).Bodies);
    }

    [Fact] // MAM-084: the loss window
    public async Task Without_acknowledgement_a_batch_is_written_when_it_is_full_or_old()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1, WriteBeforeAcknowledge = false, BatchSize = 2, FlushInterval = TimeSpan.FromMilliseconds(500) });
        await using var alice = await server.ConnectAsync("alice");
        var session = server.Context.Sessions.Local.Single();
        await SendAsync(alice);
        var handled = session.Watermark.Handled;
        Assert.True(handled > 0);
        Assert.False(store.HasWrites);
        server.Time.Advance(TimeSpan.FromMilliseconds(500));
        var old = await store.NextAsync();
        Assert.Equal(1, old.Count);
        old.Done.SetResult();
        await SendAsync(alice);
        await SendAsync(alice);
        var full = await store.NextAsync();
        Assert.Equal(2, full.Count);
        full.Done.SetResult();
    }

    [Fact] // MAM-091: who asks sees what was sent before
    public async Task A_query_writes_first_what_waits()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions(), AsyncWriter = new ArchiveWriterOptions { WriteBeforeAcknowledge = false } });
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(3);
        Assert.Equal(3, (await alice.QueryAsync()).Results.Count);
        await alice.SendAsync("<message to='bob@example.test' type='chat'><body>4</body></message>");
        await alice.ExpectNothingAsync();
        await server.Context.DrainAsync(); // OPS-005: and so does the end
        await using var bob = await server.ConnectAsync("bob");
        Assert.Equal(4, (await bob.QueryAsync()).Results.Count);
    }

    [Fact] // async_writer.enabled = false
    public async Task Without_the_writer_a_message_is_delivered_when_it_is_written()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { Enabled = false });
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync(Nobody);
        var write = await store.NextAsync();
        var session = server.Context.Sessions.Local.Single();
        var handled = session.Watermark.Handled;
        write.Done.SetResult();
        await alice.ExpectAsync("<message type='error' id='m'/>");
        await alice.ExpectNothingAsync();
        Assert.True(session.Watermark.Handled > handled);
    }

    [Fact] // MAM-014
    public async Task What_cannot_be_written_is_delivered_and_its_sender_told()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1 });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='m1'><body>b</body></message>");
        await bob.ExpectAsync("<message><body>b</body></message>");
        (await store.NextAsync()).Done.SetException(new IOException("disk"));
        await alice.ExpectAsync("<message type='error' id='m1'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        (await store.NextAsync()).Done.SetResult();
        Assert.Empty((await alice.QueryAsync()).Results);
        Assert.Single((await bob.QueryAsync()).Results);
    }

    [Fact] // architecture §2: the sender's h covers the recipient's archive too
    public async Task The_sender_is_told_when_only_the_recipients_copy_cannot_be_written()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1 });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync();
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='m1'><body>b</body></message>");
        await bob.ExpectAsync("<message><body>b</body></message>");
        (await store.NextAsync()).Done.SetResult();
        (await store.NextAsync()).Done.SetException(new IOException("disk"));
        await alice.ExpectAsync("<message type='error' id='m1'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        Assert.Single((await alice.QueryAsync()).Results);
        Assert.Empty((await bob.QueryAsync()).Results);
    }

    [Fact] // MAM-084: one bad message does not cost the others their place
    public async Task A_batch_that_fails_is_written_one_by_one()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1 });
        await using var alice = await server.ConnectAsync("alice");
        var batch = await GatherAsync(store, alice, 2);
        batch.Done.SetException(new IOException("one of them"));
        (await store.NextAsync()).Done.SetException(new IOException("this one"));
        (await store.NextAsync()).Done.SetResult();
        Assert.Equal(["0", "2"], (await alice.QueryAsync()).Bodies);
    }

    [Fact] // StorageBusyException: nothing was done, try again
    public async Task A_busy_store_is_asked_again()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1 });
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync(Nobody);
        await alice.ReceiveAsync();
        (await store.NextAsync()).Done.SetException(new StorageBusyException("full"));
        var again = store.NextAsync();
        await AdvanceUntilAsync(server, again);
        (await again).Done.SetResult();
        Assert.Single((await alice.QueryAsync()).Results);
    }

    [Fact] // StorageUnavailableException: it is about no message, so that trying each alone would take as long for each
    public async Task A_store_that_is_gone_is_asked_again_for_the_whole_batch()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1 });
        await using var alice = await server.ConnectAsync("alice");
        var batch = await GatherAsync(store, alice, 3);
        batch.Done.SetException(new StorageUnavailableException("gone"));
        var again = store.NextAsync();
        await AdvanceUntilAsync(server, again);
        Assert.Equal(3, (await again).Count);
        (await again).Done.SetResult();
        Assert.Equal(["0", "1", "2", "3"], (await alice.QueryAsync()).Bodies);
    }

    [Fact] // MAM-046: who reads waits for what was sent before, but not for ever
    public async Task A_query_is_refused_when_the_store_does_not_take_what_was_sent_before()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1 });
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='alice@example.test' type='chat' id='m'><body>b</body></message>");
        await alice.ReceiveAsync();
        var asked = alice.QueryAsync();
        await AdvanceUntilAsync(server, asked);
        (await asked).ExpectError("service-unavailable", "cancel");
        (await store.NextAsync()).Done.SetResult();
        Assert.Single((await alice.QueryAsync()).Results);
    }

    [Fact] // The bound and its answer: the sender waits, then goes on without an archive
    public async Task A_full_queue_holds_the_sender_up_for_a_while()
    {
        var store = new SlowArchiveStore();
        await using var server = await StartAsync(store, new ArchiveWriterOptions { PoolSize = 1, QueueLimit = 100 });
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 0; i < 101; i++)
        {
            await alice.SendAsync($"<message to='far@nobody.test' type='chat' id='m{i}'><body>{i}</body></message>");
        }

        await alice.ReceiveAsync(element => element.Attribute("id") == "m99");
        var next = alice.ReceiveAsync();
        await AdvanceUntilAsync(server, next);
        Assert.Equal("m100", (await next).Attribute("id"));
        (await store.NextAsync()).Done.SetResult();
        (await store.NextAsync()).Done.SetResult();
        Assert.Equal("100", (await alice.QueryAsync(page: "<max>0</max>")).Count);
    }

    // The next write, which has so many messages: all but the first, which was written while they gathered.
    private static async Task<(TaskCompletionSource Done, int Count)> GatherAsync(SlowArchiveStore store, TestClient alice, int count)
    {
        for (var i = 0; i <= count; i++)
        {
            await alice.SendAsync($"<message to='alice@example.test' type='chat' id='m{i}'><body>{i}</body></message>");
        }

        await alice.ReceiveAsync(element => element.Attribute("id") == $"m{count}");
        (await store.NextAsync()).Done.SetResult();
        var batch = await store.NextAsync();
        Assert.Equal(count, batch.Count);
        return batch;
    }

    private static async Task AdvanceUntilAsync(TestServer server, Task done)
    {
        while (!done.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private static async Task SendAsync(TestClient client)
    {
        await client.SendAsync(Nobody);
        await client.ReceiveAsync(element => element.Attribute("type") == "error");
        await client.ExpectNothingAsync();
    }

    private static Task<TestServer> StartAsync(SlowArchiveStore store, ArchiveWriterOptions writer) =>
        MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions(), AsyncWriter = writer }, with => with.Stores = new MamFixture.Stores { Accounts = store });
}
