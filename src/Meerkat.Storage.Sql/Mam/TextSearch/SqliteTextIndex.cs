using System.Data.Common;
using System.Text;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Meerkat.Xmpp;
using Microsoft.Data.Sqlite;

namespace Meerkat.Storage.Sql.Mam.TextSearch;

/// <summary>On SQLite: an FTS5 table of trigrams beside the messages, kept by triggers.</summary>
/// <remarks>
/// <para>A message is known to FTS5 by a number from a table of keys, not by its hidden row number, which a dump or a <c>VACUUM</c> may change. FTS5 keeps no text and no positions; its content is a view.</para>
/// <para>The owner stands in the index as one more trigram, of three characters for private use that are in no text: what others wrote is not even looked through.</para>
/// <para>The triggers are there from the first moment on. Older messages are added in parts, each a transaction that also says how far it has come; when they all are in, the table that says so goes.</para>
/// </remarks>
internal sealed class SqliteTextIndex : TextIndex
{
    public static readonly SqliteTextIndex Instance = new();

    // 15 bits of the owner's number in each of three characters of plane 15.
    private const int OwnerBase = 0xF0000;
    private const int OwnerBits = 15;

    // So many messages are added at once: other writers wait for it, a tenth of a second.
    private const int Part = 2000;

    // A word may have thousands of letters; these narrow enough.
    private const int MostTrigrams = 64;

    public override async ValueTask<TextFilter?> FilterAsync(SqlSession session, string table, BareJid owner, IReadOnlyList<string> words, CancellationToken ct)
    {
        string[] trigrams = [.. LongOnes(words).SelectMany(Trigrams).Distinct(StringComparer.Ordinal).Take(MostTrigrams)];
        if (trigrams.Length == 0 || await StateAsync(session, table, ct) is not TextIndexState.Ready || await session.FindOwnerAsync(owner, ct) is not { } id)
        {
            return null;
        }

        return new TextFilter(
            $"id IN (SELECT id FROM {table}_text_key WHERE docid IN (SELECT rowid FROM {table}_text WHERE {table}_text MATCH @match))",
            string.Join(" AND ", trigrams.Prepend(OwnerText(id)).Select(trigram => $"\"{trigram.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")));
    }

