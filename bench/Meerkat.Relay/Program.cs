using System.Net;
using System.Runtime.InteropServices;
using Meerkat.Relay;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

// The floor of bench/compare: what .NET and the kernel cost when nothing of XMPP is done. Usage: Meerkat.Relay PORT
if (args is not [var portText] || !ushort.TryParse(portText, out var port))
{
    Console.Error.WriteLine("usage: Meerkat.Relay PORT");
    return 2;
}

var transport = new SocketTransportOptions { Backlog = 4096 };
var factory = new SocketTransportFactory(Options.Create(transport), NullLoggerFactory.Instance);
var listener = await factory.BindAsync(new IPEndPoint(IPAddress.Loopback, port));
Console.WriteLine($"relay: listening on 127.0.0.1:{port}");

using var stop = new CancellationTokenSource();
using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

var directory = new RelayDirectory();
try
{
    while (await listener.AcceptAsync(stop.Token) is { } connection)
    {
        _ = new RelayConnection(connection, directory).RunAsync();
    }
}
catch (OperationCanceledException)
{
    // The signal: nothing to save.
}

return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
