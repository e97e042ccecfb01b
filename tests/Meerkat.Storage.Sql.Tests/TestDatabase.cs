using LinqToDB;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Sqlite;

namespace Meerkat.Storage.Sql.Tests;

/// <summary>A fresh SQLite file in a folder of its own, gone after the test.</summary>
internal sealed class TestDatabase : ITestDatabase
{
    private TestDatabase()
    {
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("meerkat-sql-").FullName;

    public string Path => System.IO.Path.Combine(Folder, "meerkat.db");

    public SqliteDatabase Database { get; private set; } = null!;

    SqlDatabase ITestDatabase.Database => Database;

    public static async Task<TestDatabase> CreateAsync(Func<SqliteOptions, SqliteOptions>? with = null, TimeProvider? time = null)
    {
        var test = new TestDatabase();
        test.Open(with, time);
        await new DatabaseOperations(test.Database).MigrateAsync(CancellationToken.None);
        return test;
    }

    /// <summary>A file without any table.</summary>
    public static TestDatabase CreateEmpty()
    {
        var test = new TestDatabase();
        test.Open();
        return test;
    }

    public void Open(Func<SqliteOptions, SqliteOptions>? with = null, TimeProvider? time = null)
    {
        var options = new SqliteOptions { Path = Path };
        Database = new SqliteDatabase(with?.Invoke(options) ?? options, time);
    }

    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Open();
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>A table for tests of the machinery, which no feature owns.</summary>
[Table("note")]
internal sealed class Note
{
    [Column("id"), PrimaryKey]
    public long Id { get; init; }

    [Column("text")]
    public string Text { get; init; } = "";

    public static ValueTask<int> CreateTableAsync(SqlDatabase database) =>
        database.WriteAsync(async session => await session.ExecuteAsync("CREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"), CancellationToken.None);

    public static ValueTask<int> AddAsync(SqlDatabase database, long id, string text = "") =>
        database.WriteAsync(session => AddAsync(session, id, text), CancellationToken.None);

    public static async ValueTask<int> AddAsync(SqlSession session, long id, string text = "") =>
        await session.InsertAsync(new Note { Id = id, Text = text });

    public static ValueTask<List<long>> IdsAsync(SqlDatabase database) =>
        database.ReadAsync(session => ValueTask.FromResult(session.GetTable<Note>().Select(n => n.Id).OrderBy(n => n).ToList()), CancellationToken.None);
}
