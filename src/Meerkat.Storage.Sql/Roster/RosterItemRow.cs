using System.Security.Cryptography;
using System.Text.Json;
using LinqToDB.Mapping;
using Meerkat.Modules.Roster;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Roster;

/// <summary>A contact in a roster.</summary>
[Table("roster_item")]
internal sealed class RosterItemRow : IOwnedRow
{
    private const string Wrapper = "extensions";

    [Column("owner_id"), PrimaryKey(0), NotNull]
    public long OwnerId { get; init; }

    [Column("contact_hash"), PrimaryKey(1), NotNull]
    public string ContactHash { get; init; } = "";

    [Column("contact"), NotNull]
    public string Contact { get; init; } = "";

    [Column("state"), NotNull]
    public int State { get; init; }

    [Column("name"), NotNull]
    public string Name { get; init; } = "";

    /// <summary>A JSON array; null for none.</summary>
    [Column("contact_groups"), Nullable]
    public string? Groups { get; init; }

    [Column("request"), NotNull]
    public string Request { get; init; } = "";

    /// <summary>The elements in a wrapper; null for none.</summary>
    [Column("extensions"), Nullable]
    public byte[]? Extensions { get; init; }

    [Column("revision"), NotNull]
    public long Revision { get; init; }

    /// <summary>The key of a contact: SHA-256 of its address, in hexadecimal.</summary>
    public static string HashOf(Jid contact) => Convert.ToHexStringLower(SHA256.HashData(contact.Utf8));

    public static RosterItemRow From(long owner, RosterItem item, long revision) => new()
    {
        OwnerId = owner,
        ContactHash = HashOf(item.Contact),
        Contact = item.Contact.ToString(),
        State = (int)item.State,
        Name = item.Name,
        Groups = item.Groups.Count == 0 ? null : JsonSerializer.Serialize(item.Groups),
        Request = item.Request,
        Extensions = item.Extensions.Count == 0 ? null : new XmlBuilder(Wrapper, "").Add(item.Extensions).Build().ToUtf8(),
        Revision = revision,
    };

    public RosterItem ToItem() => new(Jid.Parse(Contact))
    {
        State = (SubscriptionState)State,
        Name = Name,
        Groups = Groups is null ? [] : JsonSerializer.Deserialize<string[]>(Groups)!,
        Request = Request,
        Extensions = Extensions is null ? [] : [.. XmlElement.Parse(Extensions, limits: XmlLimits.Unlimited).Children.Select(child => child.Detach())],
        Revision = Revision,
    };
}
