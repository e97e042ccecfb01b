using System.Runtime.CompilerServices;
using System.Text;
using LinqToDB;
using LinqToDB.Data;
using Meerkat.Core.Storage;
using Meerkat.Modules.Inbox;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Inbox;

/// <summary>Conversations of accounts in a SQL database.</summary>
/// <remarks>Counts are changed by the database, so that two writers at once lose none. Conversations that change together do so in the order of their keys, so that nobody waits in a circle.</remarks>
public sealed class SqlInboxStore(SqlDatabase database) : IInboxStore
{
    private const string Columns = "owner_id, remote_hash, remote, message_id, box, content, stamp, muted_until, unread";
    private const string Key = "owner_id = @owner_id AND remote_hash = @remote_hash";
    private const string Find = $"SELECT {Columns} FROM inbox_entry WHERE {Key}";
    private const string Show = "UPDATE inbox_entry SET message_id = @message_id, content = @content, stamp = @stamp";
    private const string WhereOlder = $"WHERE {Key} AND stamp < @stamp";
    private const string Kept = "CASE WHEN box = 'archive' THEN 'inbox' ELSE box END";
    private const string Write = $"{Show}, unread = @unread, box = {Kept} {WhereOlder}";
    private const string WriteTo = $"{Show}, unread = @unread, box = @box {WhereOlder}";
    private const string Increment = $"{Show}, unread = unread + @unread, box = {Kept} {WhereOlder}";
    private const string Owner = "owner_id = (SELECT id FROM owner WHERE domain = @domain AND localpart = @localpart)";

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<InboxOutcome>> ApplyAsync(IReadOnlyList<InboxTask> tasks, CancellationToken ct) =>
        database.WriteAsync<IReadOnlyList<InboxOutcome>>(
            async session =>
            {
                var owners = new Dictionary<BareJid, long>();
                foreach (var owner in tasks.Select(task => task.Owner).Distinct().OrderBy(owner => owner.ToString(), StringComparer.Ordinal))
                {
                    owners[owner] = await session.EnsureOwnerAsync(owner, CancellationToken.None);
                }

                var outcomes = new InboxOutcome[tasks.Count];
                foreach (var place in Enumerable.Range(0, tasks.Count).OrderBy(i => owners[tasks[i].Owner]).ThenBy(i => RemoteKey.Of(tasks[i].Remote)))
                {
                    outcomes[place] = await ApplyAsync(session, owners[tasks[place].Owner], tasks[place]);
                }

                return outcomes;
            },
            ct);

    /// <inheritdoc/>
    public ValueTask<InboxEntry?> FindAsync(BareJid owner, BareJid remote, CancellationToken ct) =>
        database.ReadAsync(
            async session => await session.QueryToListAsync<InboxRow>($"SELECT {Columns} FROM inbox_entry WHERE {Owner} AND remote_hash = @remote_hash", ct, [.. Names(owner), new("remote_hash", RemoteKey.Of(remote))]) is [var row]
                ? row.ToEntry() : null,
            ct);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<InboxEntry>> QueryAsync(BareJid owner, InboxFilter filter, CancellationToken ct)
    {
        var parameters = new List<DataParameter>(Names(owner));
        var sql = new StringBuilder($"SELECT {Columns} FROM inbox_entry WHERE {Owner}");
        if (filter.Box is null)
        {
            sql.Append(" AND box <> 'bin'");
        }
        else if (filter.Box != InboxBox.All)
        {
            sql.Append(" AND box = @box");
            parameters.Add(new("box", filter.Box));
        }

        if (filter.IsUnread)
        {
            sql.Append(" AND unread > 0");
        }

        sql.Append(" AND stamp >= @start_stamp AND stamp <= @end_stamp");
        parameters.Add(new("start_stamp", filter.Start));
        parameters.Add(new("end_stamp", filter.End));
        if (filter.OlderThan is { } older)
        {
            sql.Append(" AND (stamp < @older OR (stamp = @older AND remote > @older_remote))");
            parameters.Add(new("older", older.Timestamp));
            parameters.Add(new("older_remote", older.Remote.ToString()));
        }

        if (filter.NewerThan is { } newer)
        {
            sql.Append(" AND (stamp > @newer OR (stamp = @newer AND remote < @newer_remote))");
            parameters.Add(new("newer", newer.Timestamp));
            parameters.Add(new("newer_remote", newer.Remote.ToString()));
        }

        sql.Append(filter.IsAscending ? " ORDER BY stamp, remote DESC LIMIT @most" : " ORDER BY stamp DESC, remote LIMIT @most");
        parameters.Add(new("most", filter.Limit));
        var rows = await database.ReadAsync(async session => await session.QueryToListAsync<InboxRow>(sql.ToString(), ct, [.. parameters]), ct);
        return [.. rows.Select(row => row.ToEntry())];
    }

