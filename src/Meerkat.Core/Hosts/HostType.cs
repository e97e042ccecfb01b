using System.Collections.Frozen;
using Meerkat.Core.Access;
using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Http;
using Meerkat.Core.Modules;
using Meerkat.Core.Portability;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Core.Streams;
using Meerkat.Xml;

namespace Meerkat.Core.Hosts;

/// <summary>An immutable plan by which domains are served: modules, hooks, IQ tables, features, authentication, access rules.</summary>
/// <remarks>A static host is a host type of its own name; dynamic domains share one. Built by <see cref="HostTypeBuilder"/>; frozen before it serves. Safe for concurrent use.</remarks>
public sealed class HostType
{
    internal HostType(string name, ServerContext server, AuthChain auth, AccessRules access)
    {
        Name = name;
        Server = server;
        Auth = auth;
        Access = access;
    }

    /// <summary>Its name: that of the domain for a static host.</summary>
    public string Name { get; }

    /// <summary>The parts that all host types share.</summary>
    public ServerContext Server { get; }

    /// <summary>Who may log in, and how.</summary>
    public AuthChain Auth { get; }

    /// <summary>Access rules.</summary>
    public AccessRules Access { get; }

    /// <summary>How long a session that was replaced may take to end before a warning is logged (CORE-123).</summary>
    public TimeSpan ReplacedWaitTimeout { get; internal set; }

    /// <summary>The modules by key.</summary>
    public FrozenDictionary<string, IModule> Modules { get; internal set; } = FrozenDictionary<string, IModule>.Empty;

    /// <summary>Hooks.</summary>
    public HookTable Hooks { get; internal set; } = new HookTable.Builder().Build();

    /// <summary>IQ handlers.</summary>
    public IqTable Iqs { get; internal set; } = new IqTable.Builder().Build();

    /// <summary>Features of the domain, sorted and unique.</summary>
    public IReadOnlyList<string> Features { get; internal set; } = [];

    /// <summary>Features of accounts, sorted and unique.</summary>
    public IReadOnlyList<string> AccountFeatures { get; internal set; } = [];

    /// <summary>Stores with personal data, by module.</summary>
    public IReadOnlyList<IAccountData> Data { get; internal set; } = [];

    /// <summary>Pieces of accounts in the portable format (XEP-0227), by module.</summary>
    public IReadOnlyList<IPortableData> Portable { get; internal set; } = [];

    /// <summary>Services on subdomains.</summary>
    public IReadOnlyList<(string Template, IService Service)> Services { get; internal set; } = [];

    /// <summary>What an administrator may do to a feature; null when the host type does not have the feature.</summary>
    /// <typeparam name="T">The feature's <c>XOperations</c>, as its module registered them.</typeparam>
    public T? Operations<T>()
        where T : class => (T?)OperationsByType.GetValueOrDefault(typeof(T));

    internal FrozenDictionary<Type, object> OperationsByType { get; set; } = FrozenDictionary<Type, object>.Empty;

    /// <summary>Paths that modules serve over HTTP.</summary>
    public IReadOnlyList<HttpEndpoint> HttpEndpoints { get; internal set; } = [];

    /// <summary>Session state that modules keep, by name.</summary>
    internal FrozenDictionary<string, SessionStateKey> SessionStates { get; set; } = FrozenDictionary<string, SessionStateKey>.Empty;

    /// <summary>Who hears what has changed on other nodes, by topic.</summary>
    internal FrozenDictionary<string, Func<ClusterEvent, ValueTask>[]> Hearing { get; set; } = FrozenDictionary<string, Func<ClusterEvent, ValueTask>[]>.Empty;

    internal IReadOnlyList<Func<ValueTask>> Stopping { get; set; } = [];

    internal IReadOnlyList<Func<ValueTask>> Drains { get; set; } = [];

    /// <summary>Filters of what is routed to its domains, and of what their sessions send.</summary>
    internal RoutingFilter[] RoutingFilters { get; set; } = [];

    internal DeliveryFilter[] DeliveryFilters { get; set; } = [];

    internal IReadOnlyList<(FeaturePhase Phase, Func<ClientStream, XmlElement?> Make)> StreamFeatures { get; set; } = [];

    internal FrozenDictionary<string, StreamIqHandler> StreamIqs { get; set; } = FrozenDictionary<string, StreamIqHandler>.Empty;

    internal FrozenDictionary<string, NonzaHandler> Nonzas { get; set; } = FrozenDictionary<string, NonzaHandler>.Empty;
}
