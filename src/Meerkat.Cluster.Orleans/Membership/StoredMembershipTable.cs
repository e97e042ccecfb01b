using System.Globalization;
using System.Text.Json;
using Meerkat.Core.Cluster;

namespace Meerkat.Cluster.Orleans.Membership;

/// <summary>Orleans' table of members over ours.</summary>
internal sealed class StoredMembershipTable(IMemberStore store, string cluster) : IMembershipTable
{
    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask; // a table that is not there yet has version 0

    public async Task DeleteMembershipTableEntries(string clusterId) => await store.ClearAsync(clusterId, CancellationToken.None);

    public async Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => await store.RemoveDeadAsync(cluster, beforeDate, CancellationToken.None);

    public async Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        var table = await store.ReadAsync(cluster, CancellationToken.None);
        var address = key.ToParsableString();
        return Convert(table, table.Members.Where(member => member.Address == address));
    }

    public async Task<MembershipTableData> ReadAll()
    {
        var table = await store.ReadAsync(cluster, CancellationToken.None);
        return Convert(table, table.Members);
    }

    public async Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        await store.AddAsync(cluster, Convert(entry, revision: 0), tableVersion.Version - 1, CancellationToken.None);

    public async Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        await store.UpdateAsync(cluster, Convert(entry, long.Parse(etag, CultureInfo.InvariantCulture)), tableVersion.Version - 1, CancellationToken.None);

    public async Task UpdateIAmAlive(MembershipEntry entry) => await store.TouchAsync(cluster, entry.SiloAddress.ToParsableString(), Utc(entry.IAmAliveTime), CancellationToken.None);

    private static MembershipTableData Convert(MemberTable table, IEnumerable<MemberRecord> members) => new(
        [.. members.Select(member => Tuple.Create(Convert(member), member.Revision.ToString(CultureInfo.InvariantCulture)))],
        new TableVersion((int)table.Version, table.Version.ToString(CultureInfo.InvariantCulture)));

    private static MembershipEntry Convert(MemberRecord member)
    {
        var details = JsonSerializer.Deserialize(member.Details, MemberDetailsContext.Default.MemberDetails)!;
        return new MembershipEntry
        {
            SiloAddress = SiloAddress.FromParsableString(member.Address),
            SiloName = member.Node,
            Status = Enum.Parse<SiloStatus>(member.Status),
            HostName = details.Host ?? "",
            RoleName = details.Role,
            ProxyPort = details.ProxyPort,
            UpdateZone = details.UpdateZone,
            FaultZone = details.FaultZone,
            SuspectTimes = [.. details.Suspects.Select(suspect => Tuple.Create(SiloAddress.FromParsableString(suspect.By), suspect.At.UtcDateTime))],
            StartTime = member.Started.UtcDateTime,
            IAmAliveTime = member.Alive.UtcDateTime,
        };
    }

    private static MemberRecord Convert(MembershipEntry entry, long revision) => new(entry.SiloAddress.ToParsableString(), entry.SiloName)
    {
        Status = entry.Status.ToString(),
        IsDead = entry.Status is SiloStatus.Dead,
        Details = JsonSerializer.Serialize(
            new MemberDetails
            {
                Host = entry.HostName,
                Role = entry.RoleName,
                ProxyPort = entry.ProxyPort,
                UpdateZone = entry.UpdateZone,
                FaultZone = entry.FaultZone,
                Suspects = [.. (entry.SuspectTimes ?? []).Select(suspect => new MemberSuspicion(suspect.Item1.ToParsableString(), Utc(suspect.Item2)))],
            },
            MemberDetailsContext.Default.MemberDetails),
        Started = Utc(entry.StartTime),
        Alive = Utc(entry.IAmAliveTime),
        Revision = revision,
    };

    // A time that was never set is before what the table can hold.
    private static DateTimeOffset Utc(DateTime time) => time < DateTime.UnixEpoch ? DateTimeOffset.UnixEpoch : new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
