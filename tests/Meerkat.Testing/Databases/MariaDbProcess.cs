using System.Net.Sockets;

namespace Meerkat.Testing.Databases;

/// <summary>MariaDB, as Debian has it. It asks for a password, as a real one does.</summary>
public sealed class MariaDbProcess : DatabaseProcess
{
    public const string Password = "Open-Sesame-42";

    private static readonly string? s_server = Find("/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/usr/libexec/mariadbd");
    private static readonly string? s_installer = Find("/usr/bin/mariadb-install-db", "/usr/local/bin/mariadb-install-db");

    private readonly bool _durable;

    private MariaDbProcess(bool durable)
        : base("mariadb") => _durable = durable;

    /// <summary>Why there can be none; null when there can.</summary>
    public static string? Missing => s_server is null || s_installer is null ? "MariaDB is not installed (Debian: mariadb-server)" : null;

    /// <summary>Who signed its certificate; null where it has no TLS.</summary>
    public TestAuthority? Authority { get; private set; }

    protected override int StopSignal => 15;

    protected override string User => "mysql";

    /// <inheritdoc cref="PostgresProcess.CreateAsync"/>
    public static async Task<MariaDbProcess> CreateAsync(bool durable = false, bool tls = false)
    {
        var server = new MariaDbProcess(durable);
        server.Authority = tls ? new TestAuthority(server.Folder) : null;
        await server.CopyDataAsync("mariadb", data => [s_installer!, "--no-defaults", $"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-use-native-aio=0"]);
        await File.WriteAllTextAsync(server.InitFile, $"CREATE USER IF NOT EXISTS 'meerkat'@'%' IDENTIFIED BY '{Password}';\nGRANT ALL ON *.* TO 'meerkat'@'%' WITH GRANT OPTION;\n");
        await server.GiveFolderToUserAsync();
        await server.StartAsync();
        return server;
    }

    // latin1: the tables must bring their own character set.
    protected override string[] ServerCommand() =>
    [
        s_server!, "--no-defaults", $"--datadir={Data}", $"--port={Port}", "--bind-address=127.0.0.1", $"--socket={Path.Combine(Folder, "socket")}", $"--pid-file={Path.Combine(Folder, "pid")}",
        $"--init-file={InitFile}", "--skip-name-resolve", "--max-connections=300", "--innodb-buffer-pool-size=64M", "--character-set-server=latin1", "--innodb-use-native-aio=0",
        .. Authority is null ? (string[])[] : [$"--ssl-cert={Authority.CertificateFile}", $"--ssl-key={Authority.KeyFile}"],
        .. _durable ? (string[])[] : ["--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--innodb-doublewrite=0"],
    ];

    // It listens once it has recovered.
    protected override async Task<bool> IsReadyAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string InitFile => Path.Combine(Folder, "init.sql");
}