    public override bool IsGone(DbException failure) =>
        failure is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_ERROR } or SqliteException { SqliteExtendedErrorCode: SQLitePCL.raw.SQLITE_CORRUPT_VTAB };

    public override Task<TextIndexState> StateAsync(SqlDatabase database, string table, CancellationToken ct) =>
        database.ReadAsync(session => StateAsync(session, table, ct), ct).AsTask();

    public override async Task CreateAsync(SqlDatabase database, string table, Action<string> progress, CancellationToken ct)
    {
        await database.WriteAsync(session => BeginAsync(session, table), ct);
        var total = await database.ReadAsync(async session => (await session.QueryToListAsync<long>($"SELECT COUNT(*) FROM {table}", ct))[0], ct);
        while (await database.WriteAsync(session => AddPartAsync(session, table), ct) is { } done)
        {
            progress($"{done} of {Math.Max(done, total)} messages");
        }

        if (await StateAsync(database, table, ct) is not TextIndexState.Ready)
        {
            throw new TextIndexException("The index was taken away while it was being made.");
        }
    }

    public override async Task DropAsync(SqlDatabase database, string table, CancellationToken ct) => await database.WriteAsync(session => DropAsync(session, table), ct);

    private static async ValueTask<TextIndexState> StateAsync(SqlSession session, string table, CancellationToken ct)
    {
        var there = await session.QueryToListAsync<string>(
            $"SELECT name FROM sqlite_master WHERE name IN ('{table}_text', '{table}_text_key', '{table}_text_row', '{table}_text_added', '{table}_text_removed', '{table}_text_changed', '{table}_text_progress')", ct);
        var isUnfinished = there.Remove($"{table}_text_progress");
        return there.Count switch
        {
            0 => TextIndexState.Absent,
            6 => isUnfinished ? TextIndexState.Unfinished : TextIndexState.Ready,
            _ => TextIndexState.Damaged,
        };
    }

    private static async ValueTask<int> BeginAsync(SqlSession session, string table)
    {
        switch (await StateAsync(session, table, CancellationToken.None))
        {
            case TextIndexState.Ready or TextIndexState.Unfinished:
                return 0;
            case TextIndexState.Damaged:
                await DropAsync(session, table);
                break;
        }

        foreach (var statement in Statements(table))
        {
            await session.ExecuteAsync(statement, CancellationToken.None);
        }

        return 1;
    }

    private static string[] Statements(string table)
    {
        var add = $"INSERT INTO {table}_text_key (owner_id, id) SELECT new.owner_id, new.id WHERE new.search_text IS NOT NULL; "
            + $"INSERT INTO {table}_text (rowid, owner, search_text) SELECT docid, {Owner("owner_id")}, new.search_text FROM {table}_text_key WHERE owner_id = new.owner_id AND id = new.id AND new.search_text IS NOT NULL;";
        var remove = $"INSERT INTO {table}_text ({table}_text, rowid, owner, search_text) SELECT 'delete', docid, {Owner("owner_id")}, old.search_text FROM {table}_text_key WHERE owner_id = old.owner_id AND id = old.id; "
            + $"DELETE FROM {table}_text_key WHERE owner_id = old.owner_id AND id = old.id;";
        return
        [
            $"CREATE TABLE {table}_text_key (docid INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, id INTEGER NOT NULL, UNIQUE (owner_id, id))",
            $"CREATE VIEW {table}_text_row AS SELECT k.docid, {Owner("k.owner_id")} AS owner, m.search_text FROM {table}_text_key k JOIN {table} m ON m.owner_id = k.owner_id AND m.id = k.id",
            $"CREATE VIRTUAL TABLE {table}_text USING fts5(owner, search_text, content = '{table}_text_row', content_rowid = 'docid', detail = none, tokenize = 'trigram case_sensitive 1')",
            $"CREATE TABLE {table}_text_progress (owner_id INTEGER NOT NULL, id INTEGER NOT NULL, done INTEGER NOT NULL)",
            $"INSERT INTO {table}_text_progress VALUES (0, 0, 0)",
            $"CREATE TRIGGER {table}_text_added AFTER INSERT ON {table} WHEN new.search_text IS NOT NULL BEGIN {add} END",
            $"CREATE TRIGGER {table}_text_removed AFTER DELETE ON {table} WHEN old.search_text IS NOT NULL BEGIN {remove} END",
            $"CREATE TRIGGER {table}_text_changed AFTER UPDATE OF owner_id, id, search_text ON {table} BEGIN {remove} {add} END",
        ];
    }

    // The next messages in the order of their key.
    private static async ValueTask<long?> AddPartAsync(SqlSession session, string table)
    {
        if (await StateAsync(session, table, CancellationToken.None) is not TextIndexState.Unfinished)
        {
            return null; // another process has ended it, one way or the other
        }

        var at = (await session.QueryToListAsync<Place>($"SELECT owner_id, id, done FROM {table}_text_progress", CancellationToken.None))[0];
        var part = await session.QueryToListAsync<Place>(
            $"SELECT owner_id, id FROM {table} WHERE (owner_id, id) > (@owner_id, @id) ORDER BY owner_id, id LIMIT {Part}", CancellationToken.None, new("owner_id", at.OwnerId), new("id", at.Id));
        if (part is [])
        {
            await session.ExecuteAsync($"DROP TABLE {table}_text_progress", CancellationToken.None);
            return null;
        }

        var last = (await session.QueryToListAsync<long>($"SELECT COALESCE(MAX(docid), 0) FROM {table}_text_key", CancellationToken.None))[0];
        DataParameter[] borders = [new("owner_id", at.OwnerId), new("id", at.Id), new("last_owner", part[^1].OwnerId), new("last_id", part[^1].Id)];

        // What came since the beginning is there by its trigger.
        await session.ExecuteAsync(
            $"INSERT INTO {table}_text_key (owner_id, id) SELECT owner_id, id FROM {table} WHERE (owner_id, id) > (@owner_id, @id) AND (owner_id, id) <= (@last_owner, @last_id) AND search_text IS NOT NULL ON CONFLICT DO NOTHING",
            CancellationToken.None,
            borders);
        await session.ExecuteAsync(
            $"INSERT INTO {table}_text (rowid, owner, search_text) SELECT docid, owner, search_text FROM {table}_text_row WHERE docid > @last", CancellationToken.None, new DataParameter("last", last));
        await session.ExecuteAsync(
            $"UPDATE {table}_text_progress SET owner_id = @last_owner, id = @last_id, done = @done", CancellationToken.None, borders[2], borders[3], new DataParameter("done", at.Done + part.Count));
        return at.Done + part.Count;
    }

    private static async ValueTask<int> DropAsync(SqlSession session, string table)
    {
        foreach (var part in new[] { "TRIGGER {0}_added", "TRIGGER {0}_removed", "TRIGGER {0}_changed", "TABLE {0}", "VIEW {0}_row", "TABLE {0}_key", "TABLE {0}_progress" })
        {
            var (kind, name) = (part.Split(' ')[0], part.Split(' ')[1].Replace("{0}", $"{table}_text", StringComparison.Ordinal));
            await session.ExecuteAsync($"DROP {kind} IF EXISTS {name}", CancellationToken.None);
        }

        return 0;
    }

    // As OwnerText does, in SQL.
    private static string Owner(string id) =>
        $"char({OwnerBase} + (({id} >> {2 * OwnerBits}) & {(1 << OwnerBits) - 1}), {OwnerBase} + (({id} >> {OwnerBits}) & {(1 << OwnerBits) - 1}), {OwnerBase} + ({id} & {(1 << OwnerBits) - 1}))";

    private static string OwnerText(long id)
    {
        var text = new StringBuilder();
        for (var shift = 2 * OwnerBits; shift >= 0; shift -= OwnerBits)
        {
            text.Append(new Rune(OwnerBase + (int)((id >> shift) & ((1 << OwnerBits) - 1))));
        }

        return text.ToString();
    }

    private sealed class Place
    {
        [Column("owner_id")]
        public long OwnerId { get; init; }

        [Column("id")]
        public long Id { get; init; }

        [Column("done")]
        public long Done { get; init; }
    }
}
