using System.Net;

namespace Meerkat.Load.Client;

internal enum TlsMode
{
    None,
    Direct,
    StartTls,
}

/// <summary>The server under load, how its accounts log in, and the database that it uses, which is measured apart (0: none).</summary>
internal sealed record Target(
    string Server, string Domain, IPEndPoint Address, TlsMode Tls, string Mechanism, string Prefix, string Password, int ServerProcess, int Round, int DatabaseProcess)
{
    public static Target From(LoadArguments args) => new(
        args.Text("server", "server"),
        args.Text("domain", "localhost"),
        new(IPAddress.Parse(args.Text("address", "127.0.0.1")), args.Number("port", 5222)),
        args.Text("tls", "none") switch
        {
            "none" => TlsMode.None,
            "direct" => TlsMode.Direct,
            "starttls" => TlsMode.StartTls,
            var other => throw new ArgumentException($"--tls {other}: none, direct or starttls"),
        },
        args.Text("mechanism", "SCRAM-SHA-1"),
        args.Text("prefix", "u"),
        args.Text("password", "secret"),
        args.Number("pid", 0),
        args.Number("round", 1),
        args.Number("database-pid", 0));

    public string Localpart(int user) => $"{Prefix}{user}";

    /// <summary>
    /// Where the next connection comes from: 200 addresses of 127.0.0.0/8, so that neither ports nor limits per address run out.
    /// </summary>
    public static IPEndPoint Source(int connection)
    {
        var address = (uint)connection % 200;
        return new(new IPAddress([127, 0, (byte)(1 + (address / 50)), (byte)(1 + (address % 50))]), 0);
    }
}
