using System.ComponentModel.DataAnnotations;
using Meerkat.Connections.Clients;
using Meerkat.Connections.Http;
using Meerkat.Core.Configuration;

namespace Meerkat.Connections;

/// <summary>Where the server listens: the <c>[listen]</c> section. There are no listeners but those that it names.</summary>
public sealed record ListenOptions : IValidatableObject
{
    /// <summary><c>c2s</c>: listeners for clients over TCP.</summary>
    public IReadOnlyList<ClientListenerOptions> C2s { get; init; } = [];

    /// <summary><c>http</c>: listeners for HTTP and WebSocket.</summary>
    public IReadOnlyList<HttpListenerOptions> Http { get; init; } = [];

    /// <summary>No two listeners on one port, address and protocol (CONF-023). Any number may take port 0.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var seen = new Dictionary<(int, System.Net.IPAddress, ListenerProtocol), ListenerOptions>();
        foreach (var listener in C2s.Cast<ListenerOptions>().Concat(Http).Where(l => l.Port != 0))
        {
            var kind = listener is HttpListenerOptions ? nameof(Http) : nameof(C2s);
            if (!seen.TryAdd((listener.Port, listener.EndPoint.Address, listener.Proto), listener))
            {
                yield return new ConfigRule(
                    $"listens on {listener.EndPoint}, as the listener at {seen[(listener.Port, listener.EndPoint.Address, listener.Proto)].Position} does",
                    kind,
                    "duplicate_listeners") { Position = listener.Position };
            }
        }
    }
}
