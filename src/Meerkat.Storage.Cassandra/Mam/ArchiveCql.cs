using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Cassandra.Mam;

/// <summary>The statements of an archive, for the tables of accounts or for those of rooms.</summary>
/// <param name="keyspace">The keyspace, quoted.</param>
/// <param name="prefix">What the tables' names begin with.</param>
internal sealed class ArchiveCql(string keyspace, string prefix)
{
    private const string Columns = "id, remote, resource, sender, is_outgoing, is_groupchat, origin_id, xml";

    private readonly string _message = $"{keyspace}.{prefix}_message";
    private readonly string _contact = $"{keyspace}.{prefix}_contact";
    private readonly string _bucket = $"{keyspace}.{prefix}_bucket";
    private readonly string _origin = $"{keyspace}.{prefix}_origin";
    private readonly string _owner = $"{keyspace}.{prefix}_owner";
    private readonly string _domain = $"{keyspace}.{prefix}_domain";
    private readonly string _sender = $"{keyspace}.{prefix}_sender";

    public CqlStatement AddMessage(ArchiveEntry entry)
    {
        var message = entry.Message;
        return new(
            $"INSERT INTO {_message} (owner, bucket, id, remote, resource, sender, is_outgoing, is_groupchat, origin_id, xml) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            $"{entry.Owner}", Buckets.Of(message.Id), message.Id, $"{message.Remote}", message.Resource ?? CqlStatement.Unset, message.From?.ToString() ?? CqlStatement.Unset, message.IsOutgoing,
            message.IsGroupchat, message.OriginId ?? CqlStatement.Unset, message.Xml);
    }

    public CqlStatement AddContact(ArchiveEntry entry) => new(
        $"INSERT INTO {_contact} (owner, contact, bucket, id, resource) VALUES (?, ?, ?, ?, ?)",
        $"{entry.Owner}", $"{entry.Message.Remote}", Buckets.Of(entry.Message.Id), entry.Message.Id, entry.Message.Resource ?? CqlStatement.Unset);

    /// <summary>Notes that there are messages in a part: of a contact, or of anybody where that is the empty text.</summary>
    public CqlStatement AddBucket(string owner, string contact, int bucket) => new($"INSERT INTO {_bucket} (owner, contact, bucket) VALUES (?, ?, ?)", owner, contact, bucket);

    public CqlStatement AddOrigin(byte[] hash, long id) => new($"INSERT INTO {_origin} (hash, id) VALUES (?, ?)", hash, id);

    public CqlStatement AddOwner(string domain, int bucket, string owner) => new($"INSERT INTO {_owner} (domain, bucket, shard, owner) VALUES (?, ?, ?, ?)", domain, bucket, Buckets.ShardOf(owner), owner);

    public CqlStatement AddDomain(string domain, int bucket) => new($"INSERT INTO {_domain} (domain, bucket) VALUES (?, ?)", domain, bucket);

    public CqlStatement AddSender(ArchiveEntry entry) => new($"INSERT INTO {_sender} (sender, owner, id) VALUES (?, ?, ?)", $"{entry.Message.Remote}", $"{entry.Owner}", entry.Message.Id);

    public CqlStatement BucketsOf(string owner, string contact, int first, int last, bool fromEnd) => new(
        $"SELECT bucket FROM {_bucket} WHERE owner = ? AND contact = ? AND bucket >= ? AND bucket <= ? ORDER BY contact {Order(fromEnd)}, bucket {Order(fromEnd)}", owner, contact, first, last);

    public CqlStatement ById(string owner, int bucket, IReadOnlyList<long> ids) => new($"SELECT {Columns} FROM {_message} WHERE owner = ? AND bucket = ? AND id IN ?", owner, bucket, ids);

    /// <summary>Which of some ids are there.</summary>
    public CqlStatement Known(string owner, int bucket, IReadOnlyList<long> ids) => new($"SELECT id FROM {_message} WHERE owner = ? AND bucket = ? AND id IN ?", owner, bucket, ids);

    public CqlStatement Origin(byte[] hash) => new($"SELECT id FROM {_origin} WHERE hash = ?", hash);

    /// <summary>Ids of a part that match, in the direction of paging; those of a contact have a table of their own. A resource is looked for among them, within one partition.</summary>
    public CqlStatement Ids(string owner, ArchiveQuery query, int bucket, long low, long high, int limit) => Select(
        "id", owner, query, bucket, low, high, query.FromEnd ? " ORDER BY id DESC LIMIT ?" : " ORDER BY id ASC LIMIT ?", [limit]);

    /// <summary>Messages of a part, for a query without a contact.</summary>
    public CqlStatement Messages(string owner, ArchiveQuery query, int bucket, long low, long high, int limit) => Select(
        Columns, owner, query, bucket, low, high, query.FromEnd ? " ORDER BY id DESC LIMIT ?" : " ORDER BY id ASC LIMIT ?", [limit]);

