using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Hostile;
using Meerkat.Storage.Redis;
using Meerkat.Storage.Redis.Sessions;
using Meerkat.Testing;
using Meerkat.Testing.Databases;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests.Running;

/// <summary>The program with <c>general.sm_backend = "redis"</c>, as a process that is killed.</summary>
[Collection("Server processes under load")] // one at a time
public sealed class RedisSessionsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // CONF-057, OPS-035: on start a node first cleans its own leftovers
    public async Task After_kill_9_a_start_takes_away_what_was_left()
    {
        Assert.SkipWhen(RedisProcess.Missing is not null, RedisProcess.Missing ?? "");
        await using var redis = await RedisProcess.CreateAsync();
        await using var pool = new RedisPool("test", new RedisPoolOptions { Connection = new RedisConnectionOptions { Port = redis.Port, Password = RedisProcess.Password } });
        var table = new RedisSessionTable(pool);
        await using var server = await ServerProcess.StartAsync(toml => toml.Replace("[general]", "[general]\n  sm_backend = \"redis\"", StringComparison.Ordinal)
            + $"\n[outgoing_pools.redis.default.connection]\n  port = {redis.Port}\n  password = \"{RedisProcess.Password}\"\n");
        var left = await LogInAsync(server, "phone");
        await server.KillAsync();
        Assert.Equal([left], await table.FindAsync(left.Jid.Bare, None));

        await server.RestartAsync();
        Assert.Empty(await table.FindAsync(left.Jid.Bare, None));
        var fresh = await LogInAsync(server, "tv");
        Assert.Equal(left.Node, fresh.Node);
        Assert.Empty(server.Errors);

        async Task<SessionEntry> LogInAsync(ServerProcess to, string resource)
        {
            var client = await TestClient.ConnectAsync(to.StartTls, ServerProcess.Domain);
            await client.LogInAsync(to.Accounts[0], ServerProcess.Domain, ServerProcess.Password);
            await client.BindAsync(resource);
            return Assert.Single(await table.FindAsync(FullJid.Parse($"{to.Accounts[0]}@{ServerProcess.Domain}/{resource}"), None));
        }
    }
}
