using System.Net;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Client;

internal enum TlsMode
{
    None,
    Direct,
    StartTls,
}

/// <summary>
/// The server under load, how its accounts log in, and the database that it uses, which is measured apart (0: none). Where it is two nodes of a cluster, every other user is on the second one, and what
/// both use is added.
/// </summary>
internal sealed record Target(
    string Server, string Domain, IPEndPoint Address, TlsMode Tls, string Mechanism, string Prefix, string Password, int ServerProcess, int Round, int DatabaseProcess,
    IPEndPoint? SecondNode, int SecondProcess)
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
        args.Number("database-pid", 0),
        args.Number("second-port", 0) is > 0 and var second ? new(IPAddress.Parse(args.Text("address", "127.0.0.1")), second) : null,
        args.Number("second-pid", 0));

    /// <summary>Processor time of the server's processes since each began.</summary>
    public TimeSpan Cpu() => ProcessTree.Cpu(ServerProcess) + (SecondProcess > 0 ? ProcessTree.Cpu(SecondProcess) : TimeSpan.Zero);

    /// <summary>Where a user connects.</summary>
    public IPEndPoint AddressOf(int user) => SecondNode is { } second && user % 2 == 1 ? second : Address;

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
