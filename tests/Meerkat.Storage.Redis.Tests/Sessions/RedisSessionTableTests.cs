using Meerkat.Conformance.Sessions;
using Meerkat.Core.Sessions;
using Meerkat.Storage.Redis.Sessions;
using Xunit;

namespace Meerkat.Storage.Redis.Tests.Sessions;

public sealed class RedisSessionTableTests : SessionTableSuite
{
    private RedisPool? _pool;

    [Fact] // OPS-035: the names of the reference's sets; what is not ours in them does not disturb
    public async Task Sets_are_called_as_the_reference_calls_them()
    {
        var entry = new SessionEntry(Xmpp.FullJid.Parse("alice@one.example/Tür"), "one", "a");
        await Store.WriteAsync([entry], [], CancellationToken.None);
        var keys = await _pool!.RunAsync(async redis => (string[])(await redis.ExecuteAsync("SCAN", "0", "COUNT", 1000))[1]!, CancellationToken.None);
        Assert.Equal(["n:one", "s2:alice:one.example", "s3:alice:one.example:Tür"], keys.Order(StringComparer.Ordinal));
        Assert.Equal("s5:alice:one.example:54c3bc72:a@one", await _pool.RunAsync(async redis => (string)(await redis.SetRandomMemberAsync("n:one"))!, CancellationToken.None));

        foreach (var foreign in (string[])["", "s4:alice:one.example:x:1", "s5:alice:one.example", "s5:a:b:zz:c@d", "s5::@:"])
        {
            await _pool.RunAsync(redis => redis.SetAddAsync("s2:alice:one.example", foreign), CancellationToken.None);
        }

        Assert.Equal([entry], await Store.FindAsync(entry.Jid.Bare, CancellationToken.None));
        await Store.WriteAsync([], [entry], CancellationToken.None);
        Assert.False(await _pool.RunAsync(redis => redis.KeyExistsAsync("n:one"), CancellationToken.None)); // an empty set is none
    }

    protected override async ValueTask<ISessionTable> OpenAsync()
    {
        _pool = new RedisPool("test", await RedisServers.CreateAsync());
        return new RedisSessionTable(_pool);
    }

    protected override ValueTask CloseAsync() => _pool!.DisposeAsync();
}
