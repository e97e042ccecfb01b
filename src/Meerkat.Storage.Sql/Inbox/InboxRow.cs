using LinqToDB.Mapping;
using Meerkat.Modules.Inbox;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Inbox;

/// <summary>A conversation. Moments are microseconds since 1970.</summary>
[Table("inbox_entry")]
internal sealed class InboxRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey(0)]
    public long OwnerId { get; init; }

    [Column("remote_hash"), PrimaryKey(1)]
    public long RemoteHash { get; init; }

    [Column("remote"), NotNull]
    public string Remote { get; init; } = "";

    [Column("message_id"), NotNull]
    public string MessageId { get; init; } = "";

    [Column("box"), NotNull]
    public string Box { get; init; } = "";

    [Column("content"), NotNull]
    public byte[] Content { get; init; } = [];

    [Column("stamp"), NotNull]
    public long Stamp { get; init; }

    [Column("muted_until"), NotNull]
    public long MutedUntil { get; init; }

    [Column("unread"), NotNull]
    public int Unread { get; init; }

    public static InboxRow Of(long owner, InboxEntry entry) => new()
    {
        OwnerId = owner,
        RemoteHash = RemoteKey.Of(entry.Remote),
        Remote = entry.Remote.ToString(),
        MessageId = entry.MessageId,
        Box = entry.Box,
        Content = entry.Content.ToArray(),
        Stamp = entry.Timestamp,
        MutedUntil = entry.MutedUntil,
        Unread = entry.Unread,
    };

    public InboxEntry ToEntry() => new(BareJid.Parse(Remote), MessageId, Box, Content, Stamp, MutedUntil, Unread);
}
