using System.Net;
using Meerkat.Cluster.Orleans.Membership;
using Meerkat.Core.Cluster;
using Xunit;

namespace Meerkat.Cluster.Orleans.Tests.Membership;

/// <summary>Orleans' table of members over ours: nothing of a row is lost, and who is late is refused.</summary>
public sealed class StoredMembershipTableTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateTime Noon = new(2026, 11, 23, 12, 0, 0, 250, DateTimeKind.Utc);
    private static readonly SiloAddress One = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 7001), 5);
    private static readonly SiloAddress Two = SiloAddress.New(new IPEndPoint(IPAddress.Parse("fd00::2"), 7002), 6);

    private readonly IMembershipTable _table = new StoredMembershipTable(new MemoryMemberStore(), "c");

    [Fact]
    public async Task A_row_comes_back_with_all_that_Orleans_keeps()
    {
        await _table.InitializeMembershipTableAsync(true, None);
        var empty = await _table.ReadAllAsync(None);
        Assert.Equal((0, 0), (empty.Members.Count, empty.Version.Version));

        Assert.True(await _table.InsertRowAsync(Row(Two, SiloStatus.Active), empty.Version.Next(), None));
        var (row, _) = Assert.Single((await _table.ReadRowAsync(Two, None)).Members);
        Assert.Equal(Two, row.SiloAddress);
        Assert.Equal((SiloStatus.Active, "node", "host", 3, 4, 5), (row.Status, row.SiloName, row.HostName, row.ProxyPort, row.UpdateZone, row.FaultZone));
        Assert.Equal((Noon, Noon.AddSeconds(1)), (row.StartTime, row.IAmAliveTime));
        Assert.Equal([(One, Noon)], row.SuspectTimes!.Select(suspect => (suspect.Item1, suspect.Item2)));
        Assert.Empty((await _table.ReadRowAsync(One, None)).Members);
    }

    [Fact]
    public async Task Changes_go_one_after_the_other()
    {
        var first = (await _table.ReadAllAsync(None)).Version;
        Assert.True(await _table.InsertRowAsync(Row(One, SiloStatus.Joining), first.Next(), None));
        Assert.False(await _table.InsertRowAsync(Row(Two, SiloStatus.Joining), first.Next(), None));
        var seen = await _table.ReadRowAsync(One, None);
        var etag = seen.Members[0].Item2;
        Assert.True(await _table.UpdateRowAsync(Row(One, SiloStatus.Active), etag, seen.Version.Next(), None));
        Assert.False(await _table.UpdateRowAsync(Row(One, SiloStatus.Dead), etag, seen.Version.Next(), None));
        Assert.False(await _table.UpdateRowAsync(Row(One, SiloStatus.Dead), etag, seen.Version.Next().Next(), None));
        Assert.Equal(SiloStatus.Active, (await _table.ReadRowAsync(One, None)).Members[0].Item1.Status);
    }

    [Fact]
    public async Task A_sign_of_life_goes_in_and_the_dead_go_out()
    {
        await _table.InsertRowAsync(Row(One, SiloStatus.Active), (await _table.ReadAllAsync(None)).Version.Next(), None);
        await _table.InsertRowAsync(Row(Two, SiloStatus.Dead), (await _table.ReadAllAsync(None)).Version.Next(), None);
        var alive = Row(One, SiloStatus.Active);
        alive.IAmAliveTime = Noon.AddMinutes(5);
        await _table.UpdateIAmAliveAsync(alive, None);
        await _table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(Noon.AddMinutes(1)), None);
        var (row, _) = Assert.Single((await _table.ReadAllAsync(None)).Members);
        Assert.Equal((One, Noon.AddMinutes(5)), (row.SiloAddress, row.IAmAliveTime));
        await _table.DeleteMembershipTableEntriesAsync("c", None);
        Assert.Empty((await _table.ReadAllAsync(None)).Members);
    }

    private static MembershipEntry Row(SiloAddress address, SiloStatus status) => new()
    {
        SiloAddress = address,
        Status = status,
        SiloName = "node",
        HostName = "host",
        ProxyPort = 3,
        UpdateZone = 4,
        FaultZone = 5,
        SuspectTimes = [Tuple.Create(One, Noon)],
        StartTime = Noon,
        IAmAliveTime = Noon.AddSeconds(1),
    };
}
