using Meerkat.Core.Routing;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Disco;

/// <summary>Answers service discovery for a service on a subdomain (<see cref="IService"/>), which says what it is and what it has.</summary>
/// <param name="module">Key of the service's module, for the contact addresses.</param>
/// <param name="info">What the service is and can do; the features of service discovery itself are added.</param>
/// <param name="disco">The host type's service discovery; null when it has none, then contact addresses are left out.</param>
public sealed class ServiceDisco(string module, DiscoInfo info, IDisco? disco)
{
    private readonly DiscoInfo _info = info.With(new DiscoInfo([], [Ns.DiscoInfo, Ns.DiscoItems])
    {
        Forms = disco?.ContactAddresses(module) is { } form ? [form] : [],
    });

    /// <summary>Answers a request to the service itself, if it is one of service discovery.</summary>
    /// <param name="iq">A stanza to the service's domain.</param>
    /// <param name="items">The service's items; none where it has none.</param>
    /// <returns>The answer to route; null when this is no such request.</returns>
    public Iq? TryAnswer(Iq iq, params IEnumerable<DiscoItem> items)
    {
        if (iq is not { IsRequest: true, Payload: { } payload } || !payload.Is("query", payload.Namespace) || payload.Namespace is not (Ns.DiscoInfo or Ns.DiscoItems))
        {
            return null;
        }

        if (iq.Type is IqType.Set)
        {
            return (Iq?)StanzaReplies.ErrorFor(iq, StanzaError.NotAllowed());
        }

        if (payload.Attribute("node") is { Length: > 0 })
        {
            return (Iq?)StanzaReplies.ErrorFor(iq, StanzaError.ItemNotFound());
        }

        return Iq.Result(iq, payload.Namespace is Ns.DiscoInfo ? _info.ToXml() : DiscoItem.ToXml(items));
    }
}
