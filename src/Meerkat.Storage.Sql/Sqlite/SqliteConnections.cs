using Microsoft.Data.Sqlite;

namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>Opens connections with the settings that durability and concurrency rest on.</summary>
internal sealed class SqliteConnections(SqliteOptions options)
{
    // No pooling by the driver: the database keeps its own connections, each with its prepared statements.
    public string ConnectionString { get; } = new SqliteConnectionStringBuilder
    {
        DataSource = options.Path,
        Pooling = false,
        ForeignKeys = true,
        DefaultTimeout = (int)Math.Ceiling(options.BusyTimeout.TotalSeconds),
    }.ConnectionString;

    /// <summary>The one connection that writes. WAL, so that readers are not disturbed; FULL, so that a commit is on the disk when it returns, also when the power fails.</summary>
    public SqliteSession OpenWriter() => Open("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;");

    public SqliteSession OpenReader() => Open("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;");

    /// <summary>Makes the folder and the file, for nobody else to read: there are password keys in it.</summary>
    public void CreateFile()
    {
        var path = Path.GetFullPath(options.Path);
        if (File.Exists(path))
        {
            return;
        }

        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var made = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, // SQLite gives -wal and -shm the same mode
        });
    }

    private SqliteSession Open(string pragmas)
    {
        var connection = new SqliteSession(ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}; {pragmas}";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