    public CqlStatement Count(string owner, ArchiveQuery query, int bucket, long low, long high) => Select("COUNT(*)", owner, query, bucket, low, high, "", []);

    public CqlStatement Replace(string owner, long id, ReadOnlyMemory<byte> xml) => new($"UPDATE {_message} SET xml = ? WHERE owner = ? AND bucket = ? AND id = ?", xml, owner, Buckets.Of(id), id);

    public CqlStatement DomainBuckets(string domain, int last) => new($"SELECT bucket FROM {_domain} WHERE domain = ? AND bucket <= ?", domain, last);

    public CqlStatement Owners(string domain, int bucket, int shard) => new($"SELECT owner FROM {_owner} WHERE domain = ? AND bucket = ? AND shard = ?", domain, bucket, shard);

    /// <summary>The oldest messages of a part, and what leads to them.</summary>
    public CqlStatement Oldest(string owner, int bucket, long high, int limit) => new(
        $"SELECT id, remote, is_outgoing, origin_id FROM {_message} WHERE owner = ? AND bucket = ? AND id <= ? ORDER BY id ASC LIMIT ?", owner, bucket, high, limit);

    public CqlStatement OfSender(string sender, ArchiveEntry? after, int limit) => after is { } last
        ? new($"SELECT owner, id FROM {_sender} WHERE sender = ? AND (owner, id) > (?, ?) LIMIT ?", sender, $"{last.Owner}", last.Message.Id, limit)
        : new($"SELECT owner, id FROM {_sender} WHERE sender = ? LIMIT ?", sender, limit);

    public CqlStatement RemoveMessages(string owner, int bucket, long first, long last) => new($"DELETE FROM {_message} WHERE owner = ? AND bucket = ? AND id >= ? AND id <= ?", owner, bucket, first, last);

    public CqlStatement RemoveContact(string owner, string contact, int bucket, long first, long last) =>
        new($"DELETE FROM {_contact} WHERE owner = ? AND contact = ? AND bucket = ? AND id >= ? AND id <= ?", owner, contact, bucket, first, last);

    public CqlStatement RemoveSender(string sender, string owner, long first, long last) => new($"DELETE FROM {_sender} WHERE sender = ? AND owner = ? AND id >= ? AND id <= ?", sender, owner, first, last);

    public CqlStatement RemoveOrigin(byte[] hash) => new($"DELETE FROM {_origin} WHERE hash = ?", hash);

    public CqlStatement RemoveBucket(string owner, string contact, int bucket) => new($"DELETE FROM {_bucket} WHERE owner = ? AND contact = ? AND bucket = ?", owner, contact, bucket);

    public CqlStatement RemoveBuckets(string owner) => new($"DELETE FROM {_bucket} WHERE owner = ?", owner);

    public CqlStatement RemoveOwner(string domain, int bucket, string owner) =>
        new($"DELETE FROM {_owner} WHERE domain = ? AND bucket = ? AND shard = ? AND owner = ?", domain, bucket, Buckets.ShardOf(owner), owner);

    public CqlStatement RemoveDomain(string domain, int bucket) => new($"DELETE FROM {_domain} WHERE domain = ? AND bucket = ?", domain, bucket);

    /// <summary>A message, as <see cref="Messages"/> and <see cref="ById"/> give it; null for what is left of one that was removed while it was replaced.</summary>
    public static ArchivedMessage? Read(CqlRow row) => row.Text("remote") is not { } remote ? null : new(row.Get<long>("id"), Jid.TryParse(row.Text("sender"), out var sender) ? sender : null, row["xml"] is ReadOnlyMemory<byte> xml ? xml : default)
    {
        Remote = BareJid.Parse(remote),
        Resource = row.Text("resource"),
        IsOutgoing = row["is_outgoing"] is true,
        IsGroupchat = row["is_groupchat"] is true,
        OriginId = row.Text("origin_id"),
    };

    private static string Order(bool fromEnd) => fromEnd ? "DESC" : "ASC";

    private CqlStatement Select(string what, string owner, ArchiveQuery query, int bucket, long low, long high, string tail, object[] more)
    {
        var filter = query.Resource is null ? "" : " AND resource = ?";
        object[] resource = query.Resource is { } wanted ? [wanted] : [];
        if (query.Resource is not null)
        {
            tail += " ALLOW FILTERING";
        }

        return query.With is { } with
            ? new($"SELECT {what} FROM {_contact} WHERE owner = ? AND contact = ? AND bucket = ? AND id >= ? AND id <= ?{filter}{tail}", [owner, $"{with}", bucket, low, high, .. resource, .. more])
            : new($"SELECT {what} FROM {_message} WHERE owner = ? AND bucket = ? AND id >= ? AND id <= ?{filter}{tail}", [owner, bucket, low, high, .. resource, .. more]);
    }
}
