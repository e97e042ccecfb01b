using System.Diagnostics.Metrics;
using Meerkat.Core.Accounts;
using Meerkat.Core.Storage;
using Meerkat.Modules.ExistenceCache;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.ExistenceCache;

public sealed class ExistenceCacheTests
{
    private static readonly BareJid Alice = BareJid.Parse("alice@example.test");
    private static readonly BareJid Bob = BareJid.Parse("bob@example.test");

    [Fact] // AUTH-155, CUS-001
    public async Task What_exists_is_asked_once_and_what_does_not_each_time()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ExistenceCacheModule>());
        await server.Accounts.AddAsync("alice@example.test", "secret");
        var chain = server.Host.Auth;
        Assert.Equal(Existence.Yes, await chain.StoredExistsAsync(Alice, default));
        Assert.Equal(Existence.No, await chain.StoredExistsAsync(Bob, default));

        await server.Accounts.Store.RemoveAsync(Alice, default); // behind the cache's back
        await server.Accounts.AddAsync("bob@example.test", "secret");
        Assert.Equal(Existence.Yes, await chain.StoredExistsAsync(Alice, default));
        Assert.Equal(Existence.Yes, await chain.StoredExistsAsync(Bob, default));
    }

    [Fact] // AUTH-155: invalidated with the account
    public async Task A_removed_account_is_forgotten()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ExistenceCacheModule>());
        await server.Accounts.AddAsync("alice@example.test", "secret");
        Assert.Equal(Existence.Yes, await server.Host.Auth.StoredExistsAsync(Alice, default));
        Assert.Equal(AccountResult.Ok, await server.Host.Auth.Accounts.RemoveAsync(Alice, default));
        Assert.Equal(Existence.No, await server.Host.Auth.StoredExistsAsync(Alice, default));
    }

    [Fact] // AUTH-155: invalidated with the domain
    public async Task The_accounts_of_a_removed_domain_are_forgotten()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ExistenceCacheModule>());
        await server.Accounts.AddAsync("alice@example.test", "secret");
        Assert.Equal(Existence.Yes, await server.Host.Auth.StoredExistsAsync(Alice, default));
        await server.Accounts.Store.RemoveAsync(Alice, default);
        foreach (IAccountData data in server.Host.Data)
        {
            await data.RemoveDomainAsync("example.test", default);
        }

        Assert.Equal(Existence.No, await server.Host.Auth.StoredExistsAsync(Alice, default));
    }

    [Fact] // AUTH-155: an entry lives up to ttl × segments
    public void Entries_are_forgotten_segment_by_segment()
    {
        var time = new FakeTimeProvider();
        var cache = Make(CacheStrategy.Fifo, time);
        cache.Add(Alice, cache.Version);
        time.Advance(TimeSpan.FromMinutes(15));
        cache.Add(Bob, cache.Version);
        Assert.True(cache.Contains(Alice));
        time.Advance(TimeSpan.FromMinutes(14));
        Assert.True(cache.Contains(Alice));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(cache.Contains(Alice));
        Assert.True(cache.Contains(Bob));
        time.Advance(TimeSpan.FromDays(1));
        Assert.False(cache.Contains(Bob));
    }

    [Fact] // CUS-001: lru copies hits to the newest segment
    public void What_is_used_stays_with_lru()
    {
        var time = new FakeTimeProvider();
        var cache = Make(CacheStrategy.Lru, time);
        cache.Add(Alice, cache.Version);
        cache.Add(Bob, cache.Version);
        time.Advance(TimeSpan.FromMinutes(20));
        Assert.True(cache.Contains(Alice));
        time.Advance(TimeSpan.FromMinutes(20));
        Assert.True(cache.Contains(Alice));
        Assert.False(cache.Contains(Bob));
    }

    [Fact] // CONF-276
    public void Infinity_keeps_entries()
    {
        var time = new FakeTimeProvider();
        var cache = new SegmentedCache(new ExistenceCacheOptions { TimeToLive = null }, time, new ExistenceCacheMetrics("test"));
        cache.Add(Alice, cache.Version);
        time.Advance(TimeSpan.FromDays(1000));
        Assert.True(cache.Contains(Alice));
    }

    [Fact]
    public void An_answer_from_before_a_removal_is_not_remembered()
    {
        var cache = Make(CacheStrategy.Fifo, new FakeTimeProvider());
        var version = cache.Version;
        cache.Remove(Alice);
        cache.Add(Alice, version);
        Assert.False(cache.Contains(Alice));
    }

    [Fact] // OPS-123
    public void Hits_and_misses_are_counted()
    {
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Meerkat.ExistenceCache")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags[0].Value is "counted")
            {
                counts[instrument.Name] = counts.GetValueOrDefault(instrument.Name) + value;
            }
        });
        listener.Start();
        var cache = new SegmentedCache(new ExistenceCacheOptions(), new FakeTimeProvider(), new ExistenceCacheMetrics("counted"));
        cache.Contains(Alice);
        cache.Add(Alice, cache.Version);
        cache.Contains(Alice);
        cache.Contains(Alice);
        Assert.Equal((2, 1), (counts["user_cache_lookup_hits"], counts["user_cache_lookup_misses"]));
    }

    private static SegmentedCache Make(CacheStrategy strategy, TimeProvider time) =>
        new(new ExistenceCacheOptions { Strategy = strategy, TimeToLive = TimeSpan.FromMinutes(10) }, time, new ExistenceCacheMetrics("test"));
}
