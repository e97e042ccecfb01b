using System.Text;
using System.Text.RegularExpressions;
using LinqToDB.Data;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Mam;

/// <summary>The index over texts that an operator of PostgreSQL may make (decision 5): the statements of the documentation, as they stand there.</summary>
public sealed partial class TextIndexTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid s_bob = BareJid.Parse("bob@one.example");

    [Fact] // MAM-041: parts of words are found with it as without
    public async Task The_search_uses_it_and_finds_the_same()
    {
        await using var test = await Backend.Postgres.CreateAsync();
        var store = new SqlAccountArchiveStore(test.Database);
        await store.AppendAsync([Make(1, "The quick, BROWN fox"), Make(2, "a brown dog; 100 times"), Make(3, "Straße über Ωmega 日本語")], None);
        await ExecuteAsync(
            test,
            "INSERT INTO archive_message (owner_id, id, remote, remote_hash, flags, search_text, xml) SELECT owner_id, g, remote, remote_hash, flags, 'nothing of interest ' || md5(g::text), xml FROM archive_message, generate_series(10, 8000) g WHERE id = 1");
        string[] searches = ["brown", "row", "fox quick", "dog", "ß", "über ΩMEGA", "日本語", "brown cat"];
        var before = await FindAsync(store, searches);
        foreach (var statement in Statements())
        {
            await ExecuteAsync(test, statement);
        }

        await ExecuteAsync(test, "ANALYZE archive_message");
        Assert.Equal(before, await FindAsync(store, searches));
        Assert.Equal([[1, 2], [1, 2], [1], [2], [3], [3], [3], []], before);

        var parameters = new List<DataParameter>(ArchiveSql.OwnerOf(s_alice));
        var page = new ArchiveSql("archive_message").Page(new ArchiveQuery { Words = ["brown"] }, parameters);
        var plan = await test.Database.ReadAsync(async session => await session.QueryToListAsync<string>($"EXPLAIN {page}", None, [.. parameters]), None);
        Assert.Contains(plan, line => line.Contains("archive_message_text", StringComparison.Ordinal));
    }

    // CONCURRENTLY stands in no transaction: here nobody is disturbed.
    private static string[] Statements()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "modules", "mod_mam.md"));
        var statements = SqlBlock().Match(page).Groups[1].Value.Replace(" CONCURRENTLY", "", StringComparison.Ordinal).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.True(statements.Length >= 3);
        return statements;
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Meerkat.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

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

    private static async Task ExecuteAsync(ITestDatabase test, string sql) => await test.Database.WriteAsync(async session => await session.ExecuteAsync(sql, None), None);

    private static ArchiveEntry Make(long id, string text) =>
        new(s_alice, new ArchivedMessage(id, s_bob, Encoding.UTF8.GetBytes("<message/>")) { Remote = s_bob, SearchText = ArchiveText.Normalise(text) });

    [GeneratedRegex("```sql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex SqlBlock();
}
