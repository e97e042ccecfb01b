using System.Diagnostics;
using Meerkat.Core.Sessions;
using Meerkat.Storage.Redis.Sessions;
using Meerkat.Testing;
using Meerkat.Testing.Databases;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Storage.Redis.Tests.Sessions;

/// <summary>A server whose sessions are in a real Redis, which dies and comes back.</summary>
public sealed class SessionsOnRedisTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // OPS-212, OPS-035
    public async Task Redis_may_die_and_come_back_empty()
    {
        await using var redis = await RedisServers.StartAsync();
        await using var node = await Node.StartAsync(redis);
        await using var alice = await node.Server.ConnectAsync("alice", "phone");
        var leaving = await node.Server.ConnectAsync("carol", "phone");
        Assert.Single(await node.FindAsync("alice@example.test/phone"));
        await redis.KillAsync();

        // Who is bound goes on, without a wait.
        await alice.SendAsync("<message to='alice@example.test/phone' type='chat' id='m'><body>b</body></message>");
        await alice.ReceiveAsync(element => element.Attribute("id") == "m");
        await leaving.DisposeAsync();
        var began = Stopwatch.StartNew();
        await node.Server.Accounts.AddAsync("bob@example.test", "secret");
        await using var bob = node.Server.Open();
        await bob.LogInAsync("bob", "example.test", "secret");
        await bob.SendAsync("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        await bob.ExpectAsync("<iq type='error' id='b'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(10), $"{began.Elapsed}");

        await redis.StartAsync();
        await UntilAsync(async () => (await node.FindAsync("alice@example.test/phone")).Count == 1);
        await bob.BindAsync("phone");
        Assert.Single(await node.FindAsync("bob@example.test/phone"));
        Assert.Empty(await node.FindAsync("carol@example.test/phone"));
    }

    [Fact] // OPS-035: on start a node first cleans its own leftovers
    public async Task What_a_crash_has_left_is_taken_away_at_the_next_start()
    {
        await using var redis = await RedisServers.StartAsync();
        var crashed = await Node.StartAsync(redis);
        await using var other = await Node.StartAsync(redis, "other");
        await using var alice = await crashed.Server.ConnectAsync("alice", "phone");
        await using var stays = await other.Server.ConnectAsync("alice", "tv");
        await crashed.CrashAsync();
        Assert.Equal(2, (await other.Table.FindAsync(BareJid.Parse("alice@example.test"), None)).Count);
        await using var again = await Node.StartAsync(redis);
        Assert.Equal("other", Assert.Single(await again.Table.FindAsync(BareJid.Parse("alice@example.test"), None)).Node);
    }

    [Fact] // CONF-134
    public async Task A_server_that_starts_before_redis_takes_sessions_as_soon_as_redis_is_there()
    {
        await using var redis = await RedisServers.StartAsync();
        await redis.StopAsync();
        await using var node = await Node.StartAsync(redis);
        await redis.StartAsync();
        await node.Server.Accounts.AddAsync("alice@example.test", "secret");
        await UntilAsync(async () =>
        {
            await using var alice = node.Server.Open();
            await alice.LogInAsync("alice", "example.test", "secret");
            await alice.SendAsync("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
            return (await alice.ReceiveAsync()).Attribute("type") == "result";
        });
    }

    private static async Task UntilAsync(Func<ValueTask<bool>> condition)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Core.Storage.StorageUnavailableException) when (began.Elapsed < TimeSpan.FromSeconds(30))
            {
                // not yet
            }

            Assert.True(began.Elapsed < TimeSpan.FromSeconds(30), "it does not come");
            await Task.Delay(50, None);
        }
    }

    private sealed class Node(RedisPool pool, RedisSessionTable table, TabledSessionDirectory directory, TestServer server) : IAsyncDisposable
    {
        public TestServer Server => server;

        public RedisSessionTable Table => table;

        public static async Task<Node> StartAsync(RedisProcess redis, string name = "node")
        {
            var log = new TestLog();
            var pool = new RedisPool("test", RedisServers.Options(redis) with { CallTimeout = TimeSpan.FromSeconds(1) });
            var table = new RedisSessionTable(pool);
            var directory = new TabledSessionDirectory(table, name, TimeProvider.System, log.CreateLogger<TabledSessionDirectory>());
            await directory.StartAsync(TimeSpan.FromSeconds(1), None);
            return new Node(pool, table, directory, await TestServer.StartAsync(with => with.Sessions = directory));
        }

        public ValueTask<IReadOnlyList<SessionEntry>> FindAsync(string jid) => table.FindAsync(FullJid.Parse(jid), None);

        // Its connection goes, and what it would still write.
        public ValueTask CrashAsync() => pool.DisposeAsync();

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            await directory.DisposeAsync();
            await pool.DisposeAsync();
        }
    }
}
