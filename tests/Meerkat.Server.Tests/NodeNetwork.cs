using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Meerkat.Testing;

namespace Meerkat.Server.Tests;

/// <summary>Machines as the network sees them: network namespaces with an address each, joined by a bridge that this process is on too. A cable can be pulled and put back. Gone when it is disposed of.</summary>
internal sealed class NodeNetwork : IAsyncDisposable
{
    /// <summary>Where all the addresses are: kept for measurements of devices (RFC 2544), in nobody's network.</summary>
    public const string Range = "198.18.0.0/16";

    private const int NewNet = 0x40000000; // CLONE_NEWNET

    private static readonly string[] s_programs = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"];

    private static int s_networks;

    // Of its own: what another one had is taken away some time after it was told to.
    private readonly string _name = $"mk{Environment.ProcessId}{(char)('a' + (Interlocked.Increment(ref s_networks) % 26))}";
    private readonly string _subnet;
    private readonly List<string> _namespaces = [];

    private NodeNetwork(string subnet) => _subnet = subnet;

    /// <summary>Why there can be none; null when there can.</summary>
    public static string? Missing =>
        !s_programs.Any(File.Exists) ? "ip is not installed (Debian: iproute2)"
        : !File.Exists("/usr/bin/nsenter") ? "nsenter is not installed (Debian: util-linux)"
        : Environment.UserName != "root" ? "network namespaces want the rights of root"
        : null;

    /// <summary>Where this process is.</summary>
    public IPAddress Outside => IPAddress.Parse($"{_subnet}.254");

    /// <summary>Makes machines, and joins them.</summary>
    /// <param name="count">How many.</param>
    public static async Task<NodeNetwork> CreateAsync(int count)
    {
        var network = new NodeNetwork(FreeSubnet());
        try
        {
            await network.MakeAsync(count);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a machine.</summary>
    /// <param name="machine">Its number, from 0.</param>
    public IPAddress Address(int machine) => IPAddress.Parse($"{_subnet}.{machine + 1}");

    /// <summary>What a command begins with that is to run on a machine.</summary>
    public IReadOnlyList<string> On(int machine) => ["/usr/bin/nsenter", $"--net=/run/netns/{_namespaces[machine]}", "--"];

    /// <summary>Pulls a machine's cable: what is under way is lost, and nobody is told.</summary>
    public Task CutAsync(int machine) => IpAsync("link", "set", Port(machine), "down");

    /// <summary>Puts it back.</summary>
    public Task HealAsync(int machine) => IpAsync("link", "set", Port(machine), "up");

    /// <summary>A client on the machine itself: whatever becomes of the cable, it reaches what runs there.</summary>
    public async Task<TestClient> ConnectOnAsync(int machine, IPEndPoint to, string domain)
    {
        // A socket belongs to where the thread that made it was, for good.
        Socket? socket = null;
        var thread = new Thread(() =>
        {
            using var place = File.OpenHandle($"/run/netns/{_namespaces[machine]}");
            socket = SetNs(place, NewNet) == 0 ? new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true } : null;
        });
        thread.IsBackground = true;
        thread.Start();
        await Task.Run(thread.Join);
        return await TestClient.ConnectAsync(socket ?? throw new InvalidOperationException($"no way into {_namespaces[machine]}"), to, domain);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var there = NetworkInterface.GetAllNetworkInterfaces().Select(known => known.Name).ToHashSet();
        foreach (var link in Enumerable.Range(0, _namespaces.Count).Select(Port).Append(_name).Where(there.Contains))
        {
            await IpAsync("link", "del", link);
        }

        foreach (var name in _namespaces)
        {
            await IpAsync("netns", "del", name);
        }
    }

    private async Task MakeAsync(int count)
    {
        await IpAsync("link", "add", _name, "type", "bridge");
        await IpAsync("address", "add", $"{Outside}/24", "dev", _name);
        await IpAsync("link", "set", _name, "up");
        for (var machine = 0; machine < count; machine++)
        {
            var name = $"{_name}-{machine}";
            await IpAsync("netns", "add", name);
            _namespaces.Add(name);
            await IpAsync("link", "add", Port(machine), "type", "veth", "peer", "name", "eth0", "netns", name);
            await IpAsync("link", "set", Port(machine), "master", _name, "up");
            await IpAsync("-n", name, "address", "add", $"{Address(machine)}/24", "dev", "eth0");
            await IpAsync("-n", name, "link", "set", "eth0", "up");
            await IpAsync("-n", name, "link", "set", "lo", "up");
        }
    }

    private string Port(int machine) => $"{_name}v{machine}";

    private static string FreeSubnet()
    {
        var taken = NetworkInterface.GetAllNetworkInterfaces().SelectMany(known => known.GetIPProperties().UnicastAddresses).Select(known => known.Address.ToString()).ToList();
        return Enumerable.Range(1, 250).Select(number => $"198.18.{number}").First(subnet => !taken.Any(address => address.StartsWith(subnet + '.', StringComparison.Ordinal)));
    }

    private static async Task IpAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(s_programs.First(File.Exists), arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)} ended with {process.ExitCode}: {said}");
        }
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNs(Microsoft.Win32.SafeHandles.SafeFileHandle place, int kind);
}
