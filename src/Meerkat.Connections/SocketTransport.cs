using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections;

/// <summary>Kestrel's transport over sockets, with the blocks of <see cref="BlockPool"/>.</summary>
internal static class SocketTransport
{
    /// <summary>Makes what binds ports.</summary>
    /// <param name="configure">Sets the transport's options.</param>
    /// <param name="loggers">Loggers.</param>
    // Its options take a pool from the container of services alone.
    public static IConnectionListenerFactory Create(Action<SocketTransportOptions> configure, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(BlockPool.Shared);
        builder.WebHost.UseSockets(configure);
        return builder.Services.BuildServiceProvider().GetRequiredService<IConnectionListenerFactory>();
    }
}
