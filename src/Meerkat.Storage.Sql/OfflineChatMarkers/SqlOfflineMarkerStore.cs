using LinqToDB.Async;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Meerkat.Core.Storage;
using Meerkat.Modules.OfflineChatMarkers;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.OfflineChatMarkers;

/// <summary>Conversations that got chat markers while their account was away, in a SQL database.</summary>
public sealed class SqlOfflineMarkerStore(SqlDatabase database) : IOfflineMarkerStore
{
    private const string Older =
        "UPDATE offline_marker SET since = CASE WHEN since > @since THEN @since ELSE since END WHERE owner_id = @owner_id AND room_hash = @room_hash AND thread_hash = @thread_hash";

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(BareJid account, MissedMarkers missed, int limit, CancellationToken ct) =>
        database.WriteAsync(
            account,
            async session =>
            {
                var row = OfflineMarkerRow.Of(await session.EnsureOwnerAsync(account, CancellationToken.None), missed);
                if (await session.ExecuteAsync(Older, CancellationToken.None, RowText<OfflineMarkerRow>.Values(row)) > 0)
                {
                    return true;
                }

                return await session.RowsOf<OfflineMarkerRow>(row.OwnerId).CountAsync(CancellationToken.None) < limit && await session.AddAsync(row, CancellationToken.None) > 0;
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MissedMarkers>> ListAsync(BareJid account, CancellationToken ct) =>
        [.. (await database.RowsOfAsync<OfflineMarkerRow>(account, ct)).Select(row => row.ToMissed())];

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => await database.RemoveRowsOfAsync<OfflineMarkerRow>(account, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => await database.RemoveRowsInAsync<OfflineMarkerRow>(domain, ct);

    /// <summary>None: that markers came while an account was away is no more than what its contacts' markers say.</summary>
    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => AsyncEnumerable.Empty<PersonalDataSection>();

    [Table("offline_marker")]
    private sealed class OfflineMarkerRow : IOwnedRow
    {
        [Column("owner_id"), PrimaryKey(0)]
        public long OwnerId { get; init; }

        [Column("room_hash"), PrimaryKey(1)]
        public long RoomHash { get; init; }

        [Column("thread_hash"), PrimaryKey(2)]
        public long ThreadHash { get; init; }

        /// <summary>Empty for one-to-one conversations.</summary>
        [Column("room"), NotNull]
        public string Room { get; init; } = "";

        [Column("thread"), NotNull]
        public string Thread { get; init; } = "";

        [Column("since"), NotNull]
        public long Since { get; init; }

        public static OfflineMarkerRow Of(long owner, MissedMarkers missed) => new()
        {
            OwnerId = owner,
            RoomHash = RemoteKey.Of(missed.Room is { } room ? room.Utf8 : default),
            ThreadHash = RemoteKey.Of(missed.Thread),
            Room = missed.Room?.ToString() ?? "",
            Thread = missed.Thread,
            Since = missed.Since,
        };

        public MissedMarkers ToMissed() => new(Room.Length == 0 ? null : BareJid.Parse(Room), Thread, Since);
    }
}
