using LinqToDB.Mapping;
using Meerkat.Modules.Offline;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Offline;

/// <summary>A message that waits. Moments are microseconds since 1970, UTC.</summary>
[Table("offline_message")]
internal sealed class OfflineRow : IOwnedRow
{
    /// <summary>Rises with the order in which messages were added.</summary>
    [Column("id"), PrimaryKey, Identity]
    public long Id { get; init; }

    [Column("owner_id"), NotNull]
    public long OwnerId { get; init; }

    [Column("sender"), Nullable]
    public string? Sender { get; init; }

    [Column("stored_at"), NotNull]
    public long StoredAt { get; init; }

    [Column("sent_at"), NotNull]
    public long SentAt { get; init; }

    [Column("expires_at"), Nullable]
    public long? ExpiresAt { get; init; }

    [Column("xml"), NotNull]
    public byte[] Xml { get; init; } = [];

    public static long Microseconds(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public StoredMessage ToStored() => new(
        Id,
        new OfflineMessage(Xml, Jid.TryParse(Sender, out var sender) ? sender : null, Moment(StoredAt), Moment(SentAt), ExpiresAt is { } expires ? Moment(expires) : null));

    private static DateTimeOffset Moment(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
