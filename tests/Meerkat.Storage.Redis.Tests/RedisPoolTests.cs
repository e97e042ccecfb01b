using System.Diagnostics;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Core.Tls;
using Meerkat.Testing.Databases;
using Xunit;

namespace Meerkat.Storage.Redis.Tests;

/// <summary>A connection to real Redis servers, which are killed, suspended and started again.</summary>
public sealed class RedisPoolTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // CONF-145
    public async Task Who_connects_is_asked_for_a_password()
    {
        var options = await RedisServers.CreateAsync();
        await PingAsync(options);
        await PingAsync(options with { Connection = options.Connection with { Username = RedisProcess.Account } });
        foreach (var wrong in new[] { options.Connection with { Password = "wrong" }, options.Connection with { Password = "" }, options.Connection with { Username = "nobody" } })
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => PingAsync(options with { Connection = wrong, CallTimeout = TimeSpan.FromSeconds(1) }));
        }
    }

    [Fact] // CONF-145, CONF-146: nobody waits for what waiting does not mend, and what may pass is no refusal
    public async Task A_server_that_will_not_let_us_in_is_told_from_one_that_is_away()
    {
        var options = await RedisServers.CreateAsync();
        Assert.Null(await FindAsync(options.Connection));
        Assert.Null(await FindAsync(options.Connection with { Username = RedisProcess.Account }));
        foreach (var (wrong, said) in new[]
        {
            (options.Connection with { Password = "wrong" }, "does not let \"default\" in with this password"),
            (options.Connection with { Password = "" }, "wants a password"),
            (options.Connection with { Username = "nobody" }, "does not let \"nobody\" in with this password, or has no such user"),
        })
        {
            var refusal = await FindAsync(wrong);
            Assert.StartsWith($"Redis at 127.0.0.1:{wrong.Port} (pool test) {said}", refusal);
            Assert.DoesNotContain(RedisProcess.Password, refusal);
        }

        await using var server = await RedisServers.StartAsync(tls: true);
        var encrypted = RedisServers.Options(server).Connection with { Tls = new() };
        Assert.Contains("tls.cacertfile", await FindAsync(encrypted));
        Assert.Null(await FindAsync(encrypted with { Tls = new() { VerifyMode = TlsVerifyMode.None } }));
        await server.StopAsync();
        Assert.Null(await FindAsync(encrypted));
        await server.StartAsync();

        static Task<string?> FindAsync(RedisConnectionOptions connection) => RedisPool.FindRefusalAsync("test", new RedisPoolOptions { Connection = connection }, None);
    }

    [Fact] // CONF-144
    public async Task Logical_databases_are_apart()
    {
        var options = await RedisServers.CreateAsync();
        await using var one = new RedisPool("one", options);
        await using var other = new RedisPool("other", options with { Connection = options.Connection with { Database = options.Connection.Database + 1 } });
        await one.RunAsync(redis => redis.StringSetAsync("where", "one"), None);
        Assert.True((await other.RunAsync(redis => redis.StringGetAsync("where"), None)).IsNull);
        await one.RunAsync(redis => redis.KeyDeleteAsync("where"), None);
    }

    [Fact] // CONF-146, CONF-282 to CONF-296
    public async Task The_servers_certificate_is_judged_as_the_table_says()
    {
        await using var server = await RedisServers.StartAsync(tls: true);
        var trusted = new ClientTlsOptions { CaCertFile = server.Authority!.CaFile, ServerNameIndication = new ServerNameOptions { Host = TestAuthority.ServerName } };
        foreach (var good in new[] { trusted, trusted with { Versions = [TlsVersion.Tls12] }, trusted with { ServerNameIndication = new() { Enabled = false } }, new() { VerifyMode = TlsVerifyMode.None } })
        {
            await PingAsync(With(good, 10));
        }

        foreach (var bad in new[] { trusted with { ServerNameIndication = new() }, trusted with { CaCertFile = null }, trusted with { CaCertFile = null, VerifyMode = TlsVerifyMode.SelfSignedPeer }, null })
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => PingAsync(With(bad, 1)));
        }

        RedisPoolOptions With(ClientTlsOptions? tls, int patience)
        {
            var options = RedisServers.Options(server);
            return options with { CallTimeout = TimeSpan.FromSeconds(patience), Connection = options.Connection with { Tls = tls } };
        }
    }

    [Fact] // CONF-130: its connection stands and nothing answers
    public async Task A_server_that_hangs_costs_a_request_its_bound_and_no_more()
    {
        await using var server = await RedisServers.StartAsync();
        await using var pool = new RedisPool("test", RedisServers.Options(server) with { CallTimeout = TimeSpan.FromSeconds(1) });
        await pool.RunAsync(redis => redis.PingAsync(), None);
        server.Suspend();
        try
        {
            var began = Stopwatch.StartNew();
            await Assert.ThrowsAsync<StorageUnavailableException>(() => pool.RunAsync(redis => redis.PingAsync(), None));
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(10), $"{began.Elapsed}");
        }
        finally
        {
            server.Resume();
        }

        await EventuallyAsync(pool);
    }

    [Fact]
    public async Task A_server_that_was_killed_is_found_again_when_it_is_back()
    {
        await using var server = await RedisServers.StartAsync();
        await using var pool = new RedisPool("test", RedisServers.Options(server) with { CallTimeout = TimeSpan.FromSeconds(1) });
        var returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Returned += () => returned.TrySetResult();
        await pool.RunAsync(redis => redis.PingAsync(), None);
        Assert.True(pool.IsReachable);
        await server.KillAsync();
        var began = Stopwatch.StartNew();
        var requests = Enumerable.Range(0, 100).Select(_ => pool.RunAsync(redis => redis.PingAsync(), None)).ToArray();
        foreach (var request in requests)
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => request);
        }

        Assert.True(began.Elapsed < TimeSpan.FromSeconds(10), $"{began.Elapsed}");
        Assert.False(pool.IsReachable);
        await server.StartAsync();
        await EventuallyAsync(pool);
        await returned.Task.WaitAsync(TimeSpan.FromSeconds(30), None);
    }

    [Fact] // CONF-131
    public async Task More_requests_than_may_wait_are_refused_at_once()
    {
        await using var server = await RedisServers.StartAsync();
        await using var pool = new RedisPool("test", RedisServers.Options(server) with { Workers = 2, MaxWorkerQueueLen = 3, CallTimeout = TimeSpan.FromSeconds(30) });
        await pool.RunAsync(redis => redis.PingAsync(), None);
        server.Suspend();
        var waiting = Enumerable.Range(0, 8).Select(_ => pool.RunAsync(redis => redis.PingAsync(), None)).ToArray();
        await Assert.ThrowsAsync<StorageBusyException>(() => pool.RunAsync(redis => redis.PingAsync(), None));
        server.Resume();
        await Task.WhenAll(waiting);
        await pool.RunAsync(redis => redis.PingAsync(), None);
    }

    private static async Task PingAsync(RedisPoolOptions options)
    {
        await using var pool = new RedisPool("test", options);
        await pool.RunAsync(redis => redis.PingAsync(), None);
    }

    private static async Task EventuallyAsync(RedisPool pool)
    {
        var began = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await pool.RunAsync(redis => redis.PingAsync(), None);
                return;
            }
            catch (StorageUnavailableException) when (began.Elapsed < TimeSpan.FromSeconds(30))
            {
                await Task.Delay(50, None);
            }
        }
    }
}
