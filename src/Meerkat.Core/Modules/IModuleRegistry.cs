using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Http;
using Meerkat.Core.Portability;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Core.Streams;
using Meerkat.Xml;

namespace Meerkat.Core.Modules;

/// <summary>When a stream feature is announced.</summary>
[Flags]
public enum FeaturePhase
{
    /// <summary>Before authentication.</summary>
    BeforeAuthentication = 1,

    /// <summary>After authentication, before a resource is bound.</summary>
    AfterAuthentication = 2,

    /// <summary>Both (CORE-061).</summary>
    Both = BeforeAuthentication | AfterAuthentication,
}

/// <summary>Where a module says what it offers to its host type. Used during <see cref="IModule.Register"/> only.</summary>
public interface IModuleRegistry
{
    /// <summary>Announces a feature of the server's domain (XEP-0030). IQ namespaces that a handler serves on the domain are announced without asking (DSC-005).</summary>
    void Feature(string feature);

    /// <summary>Announces a feature of accounts (bare JIDs).</summary>
    void AccountFeature(string feature);

    /// <summary>Offers a stream feature.</summary>
    /// <param name="phase">When it is announced.</param>
    /// <param name="make">The feature for one stream; null leaves it out there.</param>
    void StreamFeature(FeaturePhase phase, Func<ClientStream, XmlElement?> make);

    /// <summary>Serves IQ requests.</summary>
    /// <param name="ns">Namespace of the payload.</param>
    /// <param name="name">Local name of the payload; null serves every name in the namespace.</param>
    /// <param name="target">Which addresses are served and who may ask: the check is made for the module.</param>
    /// <param name="handler">Answers.</param>
    void Iq(string ns, string? name, IqTarget target, IqHandler handler);

    /// <summary>Serves IQ requests of a client that has not authenticated yet (in-band registration).</summary>
    void StreamIq(string ns, StreamIqHandler handler);

    /// <summary>Handles the top-level elements of a namespace that are no stanzas (stream management, client state).</summary>
    void Nonza(string ns, NonzaHandler handler);

    /// <summary>Takes part in a hook.</summary>
    void Hook<TContext, TSlot>(Hook<TContext, TSlot> hook, TSlot slot, HookHandler<TContext> handler)
        where TSlot : struct, Enum;

    /// <summary>Filters stanzas on their way to a session. Synchronous and quick: it is on the road of every stanza.</summary>
    void FilterDelivery(DeliverySlot slot, DeliveryFilter filter);

    /// <summary>Filters what is routed to the domains and services of the host type, and what their sessions send to others that are served here (CORE-139). Synchronous and quick, as above.</summary>
    void FilterRouting(RoutingSlot slot, RoutingFilter filter);

    /// <summary>Keeps a record on sessions. It has a codec, because a session must be able to move to another node.</summary>
    void SessionState<T>(SessionStateKey<T> key)
        where T : class;

    /// <summary>The module keeps personal data: wired here, once, for removal of accounts and domains and for requests of personal data.</summary>
    void OwnsData(IAccountData data);

    /// <summary>The module has something to say or to write before the server stops: called while sessions and stores still serve.</summary>
    void Stopping(Func<ValueTask> stopping);

    /// <summary>The module's piece of an account in the portable format (XEP-0227): for programs that export and import accounts.</summary>
    void Portable(IPortableData data);

    /// <summary>The module holds writes back for a while: called when the server stops, after all sessions have ended and while stores still serve. It ends when they are written.</summary>
    void Drain(Func<ValueTask> drain);

    /// <summary>Hears what has changed on other nodes of a cluster, so that what the module keeps in memory is right (<see cref="IClusterEvents"/>). The node that tells waits for it: quick, and no waits for others.</summary>
    /// <param name="topic">One of <see cref="ClusterTopics"/>.</param>
    /// <param name="hear">May be called for addresses that the host type does not serve.</param>
    void Hear(string topic, Func<ClusterEvent, ValueTask> hear);

    /// <summary>Offers a contract to modules that start later.</summary>
    void Offer<TContract>(TContract contract)
        where TContract : class;

    /// <summary>What an administrator may do to the feature: found by <see cref="Hosts.HostType.Operations{T}"/>.</summary>
    void Operations<T>(T operations)
        where T : class;

    /// <summary>Serves a subdomain.</summary>
    /// <param name="template"><c>name.@HOST@</c>, or a fixed domain (CORE-244).</param>
    /// <param name="service">Gets the stanzas to it.</param>
    void Service(string template, IService service);

    /// <summary>Serves a path over HTTP, on every listener with a <c>modules</c> handler.</summary>
    void Http(HttpEndpoint endpoint);
}
