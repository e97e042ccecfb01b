using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Cassandra.Mam;

/// <summary>Archives of rooms in Cassandra, and what accounts have said in all of them.</summary>
/// <param name="session">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class CassandraRoomArchiveStore(ICqlSession session, TimeProvider time) : CassandraArchive(session, time, "archive_room", hasSenders: true), IRoomArchiveStore
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ArchiveEntry>> OfSenderAsync(BareJid sender, ArchiveEntry? after, int limit, CancellationToken ct)
    {
        var found = new List<ArchiveEntry>();
        CqlStatement statement = Cql.OfSender($"{sender}", after, limit) with { PageSize = limit };
        while (found.Count < limit)
        {
            var rows = await Session.ReadAllAsync(statement, ct);
            foreach (var room in rows.GroupBy(row => row.Text("owner")!))
            {
                var owner = BareJid.Parse(room.Key);
                found.AddRange((await GetAsync(owner, [.. room.Select(row => row.Get<long>("id"))], ct)).Select(message => new ArchiveEntry(owner, message)));
            }

            // What leads to messages may be there when they are not: an empty page is not the end.
            if (rows.Count < limit || found.Count > 0)
            {
                break;
            }

            var last = rows[^1];
            var place = new ArchiveEntry(BareJid.Parse(last.Text("owner")!), new ArchivedMessage(last.Get<long>("id"), null, default) { Remote = sender });
            statement = Cql.OfSender($"{sender}", place, limit) with { PageSize = limit };
        }

        return found;
    }
}
