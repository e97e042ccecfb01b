using Meerkat.Core.Hosts;
using Meerkat.Storage.Redis.Tests;
using Meerkat.Testing.Databases;
using Xunit;

[assembly: AssemblyFixture(typeof(RedisServers))]

namespace Meerkat.Storage.Redis.Tests;

/// <summary>The Redis servers of this run: one for all that leave it running, and one for each test that does not.</summary>
public sealed class RedisServers : IAsyncDisposable
{
    private static readonly Lazy<Task<RedisProcess>> s_shared = new(() => RedisProcess.CreateAsync());
    private static int s_databases;

    /// <summary>An empty logical database of the shared server.</summary>
    internal static async Task<RedisPoolOptions> CreateAsync()
    {
        Skip();
        return Options(await s_shared.Value) with { Connection = Options(await s_shared.Value).Connection with { Database = Interlocked.Increment(ref s_databases) } };
    }

    internal static async Task<RedisProcess> StartAsync(bool tls = false)
    {
        Skip();
        return await RedisProcess.CreateAsync(tls);
    }

    internal static RedisPoolOptions Options(RedisProcess server) =>
        new() { Connection = new RedisConnectionOptions { Host = "127.0.0.1", Port = server.Port, Password = RedisProcess.Password } };

    public async ValueTask DisposeAsync()
    {
        if (s_shared.IsValueCreated)
        {
            await (await s_shared.Value).DisposeAsync();
        }
    }

    private static void Skip() => Assert.SkipWhen(RedisProcess.Missing is not null, RedisProcess.Missing ?? "");
}
