using System.Net;

namespace Meerkat.Core.Streams;

/// <summary>Which addresses no client stream is opened for (CORE-012): whoever keeps such a list adds it here.</summary>
/// <remarks>Asked before anything is read or sent; behind a proxy with the address that its header tells. Safe for concurrent use.</remarks>
public sealed class AddressFilters
{
    private readonly Lock _gate = new();
    private volatile Func<IPAddress, bool>[] _filters = [];

    /// <summary>Adds a list.</summary>
    /// <param name="refuses">Whether an address is on it. Quick and synchronous; an IPv4 address comes as such.</param>
    /// <returns>Takes the list away again when it is disposed.</returns>
    public IDisposable Add(Func<IPAddress, bool> refuses)
    {
        lock (_gate)
        {
            _filters = [.. _filters, refuses];
        }

        return new Entry(this, refuses);
    }

    /// <summary>Whether some list has the address; the connection is closed without a word then. An unknown address is on none.</summary>
    public bool Refuses(IPAddress? address)
    {
        if (address is null || _filters is not { Length: > 0 } filters)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(filters, refuses => refuses(plain));
    }

    private sealed class Entry(AddressFilters filters, Func<IPAddress, bool> refuses) : IDisposable
    {
        public void Dispose()
        {
            lock (filters._gate)
            {
                filters._filters = [.. filters._filters.Where(filter => filter != refuses)];
            }
        }
    }
}
