using System.Text;
using LinqToDB.Data;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam.TextSearch;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Mam;

/// <summary>The SQL of archive queries, for one of the two tables. Shared by all dialects.</summary>
/// <param name="table">The table.</param>
internal sealed class ArchiveSql(string table)
{
    /// <summary>What a message is read from: the text for the search stays where it is.</summary>
    public const string Columns = "owner_id, id, remote, remote_hash, resource, sender, flags, origin_id, origin_hash, xml";

    private const string Owner = "owner_id = (SELECT id FROM owner WHERE domain = @domain AND localpart = @localpart)";

    public string Table => table;

    /// <summary>The rows that may be the same as new ones.</summary>
    public string SameOrigin(IReadOnlyList<long> hashes, List<DataParameter> parameters) => $"SELECT {Columns} FROM {table} WHERE origin_hash IN ({NumberList.Of(hashes, parameters)})";

    /// <summary>What makes the rows that may be the same as new ones the same.</summary>
    public string KnownOrigins(IReadOnlyList<long> hashes, List<DataParameter> parameters) =>
        $"SELECT origin_hash, remote, origin_id FROM {table} WHERE origin_hash IN ({NumberList.Of(hashes, parameters)})";

    public string Bounds { get; } = $"SELECT id FROM {table} WHERE {Owner} AND id = (SELECT MIN(id) FROM {table} WHERE {Owner}) UNION ALL SELECT id FROM {table} WHERE {Owner} AND id = (SELECT MAX(id) FROM {table} WHERE {Owner})";

    /// <summary>Some messages of an owner.</summary>
    public string ByIds(IReadOnlyList<long> ids, List<DataParameter> parameters) => $"SELECT {Columns} FROM {table} WHERE {Owner} AND id IN ({NumberList.Of(ids, parameters)})";

    public string Replace { get; } = $"UPDATE {table} SET xml = @xml, search_text = NULL WHERE {Owner} AND id = @id";

    public string Remove { get; } = $"DELETE FROM {table} WHERE {Owner}";

    /// <summary>The oldest rows of a domain's owners, owner by owner. Takes <c>@domain</c>, <c>@below</c> and <c>@limit</c>.</summary>
    public string Oldest { get; } = $"SELECT owner_id, id FROM {table} WHERE owner_id IN (SELECT id FROM owner WHERE domain = @domain) AND id < @below ORDER BY owner_id, id LIMIT @limit";

    public string RemoveUpTo { get; } = $"DELETE FROM {table} WHERE owner_id = @owner_id AND id <= @id";

    /// <summary>What an account said, in all rooms.</summary>
    public string OfSender { get; } =
        $"SELECT m.id, m.remote, m.resource, m.sender, m.flags, m.origin_id, m.xml, o.domain AS owner_domain, o.localpart AS owner_localpart FROM {table} m JOIN owner o ON o.id = m.owner_id WHERE m.remote_hash = @remote_hash AND m.remote = @remote";

    public static DataParameter[] OwnerOf(BareJid owner) => [new("domain", owner.Domain), new("localpart", owner.Local ?? "")];

    /// <summary>A page of what matches, in the direction of paging.</summary>
    public string Page(ArchiveQuery query, TextFilter? texts, List<DataParameter> parameters)
    {
        var sql = new StringBuilder($"SELECT {Columns} FROM {table} WHERE ");
        Where(sql, query, texts, parameters, verify: true);
        Between(sql, query.After, query.Before, parameters);
        sql.Append(query.FromEnd ? " ORDER BY id DESC LIMIT @limit" : " ORDER BY id LIMIT @limit");
        parameters.Add(new("limit", query.Limit + 1)); // one more tells whether there is more
        if (query.Index is > 0 and var index)
        {
            sql.Append(" OFFSET @skip");
            parameters.Add(new("skip", index));
        }

        return sql.ToString();
    }

    /// <summary>How many match above one id and below another. Read from an index alone, unless resources, groupchat or texts are asked for.</summary>
    public string Count(ArchiveQuery query, TextFilter? texts, long? above, long? below, List<DataParameter> parameters)
    {
        var sql = new StringBuilder($"SELECT COUNT(*) FROM {table} WHERE ");
        Where(sql, query, texts, parameters, verify: false);
        Between(sql, above, below, parameters);
        return sql.ToString();
    }

    private static void Where(StringBuilder sql, ArchiveQuery query, TextFilter? texts, List<DataParameter> parameters, bool verify)
    {
        sql.Append(Owner);
        if (query.With is { } with)
        {
            sql.Append(" AND remote_hash = @remote_hash");
            parameters.Add(new("remote_hash", ArchiveKeys.OfRemote(with)));
            if (verify)
            {
                sql.Append(" AND remote = @remote");
                parameters.Add(new("remote", with.ToString()));
            }
        }

        if (query.From > 0)
        {
            sql.Append(" AND id >= @from_id");
            parameters.Add(new("from_id", query.From));
        }

        if (query.To < long.MaxValue)
        {
            sql.Append(" AND id <= @to_id");
            parameters.Add(new("to_id", query.To));
        }

        if (query.Resource is { } resource)
        {
            sql.Append(" AND resource = @resource");
            parameters.Add(new("resource", resource));
        }

        if (query.WithoutGroupchat)
        {
            sql.Append($" AND flags < {ArchiveRow.Groupchat}");
        }

        if (texts is not null)
        {
            sql.Append(" AND ").Append(texts.Condition);
            parameters.Add(new("match", texts.Match));
        }

        // With an index over texts too, which finds what may match.
        for (var i = 0; i < query.Words.Count; i++)
        {
            // A word is letters, digits and marks: it has nothing that LIKE would take for a pattern.
            sql.Append($" AND search_text LIKE @word{i}");
            parameters.Add(new($"word{i}", $"%{query.Words[i]}%"));
        }
    }

    private static void Between(StringBuilder sql, long? above, long? below, List<DataParameter> parameters)
    {
        if (above is { } low)
        {
            sql.Append(" AND id > @above");
            parameters.Add(new("above", low));
        }

        if (below is { } high)
        {
            sql.Append(" AND id < @below");
            parameters.Add(new("below", high));
        }
    }
}
