using System.Net;
using System.Net.Sockets;

namespace Meerkat.Connections;

/// <summary>The socket that a listener accepts on.</summary>
internal static class ListenSocket
{
    /// <summary>Binds a port, of one version of IP (CONF-066): a listener of version 6 on all addresses leaves those of version 4 to another one.</summary>
    /// <param name="endPoint">Address and port.</param>
    /// <param name="reusePort">Whether others may bind the same (CONF-075).</param>
    /// <exception cref="SocketException">It cannot be bound.</exception>
    public static Socket Bind(EndPoint endPoint, bool reusePort = false)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily is AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            if (reusePort)
            {
                socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1)); // SO_REUSEPORT has to be set before the port is bound
            }

            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
