using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Meerkat.Testing;

/// <summary>Ports of this machine for programs that cannot be told to take any. Safe for concurrent use.</summary>
public static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> s_given = new();

    /// <summary>A port of the loopback on which nobody listens; never one twice: the system may give out again what was closed a moment ago.</summary>
    public static int Next()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (s_given.TryAdd(port, true))
            {
                return port;
            }
        }
    }
}
