using System.Net.Sockets;

namespace Meerkat.Testing.Databases;

/// <summary>Redis, as Debian has it. It asks for a password, and keeps nothing over a restart unless it is told to.</summary>
public sealed class RedisProcess : DatabaseProcess
{
    public const string Account = "meerkat";
    public const string Password = "Open-Sesame-42";

    private static readonly string? s_server = Find("/usr/bin/redis-server", "/usr/local/bin/redis-server");

    private readonly bool _keeps;

    private RedisProcess(bool keeps)
        : base("redis") => _keeps = keeps;

    /// <summary>Why there can be none; null when there can.</summary>
    public static string? Missing => s_server is null ? "Redis is not installed (Debian: redis-server)" : null;

    /// <summary>Who signed its certificate; null where it has no TLS.</summary>
    public TestAuthority? Authority { get; private set; }

    protected override int StopSignal => 15;

    protected override string User => "redis";

    /// <summary>A new one, started.</summary>
    /// <param name="tls">Whether it speaks TLS, and nothing else.</param>
    /// <param name="keeps">Whether what it has outlives its end.</param>
    public static async Task<RedisProcess> CreateAsync(bool tls = false, bool keeps = false)
    {
        var server = new RedisProcess(keeps);
        server.Authority = tls ? new TestAuthority(server.Folder) : null;
        await server.GiveFolderToUserAsync();
        await server.StartAsync();
        return server;
    }

    protected override string[] ServerCommand() =>
    [
        s_server!, "--dir", Folder, "--bind", "127.0.0.1", "--databases", "1000", "--save", "", "--appendonly", _keeps ? "yes" : "no", "--requirepass", Password, "--user", Account, "on", $">{Password}", "~*", "+@all",
        .. Authority is null
            ? (string[])["--port", $"{Port}"]
            : ["--port", "0", "--tls-port", $"{Port}", "--tls-cert-file", Authority.CertificateFile, "--tls-key-file", Authority.KeyFile, "--tls-ca-cert-file", Authority.CaFile, "--tls-auth-clients", "no"],
    ];

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
}
