using Meerkat.Modules.Mam;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>Old messages go (MAM-089).</summary>
public sealed class MamRetentionTests
{
    [Fact]
    public async Task Messages_go_when_they_are_too_old()
    {
        await using var server = await MamFixture.StartAsync(new MamOptions { Pm = new MamPmOptions { RetentionDays = 2, DeleteDomainLimit = 2 }, RetentionSweep = TimeSpan.FromHours(1) });
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(5);
        server.Time.Advance(TimeSpan.FromHours(47));
        Assert.Equal(5, (await alice.QueryAsync()).Results.Count);
        await alice.ChatAsync(1);
        server.Time.Advance(TimeSpan.FromHours(2));
        Assert.Single((await alice.QueryAsync()).Results);
        await using var bob = await server.ConnectAsync("bob");
        Assert.Single((await bob.QueryAsync()).Results);
    }

    [Fact]
    public async Task Without_an_age_nothing_goes()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.ChatAsync(1);
        server.Time.Advance(TimeSpan.FromDays(4000));
        Assert.Single((await alice.QueryAsync()).Results);
    }
}