    /// <inheritdoc/>
    public ValueTask<InboxEntry?> SetAsync(BareJid owner, BareJid remote, InboxProperties properties, CancellationToken ct) =>
        database.WriteAsync(
            owner,
            async session =>
            {
                if (await session.FindOwnerAsync(owner, CancellationToken.None) is not { } id)
                {
                    return null;
                }

                var parameters = new List<DataParameter> { new("owner_id", id), new("remote_hash", RemoteKey.Of(remote)) };
                var changes = new List<string>();
                if (properties.Box is { } box)
                {
                    changes.Add("box = @box");
                    parameters.Add(new("box", box));
                }

                if (properties.IsRead is { } isRead)
                {
                    changes.Add(isRead ? "unread = 0" : "unread = CASE WHEN unread = 0 THEN 1 ELSE unread END");
                }

                if (properties.MutedUntil is { } muted)
                {
                    changes.Add("muted_until = @muted_until");
                    parameters.Add(new("muted_until", muted));
                }

                if (changes.Count > 0)
                {
                    await session.ExecuteAsync($"UPDATE inbox_entry SET {string.Join(", ", changes)} WHERE {Key}", CancellationToken.None, [.. parameters]);
                }

                return await FindAsync(session, id, remote);
            },
            ct);

    /// <inheritdoc/>
    public ValueTask<int> EmptyBinAsync(BareJid owner, long before, CancellationToken ct) =>
        database.WriteAsync(
            async session => await session.ExecuteAsync($"DELETE FROM inbox_entry WHERE {Owner} AND box = 'bin' AND stamp < @stamp", CancellationToken.None, [.. Names(owner), new("stamp", before)]), ct);

    /// <inheritdoc/>
    public ValueTask<int> EmptyBinsAsync(string domain, long before, CancellationToken ct) =>
        database.WriteAsync(
            async session => await session.ExecuteAsync(
                "DELETE FROM inbox_entry WHERE box = 'bin' AND stamp < @stamp AND owner_id IN (SELECT id FROM owner WHERE domain = @domain)", CancellationToken.None, new("stamp", before), new("domain", domain)),
            ct);

    /// <inheritdoc/>
    public ValueTask<int> RemoveSomeAsync(string domain, int limit, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                var some = await session.QueryToListAsync<InboxRow>(
                    $"SELECT {Columns} FROM inbox_entry WHERE owner_id IN (SELECT id FROM owner WHERE domain = @domain) ORDER BY owner_id, remote_hash LIMIT @most", CancellationToken.None, new("domain", domain), new("most", limit));
                foreach (var row in some)
                {
                    await session.ExecuteAsync($"DELETE FROM inbox_entry WHERE {Key}", CancellationToken.None, new("owner_id", row.OwnerId), new("remote_hash", row.RemoteHash));
                }

                return some.Count;
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => await database.RemoveRowsOfAsync<InboxRow>(account, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => await database.RemoveRowsInAsync<InboxRow>(domain, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await database.RowsOfAsync<InboxRow>(account, ct) is { Count: > 0 } rows)
        {
            yield return InboxExport.Section(rows.OrderByDescending(row => row.Stamp).Select(row => row.ToEntry()));
        }
    }

    private static async ValueTask<InboxOutcome> ApplyAsync(SqlSession session, long owner, InboxTask task)
    {
        var before = await FindAsync(session, owner, task.Remote);
        var after = InboxChanges.Apply(before, task);
        if (before is null)
        {
            if (after is not null)
            {
                await session.AddAsync(InboxRow.Of(owner, after), CancellationToken.None);
            }

            return new InboxOutcome(after, null);
        }

        var change = task.Change;
        DataParameter[] key = [new("owner_id", owner), new("remote_hash", RemoteKey.Of(task.Remote))];
        switch (change.Kind)
        {
            case InboxChangeKind.Remove:
                await session.ExecuteAsync($"DELETE FROM inbox_entry WHERE {Key}", CancellationToken.None, key);
                break;
            case InboxChangeKind.Reset:
                await session.ExecuteAsync($"UPDATE inbox_entry SET unread = 0 WHERE {Key} AND stamp <= @stamp", CancellationToken.None, [.. key, new("stamp", change.Timestamp)]);
                break;
            case InboxChangeKind.ResetOf:
                await session.ExecuteAsync($"UPDATE inbox_entry SET unread = 0 WHERE {Key} AND message_id = @message_id", CancellationToken.None, [.. key, new("message_id", change.MessageId)]);
                break;
            default:
                DataParameter[] shown = [.. key, new("message_id", change.MessageId), new("content", change.Content.ToArray()), new("stamp", change.Timestamp), new("unread", change.Count)];
                await session.ExecuteAsync(
                    change.Kind is InboxChangeKind.Increment ? Increment : change.Box is null ? Write : WriteTo, CancellationToken.None, change.Box is { } box ? [.. shown, new("box", box)] : shown);
                break;
        }

        return new InboxOutcome(after, before.Box);
    }

    private static async ValueTask<InboxEntry?> FindAsync(SqlSession session, long owner, BareJid remote) =>
        await session.QueryToListAsync<InboxRow>(Find, CancellationToken.None, new("owner_id", owner), new("remote_hash", RemoteKey.Of(remote))) is [var row] ? row.ToEntry() : null;

    private static DataParameter[] Names(BareJid owner) => [new("domain", owner.Domain), new("localpart", owner.Local ?? "")];
}
