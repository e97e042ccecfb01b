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

/// <summary>Builds a host type: makes its modules in the order of their needs, lets each register, and freezes the outcome.</summary>
public static class HostTypeBuilder
{
    /// <summary>Builds a host type.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="server">The server.</param>
    /// <param name="auth">Who may log in, and how.</param>
    /// <param name="access">Access rules.</param>
    /// <param name="catalogue">The modules that exist.</param>
    /// <param name="modules">The configured modules: key and options record; null stands for the defaults.</param>
    /// <param name="stores">Makes stores.</param>
    /// <param name="replacedWaitTimeout">How long a session that was replaced may take to end before a warning is logged; null for what <c>general</c> says.</param>
    /// <param name="remains">Forgets what is left of an account or a domain behind all modules: what modules have kept that are not configured any more. Null for nobody.</param>
    /// <exception cref="InvalidOperationException">Modules do not fit together: the message says which and why.</exception>
    public static HostType Build(
        string name,
        ServerContext server,
        AuthChain auth,
        AccessRules access,
        ModuleCatalogue catalogue,
        IReadOnlyDictionary<string, object?> modules,
        IStoreProvider stores,
        TimeSpan? replacedWaitTimeout = null,
        IAccountData? remains = null)
    {
        var host = new HostType(name, server, auth, access) { ReplacedWaitTimeout = replacedWaitTimeout ?? server.General.ReplacedWaitTimeout };
        SessionMetrics.Begin(name);
        var services = new ModuleServices(host, stores);
        var registry = new Registry(services);
        var made = new Dictionary<string, IModule>();
        foreach (var description in catalogue.Order(modules.Keys))
        {
            var options = (modules.TryGetValue(description.Key, out var configured) ? configured : SharedOptions(description.Key, catalogue, modules))
                ?? (description.Options is { } type ? Activator.CreateInstance(type) : null);
            var module = services.Create(description, options);
            registry.Owner = description.Key;
            module.Register(registry);
            made[description.Key] = module;
        }

        if (remains is not null)
        {
            registry.OwnsData(remains);
        }

        registry.Freeze(host);
        host.Modules = made.ToFrozenDictionary();
        return host;
    }

    private static object? SharedOptions(string key, ModuleCatalogue catalogue, IReadOnlyDictionary<string, object?> modules) =>
        catalogue.All.Where(needing => needing.SharesOptionsWith.Contains(key)).Select(needing => modules.GetValueOrDefault(needing.Key)).FirstOrDefault(options => options is not null);

    private sealed class Registry(ModuleServices services) : IModuleRegistry
    {
        private readonly HookTable.Builder _hooks = new();
        private readonly IqTable.Builder _iqs = new();
        private readonly SortedSet<string> _features = new(StringComparer.Ordinal);
        private readonly SortedSet<string> _accountFeatures = new(StringComparer.Ordinal);
        private readonly SortedDictionary<DeliverySlot, DeliveryFilter> _filters = [];
        private readonly SortedDictionary<RoutingSlot, RoutingFilter> _routing = [];
        private readonly List<(FeaturePhase, Func<ClientStream, XmlElement?>)> _streamFeatures = [];
        private readonly Dictionary<string, StreamIqHandler> _streamIqs = [];
        private readonly Dictionary<string, NonzaHandler> _nonzas = [];
        private readonly Dictionary<string, SessionStateKey> _states = [];
        private readonly List<IAccountData> _data = [];
        private readonly List<IPortableData> _portable = [];
        private readonly List<(string, IService)> _services = [];
        private readonly Dictionary<Type, object> _operations = [];
        private readonly List<Func<ValueTask>> _stopping = [];
        private readonly Dictionary<string, HttpEndpoint> _http = new(StringComparer.Ordinal);
        private readonly List<Func<ValueTask>> _drains = [];
        private readonly List<(string Topic, Func<ClusterEvent, ValueTask> Hear)> _hearing = [];

        public string Owner { get; set; } = "";

        public void Feature(string feature) => _features.Add(feature);

