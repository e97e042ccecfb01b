namespace Meerkat.Testing.Databases;

/// <summary>PostgreSQL, as Debian has it. It asks for a password, as a real one does.</summary>
public sealed class PostgresProcess : DatabaseProcess
{
    public const string Password = "Open-Sesame-42";

    private static readonly string? s_programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderBy(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0).Select(folder => Path.Combine(folder, "bin")).LastOrDefault()
        : null;

    private readonly bool _durable;

    private readonly string _addresses;

    private PostgresProcess(bool durable, string? address)
        : base("postgres") => (_durable, _addresses) = (durable, address is null ? "127.0.0.1" : $"127.0.0.1,{address}");

    /// <summary>Why there can be none; null when there can.</summary>
    public static string? Missing => s_programs is null || Find(Path.Combine(s_programs, "postgres")) is null ? "PostgreSQL is not installed (Debian: postgresql)" : null;

    /// <summary>Who signed its certificate; null where it has no TLS.</summary>
    public TestAuthority? Authority { get; private set; }

    protected override int StopSignal => 2; // without waiting for clients

    protected override string User => "postgres";

    /// <summary>A new one, started.</summary>
    /// <param name="durable">Whether a commit waits for the disk; tests that end neither the machine nor its kernel need not.</param>
    /// <param name="tls">Whether it offers TLS.</param>
    /// <param name="address">Where else than on loopback it listens, for its own networks; null for nowhere.</param>
    public static async Task<PostgresProcess> CreateAsync(bool durable = false, bool tls = false, string? address = null)
    {
        var server = new PostgresProcess(durable, address);
        server.Authority = tls ? new TestAuthority(server.Folder) : null;
        await server.CopyDataAsync("postgres", data =>
        {
            var password = data + ".password";
            File.WriteAllText(password, Password);
            return [Path.Combine(s_programs!, "initdb"), "-D", data, "-U", "meerkat", "--pwfile", password, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        });
        if (address is not null)
        {
            await File.AppendAllTextAsync(Path.Combine(server.Data, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
        }

        await server.GiveFolderToUserAsync();
        await server.StartAsync();
        return server;
    }

    protected override string[] ServerCommand() =>
    [
        Path.Combine(s_programs!, "postgres"), "-D", Data, "-p", $"{Port}", "-k", Folder, "-c", $"listen_addresses={_addresses}", "-c", "max_connections=300", "-c", "shared_buffers=32MB",
        .. Authority is null ? (string[])[] : ["-c", "ssl=on", "-c", $"ssl_cert_file={Authority.CertificateFile}", "-c", $"ssl_key_file={Authority.KeyFile}"],
        .. _durable ? (string[])[] : ["-c", "fsync=off", "-c", "full_page_writes=off"],
    ];

    protected override Task<bool> IsReadyAsync() => SucceedsAsync(Path.Combine(s_programs!, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", $"{Port}", "-d", "postgres");
}
