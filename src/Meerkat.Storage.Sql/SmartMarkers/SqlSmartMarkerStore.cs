using System.Runtime.CompilerServices;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Meerkat.Core.Storage;
using Meerkat.Modules.SmartMarkers;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.SmartMarkers;

/// <summary>Chat markers in a SQL database.</summary>
public sealed class SqlSmartMarkerStore(SqlDatabase database) : ISmartMarkerStore
{
    private const string Columns = "owner_id, addressee_hash, thread_hash, marker_type, sender, addressee, thread, message_id, stamp";
    private const string Owner = "owner_id = (SELECT id FROM owner WHERE domain = @domain AND localpart = @localpart)";
    private const string To = "addressee_hash = @addressee_hash AND addressee = @addressee";
    private const string Newer =
        "UPDATE smart_marker SET message_id = @message_id, stamp = @stamp WHERE owner_id = @owner_id AND addressee_hash = @addressee_hash AND thread_hash = @thread_hash AND marker_type = @marker_type";

    /// <inheritdoc/>
    public async ValueTask SetAsync(IReadOnlyList<SmartMarker> markers, CancellationToken ct) =>
        await database.WriteAsync(
            async session =>
            {
                // Senders in the order of their names, so that nobody waits in a circle.
                foreach (var sent in markers.GroupBy(marker => marker.From).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
                {
                    var owner = await session.EnsureOwnerAsync(sent.Key, CancellationToken.None);
                    foreach (var marker in sent)
                    {
                        var row = MarkerRow.Of(owner, marker);
                        if (await session.ExecuteAsync(Newer, CancellationToken.None, RowText<MarkerRow>.Values(row)) == 0)
                        {
                            await session.AddAsync(row, CancellationToken.None);
                        }
                    }
                }

                return 0;
            },
            ct);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SmartMarker>> FindAsync(BareJid from, BareJid to, string? thread, long since, CancellationToken ct) => FindAsync($"{Owner} AND {To}", [.. Names(from), .. Addressee(to)], thread, since, ct);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SmartMarker>> FindAllAsync(BareJid to, string? thread, long since, CancellationToken ct) => FindAsync(To, Addressee(to), thread, since, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(BareJid from, BareJid to, CancellationToken ct) =>
        await database.WriteAsync(async session => await session.ExecuteAsync($"DELETE FROM smart_marker WHERE {Owner} AND {To}", CancellationToken.None, [.. Names(from), .. Addressee(to)]), ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAllAsync(BareJid to, CancellationToken ct) =>
        await database.WriteAsync(async session => await session.ExecuteAsync($"DELETE FROM smart_marker WHERE {To}", CancellationToken.None, Addressee(to)), ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => await database.RemoveRowsOfAsync<MarkerRow>(account, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => await database.RemoveRowsInAsync<MarkerRow>(domain, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await database.RowsOfAsync<MarkerRow>(account, ct) is { Count: > 0 } rows)
        {
            yield return SmartMarkerExport.Section(rows.OrderBy(row => row.Stamp).Select(row => row.ToMarker()));
        }
    }

    private async ValueTask<IReadOnlyList<SmartMarker>> FindAsync(string where, DataParameter[] parameters, string? thread, long since, CancellationToken ct)
    {
        parameters = [.. parameters, new("since", since)];
        if (thread is not null)
        {
            where += " AND thread_hash = @thread_hash AND thread = @thread";
            parameters = [.. parameters, new("thread_hash", RemoteKey.Of(thread)), new("thread", thread)];
        }

        var rows = await database.ReadAsync(
            async session => await session.QueryToListAsync<MarkerRow>($"SELECT {Columns} FROM smart_marker WHERE {where} AND stamp >= @since ORDER BY stamp", ct, parameters), ct);
        return [.. rows.Select(row => row.ToMarker())];
    }

    private static DataParameter[] Names(BareJid owner) => [new("domain", owner.Domain), new("localpart", owner.Local ?? "")];

    private static DataParameter[] Addressee(BareJid to) => [new("addressee_hash", RemoteKey.Of(to)), new("addressee", to.ToString())];

    [Table("smart_marker")]
    private sealed class MarkerRow : IOwnedRow
    {
        [Column("owner_id"), PrimaryKey(0)]
        public long OwnerId { get; init; }

        [Column("addressee_hash"), PrimaryKey(1)]
        public long AddresseeHash { get; init; }

        [Column("thread_hash"), PrimaryKey(2)]
        public long ThreadHash { get; init; }

        /// <summary>A <see cref="MarkerType"/>.</summary>
        [Column("marker_type"), PrimaryKey(3)]
        public short Type { get; init; }

        [Column("sender"), NotNull]
        public string Sender { get; init; } = "";

        [Column("addressee"), NotNull]
        public string Addressee { get; init; } = "";

        [Column("thread"), NotNull]
        public string Thread { get; init; } = "";

        [Column("message_id"), NotNull]
        public string MessageId { get; init; } = "";

        [Column("stamp"), NotNull]
        public long Stamp { get; init; }

        public static MarkerRow Of(long owner, SmartMarker marker) => new()
        {
            OwnerId = owner,
            AddresseeHash = RemoteKey.Of(marker.To),
            ThreadHash = RemoteKey.Of(marker.Thread),
            Type = (short)marker.Type,
            Sender = marker.From.ToString(),
            Addressee = marker.To.ToString(),
            Thread = marker.Thread,
            MessageId = marker.MessageId,
            Stamp = marker.Timestamp,
        };

        public SmartMarker ToMarker() => new(BareJid.Parse(Sender), BareJid.Parse(Addressee), Thread, (MarkerType)Type, MessageId, Stamp);
    }
}