        public void AccountFeature(string feature) => _accountFeatures.Add(feature);

        public void StreamFeature(FeaturePhase phase, Func<ClientStream, XmlElement?> make) => _streamFeatures.Add((phase, make));

        public void Iq(string ns, string? name, IqTarget target, IqHandler handler) => _iqs.Add(ns, name, target, handler, Owner);

        public void StreamIq(string ns, StreamIqHandler handler) => Add(_streamIqs, ns, handler);

        public void Nonza(string ns, NonzaHandler handler) => Add(_nonzas, ns, handler);

        public void Hook<TContext, TSlot>(Hook<TContext, TSlot> hook, TSlot slot, HookHandler<TContext> handler)
            where TSlot : struct, Enum => _hooks.Add(hook, slot, handler, Owner);

        public void FilterDelivery(DeliverySlot slot, DeliveryFilter filter)
        {
            if (!_filters.TryAdd(slot, filter))
            {
                throw new InvalidOperationException($"{Owner}: delivery slot {slot} is already filled");
            }
        }

        public void FilterRouting(RoutingSlot slot, RoutingFilter filter)
        {
            if (!_routing.TryAdd(slot, filter))
            {
                throw new InvalidOperationException($"{Owner}: routing slot {slot} is already filled");
            }
        }

        public void SessionState<T>(SessionStateKey<T> key)
            where T : class => Add(_states, key.Name, key);

        public void OwnsData(IAccountData data) => _data.Add(data);

        public void Stopping(Func<ValueTask> stopping) => _stopping.Add(stopping);

        public void Portable(IPortableData data)
        {
            foreach (var element in data.Elements)
            {
                if (_portable.Any(other => other.Elements.Any(taken => taken.Name == element.Name && taken.Namespace == element.Namespace)))
                {
                    throw new InvalidOperationException($"{Owner}: <{element.Name} xmlns='{element.Namespace}'/> is already taken");
                }
            }

            _portable.Add(data);
        }

        public void Drain(Func<ValueTask> drain) => _drains.Add(drain);

        public void Hear(string topic, Func<ClusterEvent, ValueTask> hear) => _hearing.Add((topic, hear));

        public void Offer<TContract>(TContract contract)
            where TContract : class => services.Offer(typeof(TContract), contract, Owner);

        public void Operations<T>(T operations)
            where T : class
        {
            if (!_operations.TryAdd(typeof(T), operations))
            {
                throw new InvalidOperationException($"{Owner}: {typeof(T).Name} are already there");
            }
        }

        public void Service(string template, IService service) => _services.Add((template, service));

        public void Http(HttpEndpoint endpoint) => Add(_http, endpoint.Path, endpoint);

        public void Freeze(HostType host)
        {
            host.Hooks = _hooks.Build();
            host.Iqs = _iqs.Build();
            _features.UnionWith(host.Iqs.DomainNamespaces);
            host.Features = [.. _features];
            host.AccountFeatures = [.. _accountFeatures];
            host.DeliveryFilters = [.. _filters.Values];
            host.RoutingFilters = [.. _routing.Values];
            host.StreamFeatures = _streamFeatures;
            host.StreamIqs = _streamIqs.ToFrozenDictionary();
            host.Nonzas = _nonzas.ToFrozenDictionary();
            host.SessionStates = _states.ToFrozenDictionary();
            host.Data = _data;
            host.Portable = _portable;
            host.Services = _services;
            host.OperationsByType = _operations.ToFrozenDictionary();
            host.Stopping = _stopping;
            host.HttpEndpoints = [.. _http.Values];
            host.Drains = _drains;
            host.Hearing = _hearing.GroupBy(one => one.Topic, one => one.Hear).ToFrozenDictionary(topic => topic.Key, topic => topic.ToArray());
        }

        private void Add<TValue>(Dictionary<string, TValue> table, string key, TValue value)
        {
            if (!table.TryAdd(key, value))
            {
                throw new InvalidOperationException($"{Owner}: {key} is already taken");
            }
        }
    }
}
