using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Meerkat.Connections.Http;

/// <summary>Accepts no more connections than an address may have: the surplus waits in the backlog (CORE-006), where Kestrel's own limit would accept it and close it.</summary>
/// <param name="inner">Listens.</param>
/// <param name="limits">How many connections an address may have, by address and port; one that is not there has no limit.</param>
internal sealed class BoundedListenerFactory(IConnectionListenerFactory inner, IReadOnlyDictionary<EndPoint, int> limits) : IConnectionListenerFactory
{
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await inner.BindAsync(endpoint, cancellationToken);
        return limits.TryGetValue(endpoint, out var limit) ? new Bounded(listener, limit) : listener;
    }

    private sealed class Bounded(IConnectionListener listener, int limit) : IConnectionListener
    {
        private readonly SemaphoreSlim _places = new(limit);

        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            await _places.WaitAsync(cancellationToken);
            if (await listener.AcceptAsync(cancellationToken) is not { } connection)
            {
                return null;
            }

            connection.ConnectionClosed.Register(static places => ((SemaphoreSlim)places!).Release(), _places);
            return connection;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync(); // the semaphore lives as long as the last connection
    }
}
