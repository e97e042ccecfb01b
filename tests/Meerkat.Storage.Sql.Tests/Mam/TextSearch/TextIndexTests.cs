using System.Text;
using CsCheck;
using LinqToDB.Data;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam;
using Meerkat.Storage.Sql.Mam.TextSearch;
using Meerkat.Storage.Sql.Servers;
using Meerkat.Storage.Sql.Sqlite;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Mam.TextSearch;

/// <summary>The index over texts that an operator may have (decision 5): searches use it and find what they find without it (MAM-041), whatever happens to the messages.</summary>
public sealed class TextIndexTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid s_bob = BareJid.Parse("bob@one.example");

    // Pieces of which texts and searches are made: cases, languages without spaces, marks, symbols, and what means something to an index or to SQL.
    private static readonly string[] s_pieces =
    [
        "the", "The", "BROWN", "brown", "row", "fox", "Straße", "STRASSE", "ß", "日本語", "日本", "本語で", "語", "👩‍👩‍👧", "😀", "é", "e\u0301", "İstanbul", "ıi", "ﬁne", "Ωmega", "ωμ", "100", "٣٤", "x", "ab",
        "AND", "OR", "NOT", "NEAR", "NEAR(a b, 2)", "\"", "'", "\"the\"", "*", "-", "+", "^the", "owner:", "search_text : fox", "(", ")", "%", "_", "\\", "{}", "~", ";", "--", "\U000F0000\U000F0000\U000F0001", " ", "  ", "\t", "\n",
    ];

    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Int[0, s_pieces.Length - 1].Select(i => s_pieces[i]),
        Gen.Char['a', 'e'].Select(c => c.ToString()),
        Gen.Char['\u3041', '\u3047'].Select(c => c.ToString())).Array[0, 12].Select(string.Concat);

    public static TheoryData<Backend> Having => [Backend.Sqlite, Backend.Postgres, Backend.MySql];

    [Theory, MemberData(nameof(Having))] // MAM-041: parts of words are found with it as without
    public async Task A_search_uses_it_and_finds_the_same(Backend backend)
    {
        await using var test = await backend.CreateAsync();
        var store = new SqlAccountArchiveStore(test.Database);
        await FillAsync(store, 7000);
        string[] searches = ["brown", "row", "fox quick", "dog", "ß", "über ΩMEGA", "日本語", "brown cat", "uninteresting 6999", "a b c"];
        var before = await FindAsync(store, searches);
        Assert.Equal([[1, 2], [1, 2], [1], [2], [3], [3], [3], [], [6999], []], before);
        Assert.DoesNotContain(await PlanAsync(test, "brown"), UsesIndex);

        await CreateAsync(test.Database);
        Assert.All((await StatusAsync(test.Database)).Values, state => Assert.Equal(TextIndexState.Ready, state));
        Assert.Equal(before, await FindAsync(store, searches));
        Assert.Contains(await PlanAsync(test, "brown"), UsesIndex);
        await CreateAsync(test.Database); // is there already

        await new TextIndexOperations(test.Database).DropAsync(None);
        Assert.All((await StatusAsync(test.Database)).Values, state => Assert.Equal(TextIndexState.Absent, state));
        Assert.Equal(before, await FindAsync(store, searches));
        Assert.DoesNotContain(await PlanAsync(test, "brown"), UsesIndex);
        await new TextIndexOperations(test.Database).DropAsync(None);
    }

    [Theory, MemberData(nameof(Having))]
    public async Task Whatever_is_written_and_searched_for_is_found_with_it_as_without(Backend backend)
    {
        await using var plain = await backend.CreateAsync();
        await using var indexed = await backend.CreateAsync();
        await CreateAsync(indexed.Database);
        if (backend is Backend.Postgres)
        {
            // So few messages are read faster without any index: it gets no choice.
            await ExecuteAsync(indexed, "ALTER TABLE archive_message DROP CONSTRAINT \"PK_archive_message\"");
            await ExecuteAsync(indexed, "DROP INDEX archive_message_remote");
            await ExecuteAsync(indexed, $"ALTER DATABASE {((ServerTestDatabase)indexed).Options.Connection.Database} SET enable_seqscan = off");
            await indexed.ReopenAsync();
        }

        var (without, with, reference) = (new SqlAccountArchiveStore(plain.Database), new SqlAccountArchiveStore(indexed.Database), new MemoryAccountArchiveStore());
        await with.AppendAsync([Make(s_alice, 1, "brown")], None);
        Assert.Contains(await PlanAsync(indexed, "brown"), UsesIndex);
        var owners = 0;
        await Gen.Select(s_text.Array[1, 12], s_text.Array[1, 6], Gen.Int[0, 11]).SampleAsync(
            async (texts, searches, gone) =>
            {
                var owner = BareJid.Parse($"user{Interlocked.Increment(ref owners)}@one.example");
                ArchiveEntry[] entries = [.. texts.Select((text, i) => Make(owner, i + 1, text))];
                foreach (var store in new IArchiveStore[] { without, with, reference })
                {
                    await store.AppendAsync(entries, None);
                    await store.ReplaceAsync(owner, gone, "<message/>"u8.ToArray(), None);
                }

                // A piece of a text is more often found than another text.
                foreach (var words in searches.Concat(texts.Select(text => text[..(text.Length / 2)])).Select(ArchiveText.Words).Where(words => words.Count > 0))
                {
                    var query = new ArchiveQuery { Words = words };
                    var expected = await reference.QueryAsync(owner, query, None);
                    foreach (var store in new[] { without, with })
                    {
                        var page = await store.QueryAsync(owner, query, None);
                        Assert.Equal(expected!.Messages.Select(message => message.Id), page!.Messages.Select(message => message.Id));
                        Assert.Equal(expected.Count, page.Count);
                    }
                }
            },
            iter: 150,
            threads: 1);
    }

    [Theory, MemberData(nameof(Having))] // MAM-067, MAM-072, MAM-087, MAM-089: what is gone is gone from the index too
    public async Task It_follows_what_happens_to_messages(Backend backend)
    {
        await using var test = await backend.CreateAsync();
        var store = new SqlAccountArchiveStore(test.Database);
        await store.AppendAsync([.. Enumerable.Range(1, 20).SelectMany(id => new[] { Make(s_alice, id, $"apple {id}"), Make(s_bob, id, $"apple {id}") })], None);
        await CreateAsync(test.Database);
        await store.AppendAsync([.. Enumerable.Range(15, 16).Select(id => Make(s_alice, id, $"apple {id}"))], None); // the first of them are there already
        await ExpectAsync(s_alice, 1, 30);

        await store.ReplaceAsync(s_alice, 30, "<message/>"u8.ToArray(), None);
        await ExpectAsync(s_alice, 1, 29);
        await store.RemoveBelowAsync("one.example", 6, 5, None); // in parts
        await store.RemoveBelowAsync("one.example", 6, 5, None);
        await ExpectAsync(s_alice, 6, 29);
        await ExpectAsync(s_bob, 6, 20);
        await store.RemoveAsync(s_bob, None);
        await ExpectAsync(s_bob, 1, 0);
        await store.AppendAsync([Make(s_bob, 1, "apple pie")], None);
        await ExpectAsync(s_bob, 1, 1);
        await ExecuteAsync(test, "DELETE FROM owner WHERE localpart = 'bob'"); // its rows go by their keys
        await ExpectAsync(s_bob, 1, 0);
        await ExpectAsync(s_alice, 6, 29);
        await test.ReopenAsync();
        await ExpectAsync(s_alice, 6, 29);

        async Task ExpectAsync(BareJid owner, int first, int last)
        {
            var page = await new SqlAccountArchiveStore(test.Database).QueryAsync(owner, new ArchiveQuery { Words = ["pple"] }, None);
            Assert.Equal(Enumerable.Range(first, last - first + 1).Select(id => (long)id), page!.Messages.Select(message => message.Id));
            await AssertSoundAsync(test);
        }
    }

    [Fact] // a search would be missing what was written before
    public async Task On_sqlite_a_build_that_was_cut_off_is_not_used_and_goes_on()
    {
        await using var test = await TestDatabase.CreateAsync();
        var store = new SqlAccountArchiveStore(test.Database);
        await FillAsync(store, 9000);
        var told = new List<string>();
        using var cut = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new TextIndexOperations(test.Database).CreateAsync(
            text =>
            {
                told.Add(text);
                cut.Cancel();
            },
            cut.Token));
        Assert.Equal(["archive_message: 2000 of 9000 messages"], told);
        Assert.Equal(TextIndexState.Unfinished, (await StatusAsync(test.Database))["archive_message"]);
        Assert.DoesNotContain(await PlanAsync(test, "brown"), UsesIndex);

        // Life goes on on both sides of where it was.
        await store.AppendAsync([Make(s_alice, 20_000, "brown bear"), Make(s_bob, 5, "brown bear")], None);
        await store.ReplaceAsync(s_alice, 1, "<message/>"u8.ToArray(), None);
        await store.ReplaceAsync(s_alice, 8000, "<message/>"u8.ToArray(), None);
        await test.ReopenAsync();
        store = new SqlAccountArchiveStore(test.Database);
        await Task.WhenAll(CreateAsync(test.Database, told), CreateAsync(test.Database)); // by two at once
        Assert.DoesNotContain("archive_message: 2000 of 9002 messages", told);
        Assert.Contains(await PlanAsync(test, "brown"), UsesIndex);
        await AssertSoundAsync(test);
        Assert.Equal([[2, 20_000], [], [7999]], await FindAsync(store, ["brown", "uninteresting 8000", "uninteresting 7999"]));
    }

    [Fact]
    public async Task On_sqlite_what_is_damaged_is_not_used_and_is_made_anew()
    {
        await using var test = await TestDatabase.CreateAsync();
        var store = new SqlAccountArchiveStore(test.Database);
        await FillAsync(store, 10);
        await CreateAsync(test.Database);
        await ExecuteAsync(test, "DROP TRIGGER archive_message_text_added");
        await store.AppendAsync([Make(s_alice, 11, "brown bear")], None);
        Assert.Equal(TextIndexState.Damaged, (await StatusAsync(test.Database))["archive_message"]);
        Assert.Equal([[1, 2, 11]], await FindAsync(store, ["brown"]));
        await CreateAsync(test.Database);
        Assert.Equal([[1, 2, 11]], await FindAsync(store, ["brown"]));
        Assert.Contains(await PlanAsync(test, "brown"), UsesIndex);
        await AssertSoundAsync(test);

        await ExecuteAsync(test, "DELETE FROM archive_message_text_data"); // what its pages held
        Assert.Equal([[1, 2, 11]], await FindAsync(store, ["brown"]));
        await new TextIndexOperations(test.Database).DropAsync(None);
        await CreateAsync(test.Database);
        await AssertSoundAsync(test);
    }

    [Theory, InlineData(40_000), InlineData((1L << 31) + 7), InlineData((1L << 44) + 11)] // their numbers are three characters in the index
    public async Task On_sqlite_owners_beyond_the_first_thousands_are_told_apart(long number)
    {
        await using var test = await TestDatabase.CreateAsync();
        await CreateAsync(test.Database);
        await ExecuteAsync(test, $"INSERT INTO owner (id, domain, localpart) VALUES ({number}, 'one.example', 'alice'), ({number + 1}, 'one.example', 'bob')");
        var store = new SqlAccountArchiveStore(test.Database);
        await store.AppendAsync([Make(s_alice, 1, "brown"), Make(s_bob, 1, "brown"), Make(s_bob, 2, "brown")], None);
        Assert.Contains(await PlanAsync(test, "brown"), UsesIndex);
        Assert.Equal([[1]], await FindAsync(store, ["brown"]));
        Assert.Equal([1, 2], (await store.QueryAsync(s_bob, new ArchiveQuery { Words = ["rown"] }, None))!.Messages.Select(message => message.Id));
        var looked = await test.Database.ReadAsync(
            async session =>
            {
                var filter = await test.Database.Dialect.TextIndex.FilterAsync(session, "archive_message", s_alice, ["brown"], None);
                return await session.QueryToListAsync<long>("SELECT rowid FROM archive_message_text WHERE archive_message_text MATCH @match", None, new DataParameter("match", filter!.Match));
            },
            None);
        Assert.Single(looked); // what others wrote is not even looked through
    }

    [Fact] // FTS5 knows messages by numbers of its own: SQLite may give rows other ones
    public async Task On_sqlite_it_outlives_a_vacuum()
    {
        await using var test = await TestDatabase.CreateAsync();
        var store = new SqlAccountArchiveStore(test.Database);
        await FillAsync(store, 500);
        await CreateAsync(test.Database);
        await store.RemoveBelowAsync("one.example", 2, 10, None);
        await test.Database.DisposeAsync();
        var copy = Path.Combine(test.Folder, "copy.db");
        await using (var file = new SqliteSession($"Data Source={test.Path};Pooling=False"))
        {
            file.Open();
            using var command = file.CreateCommand();
            command.CommandText = $"VACUUM; VACUUM INTO '{copy}'";
            command.ExecuteNonQuery();
        }

        await using var vacuumed = new SqliteDatabase(new SqliteOptions { Path = copy });
        Assert.Equal([[2], [400]], await FindAsync(new SqlAccountArchiveStore(vacuumed), ["brown", "uninteresting 400"]));
        await vacuumed.WriteAsync(async session => await session.ExecuteAsync("INSERT INTO archive_message_text (archive_message_text, rank) VALUES ('integrity-check', 1)"), None);
        test.Open();
    }

    [Fact]
    public async Task On_postgres_what_a_build_left_that_was_cut_off_is_noticed_and_mended()
    {
        await using var test = await Backend.Postgres.CreateOnServerAsync();
        var store = new SqlAccountArchiveStore(test.Database);
        await FillAsync(store, 7000);
        await ExecuteAsync(test, "CREATE EXTENSION pg_trgm");
        await ExecuteAsync(test, "CREATE EXTENSION btree_gin");
        await using (var held = await test.Database.OpenAsync(None))
        await using (var cut = await test.Database.OpenAsync(None))
        {
            await held.RunAsync("BEGIN; UPDATE archive_message SET flags = flags WHERE id = 1", None); // a build waits for who writes
            await cut.RunAsync("SET statement_timeout = 300", None);
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => cut.RunAsync("CREATE INDEX CONCURRENTLY archive_message_text ON archive_message USING gin (owner_id, search_text gin_trgm_ops)", None));
        }

        Assert.Equal(TextIndexState.Unfinished, (await StatusAsync(test.Database))["archive_message"]);
        Assert.DoesNotContain(await PlanAsync(test, "brown"), UsesIndex);
        var told = new List<string>();
        await CreateAsync(test.Database, told);
        Assert.Contains("archive_message: what was left half built is thrown away", told);
        Assert.Equal(TextIndexState.Ready, (await StatusAsync(test.Database))["archive_message"]);
        Assert.Contains(await PlanAsync(test, "brown"), UsesIndex);
    }

    [Fact] // a DROP behind a build would take away what was just made
    public async Task On_postgres_one_builds_at_a_time()
    {
        await using var test = await Backend.Postgres.CreateOnServerAsync();
        await using (var other = await test.Database.OpenAsync(None))
        {
            await other.RunAsync("SELECT pg_advisory_lock(21782074764714357)", None);
            Assert.Contains("Another process", (await Assert.ThrowsAsync<TextIndexException>(() => CreateAsync(test.Database))).Message);
            Assert.Contains("Another process", (await Assert.ThrowsAsync<TextIndexException>(() => new TextIndexOperations(test.Database).DropAsync(None))).Message);
        }

        await CreateAsync(test.Database);
    }

    [Fact]
    public async Task On_postgres_who_may_not_make_the_extensions_is_told_what_a_superuser_runs()
    {
        await using var owner = await Backend.Postgres.CreateOnServerAsync(migrated: false);
        var on = owner.Options.Connection;
        var user = $"plain_{Guid.NewGuid():N}"[..20];
        await ExecuteAsync(owner, $"CREATE ROLE {user} LOGIN PASSWORD 'plain'");
        await ExecuteAsync(owner, $"GRANT ALL ON SCHEMA public TO {user}");
        var options = owner.Options with { Connection = on with { Username = user, Password = "plain" } };
        await ServerTestDatabase.MigrateAsync(options);
        await using var database = ServerTestDatabase.Open(options);
        var refused = (await Assert.ThrowsAsync<TextIndexException>(() => CreateAsync(database))).Message;
        Assert.Contains($"in the database \"{on.Database}\"", refused);
        foreach (var statement in refused[refused.IndexOf("CREATE EXTENSION", StringComparison.Ordinal)..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            await ExecuteAsync(owner, statement);
        }

        await CreateAsync(database);
        Assert.All((await StatusAsync(database)).Values, state => Assert.Equal(TextIndexState.Ready, state));
    }

    [Fact]
    public async Task MariaDB_has_none_and_says_so()
    {
        await using var test = await Backend.MariaDb.CreateOnServerAsync(isReusable: true);
        Assert.Contains("MariaDB has no index that finds parts of words", (await Assert.ThrowsAsync<TextIndexException>(() => CreateAsync(test.Database))).Message);
        Assert.All((await StatusAsync(test.Database)).Values, state => Assert.Equal(TextIndexState.Absent, state));
        await new TextIndexOperations(test.Database).DropAsync(None);
    }

    private static bool UsesIndex(string line) =>
        line.Contains("archive_message_text", StringComparison.Ordinal) || line.Contains("VIRTUAL TABLE INDEX", StringComparison.Ordinal);

    private static async Task<List<string>> PlanAsync(ITestDatabase test, string word)
    {
        var sql = new ArchiveSql("archive_message");
        return await test.Database.ReadAsync(
            async session =>
            {
                var parameters = new List<DataParameter>(ArchiveSql.OwnerOf(s_alice));
                var filter = await test.Database.Dialect.TextIndex.FilterAsync(session, sql.Table, s_alice, [word], None);
                var explained = $"EXPLAIN {(test is TestDatabase ? "QUERY PLAN " : "")}{sql.Page(new ArchiveQuery { Words = [word] }, filter, parameters)}";
                await using var reader = await session.ExecuteReaderAsync(explained, None, [.. parameters]);
                var lines = new List<string>();
                while (await reader.Reader!.ReadAsync(None))
                {
                    lines.Add(string.Join(' ', Enumerable.Range(0, reader.Reader.FieldCount).Select(column => reader.Reader.GetValue(column).ToString())));
                }

                return lines;
            },
            None);
    }

    // FTS5 compares itself with the messages.
    private static async Task AssertSoundAsync(ITestDatabase test)
    {
        if (test is TestDatabase)
        {
            await ExecuteAsync(test, "INSERT INTO archive_message_text (archive_message_text, rank) VALUES ('integrity-check', 1)");
            var counts = await test.Database.ReadAsync(
                async session => await session.QueryToListAsync<long>("SELECT COUNT(*) FROM archive_message_text_key UNION ALL SELECT COUNT(*) FROM archive_message WHERE search_text IS NOT NULL", None), None);
            Assert.Equal(counts[0], counts[1]);
        }
    }

    private static Task FillAsync(SqlAccountArchiveStore store, int count) =>
        store.AppendAsync(
            [
                Make(s_alice, 1, "The quick, BROWN fox"), Make(s_alice, 2, "a brown dog; 100 times"), Make(s_alice, 3, "Straße über Ωmega 日本語"),
                .. Enumerable.Range(4, count - 3).Select(id => Make(s_alice, id, $"uninteresting {id}")),
            ],
            None).AsTask();

    private static async Task<long[][]> FindAsync(SqlAccountArchiveStore store, string[] searches)
    {
        var found = new List<long[]>();
        foreach (var search in searches)
        {
            var page = await store.QueryAsync(s_alice, new ArchiveQuery { Words = ArchiveText.Words(search) }, None);
            found.Add([.. page!.Messages.Select(message => message.Id)]);
        }

        return [.. found];
    }

    private static Task CreateAsync(SqlDatabase database, List<string>? told = null) => new TextIndexOperations(database).CreateAsync(text => told?.Add(text), None);

    private static Task<IReadOnlyDictionary<string, TextIndexState>> StatusAsync(SqlDatabase database) => new TextIndexOperations(database).StatusAsync(None);

    private static async Task ExecuteAsync(ITestDatabase test, string sql) => await test.Database.WriteAsync(async session => await session.ExecuteAsync(sql, None), None);

    private static ArchiveEntry Make(BareJid owner, long id, string text) =>
        new(owner, new ArchivedMessage(id, s_bob, Encoding.UTF8.GetBytes("<message/>")) { Remote = s_bob, SearchText = ArchiveText.Normalise(text) });
}
