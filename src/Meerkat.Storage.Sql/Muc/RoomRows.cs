using System.Security.Cryptography;
using System.Text;
using LinqToDB.Mapping;
using Meerkat.Modules.Muc;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Muc;

/// <summary>A room. Its owner is the room's own address.</summary>
[Table("muc_room")]
internal sealed class RoomRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey, NotNull]
    public long OwnerId { get; init; }

    [Column("epoch"), NotNull]
    public long Epoch { get; init; }

    [Column("title"), NotNull]
    public string Title { get; init; } = "";

    [Column("is_public"), NotNull]
    public bool IsPublic { get; init; }

    [Column("settings"), NotNull]
    public byte[] Settings { get; init; } = [];

    [Column("history"), Nullable]
    public byte[]? History { get; init; }
}

/// <summary>A room that was removed, and by whom: no older writer makes it again.</summary>
[Table("muc_removed")]
internal sealed class RemovedRoomRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey, NotNull]
    public long OwnerId { get; init; }

    [Column("epoch"), NotNull]
    public long Epoch { get; init; }
}

/// <summary>An affiliation with a room.</summary>
[Table("muc_affiliation")]
internal sealed class RoomAffiliationRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey(0), NotNull]
    public long OwnerId { get; init; }

    [Column("user_hash"), PrimaryKey(1), NotNull]
    public string UserHash { get; init; } = "";

    [Column("user_jid"), NotNull]
    public string User { get; init; } = "";

    /// <summary>Domain of an account; empty for a ban of a whole domain, which goes with no account.</summary>
    [Column("user_domain"), NotNull]
    public string UserDomain { get; init; } = "";

    [Column("affiliation"), NotNull]
    public int Affiliation { get; init; }

    [Column("reason"), NotNull]
    public string Reason { get; init; } = "";

    /// <summary>The key of an address or a nick: SHA-256, in hexadecimal.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static RoomAffiliationRow From(long room, StoredAffiliation entry) => new()
    {
        OwnerId = room,
        UserHash = HashOf(entry.User.ToString()),
        User = entry.User.ToString(),
        UserDomain = entry.User.Local is null ? "" : entry.User.Domain,
        Affiliation = (int)entry.Affiliation,
        Reason = entry.Reason,
    };

    public StoredAffiliation ToEntry() => new(Jid.Parse(User), (Affiliation)Affiliation, Reason);
}

/// <summary>A nick that an account has registered with a service.</summary>
[Table("muc_nick")]
internal sealed class RoomNickRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey(0), NotNull]
    public long OwnerId { get; init; }

    [Column("service"), PrimaryKey(1), NotNull]
    public string Service { get; init; } = "";

    [Column("nick_hash"), NotNull]
    public string NickHash { get; init; } = "";

    [Column("nick"), NotNull]
    public string Nick { get; init; } = "";
}
