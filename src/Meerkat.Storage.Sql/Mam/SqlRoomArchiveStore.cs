using LinqToDB.Data;
using LinqToDB.Mapping;
using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Mam;

/// <summary>Archives of rooms in a SQL database.</summary>
public sealed class SqlRoomArchiveStore(SqlDatabase database) : SqlArchive(database, "archive_room_message"), IRoomArchiveStore
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ArchiveEntry>> OfSenderAsync(BareJid sender, ArchiveEntry? after, int limit, CancellationToken ct)
    {
        var rows = await Database.ReadAsync(
            async session =>
            {
                var parameters = new List<DataParameter> { new("remote_hash", ArchiveKeys.OfRemote(sender)), new("remote", sender.ToString()), new("limit", limit) };
                var sql = Sql.OfSender;
                if (after is { } last)
                {
                    sql += " AND (m.owner_id > @after_owner OR (m.owner_id = @after_owner AND m.id > @after_id))";
                    parameters.Add(new("after_owner", await session.FindOwnerAsync(last.Owner, ct) ?? 0));
                    parameters.Add(new("after_id", last.Message.Id));
                }

                return await session.QueryToListAsync<Found>(sql + " ORDER BY m.owner_id, m.id LIMIT @limit", ct, [.. parameters]);
            },
            ct);
        return [.. rows.Select(row => row.ToEntry())];
    }

    private sealed class Found
    {
        [Column("owner_domain")]
        public string OwnerDomain { get; init; } = "";

        [Column("owner_localpart")]
        public string OwnerLocalpart { get; init; } = "";

        [Column("id")]
        public long Id { get; init; }

        [Column("remote")]
        public string Remote { get; init; } = "";

        [Column("resource")]
        public string? Resource { get; init; }

        [Column("sender")]
        public string? Sender { get; init; }

        [Column("flags")]
        public short Flags { get; init; }

        [Column("origin_id")]
        public string? OriginId { get; init; }

        [Column("xml")]
        public byte[] Xml { get; init; } = [];

        public ArchiveEntry ToEntry() => new(
            BareJid.Parse(OwnerLocalpart.Length == 0 ? OwnerDomain : $"{OwnerLocalpart}@{OwnerDomain}"),
            new ArchiveRow { Id = Id, Remote = Remote, Resource = Resource, Sender = Sender, Flags = Flags, OriginId = OriginId, Xml = Xml }.ToMessage());
    }
}
