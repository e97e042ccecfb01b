using LinqToDB.Mapping;
using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Mam;

/// <summary>A message in an archive.</summary>
[Table("archive_message")]
internal sealed class ArchiveRow
{
    public const short Outgoing = 1;
    public const short Groupchat = 2;

    [Column("owner_id"), PrimaryKey(0)]
    public long OwnerId { get; init; }

    [Column("id"), PrimaryKey(1)]
    public long Id { get; init; }

    [Column("remote"), NotNull]
    public string Remote { get; init; } = "";

    [Column("remote_hash"), NotNull]
    public long RemoteHash { get; init; }

    [Column("resource"), Nullable]
    public string? Resource { get; init; }

    [Column("sender"), Nullable]
    public string? Sender { get; init; }

    /// <summary><see cref="Outgoing"/> and <see cref="Groupchat"/>.</summary>
    [Column("flags"), NotNull]
    public short Flags { get; init; }

    [Column("origin_id"), Nullable]
    public string? OriginId { get; init; }

    [Column("origin_hash"), Nullable]
    public long? OriginHash { get; init; }

    [Column("search_text"), Nullable]
    public string? SearchText { get; init; }

    [Column("xml"), NotNull]
    public byte[] Xml { get; init; } = [];

    public static ArchiveRow Of(ArchiveEntry entry, long ownerId)
    {
        var message = entry.Message;
        return new ArchiveRow
        {
            OwnerId = ownerId,
            Id = message.Id,
            Remote = message.Remote.ToString(),
            RemoteHash = ArchiveKeys.OfRemote(message.Remote),
            Resource = message.Resource,
            Sender = message.From?.ToString(),
            Flags = (short)((message.IsOutgoing ? Outgoing : 0) | (message.IsGroupchat ? Groupchat : 0)),
            OriginId = message.OriginId,
            OriginHash = message.OriginId is { } origin ? ArchiveKeys.OfOrigin(entry.Owner, message.Remote, message.IsOutgoing, origin) : null,
            SearchText = message.SearchText,
            Xml = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(message.Xml, out var all) && all.Offset == 0 && all.Count == all.Array!.Length ? all.Array : message.Xml.ToArray(),
        };
    }

    public ArchivedMessage ToMessage() => new(Id, Jid.TryParse(Sender, out var sender) ? sender : null, Xml)
    {
        Remote = BareJid.Parse(Remote),
        Resource = Resource,
        IsOutgoing = (Flags & Outgoing) != 0,
        IsGroupchat = (Flags & Groupchat) != 0,
        OriginId = OriginId,
    };
}
