using System.Reflection;
using Meerkat.Core.Hosts;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Modules;

/// <summary>Makes the stores that modules ask for by contract.</summary>
public interface IStoreProvider
{
    /// <summary>A store for one host type.</summary>
    /// <param name="contract">The contract that a module's constructor names.</param>
    /// <param name="host">The host type.</param>
    /// <param name="options">The module's options, which may name a backend; null when it has none.</param>
    /// <returns>The store; null when the contract is not one of a store.</returns>
    object? Create(Type contract, HostType host, object? options);
}

/// <summary>Gives a module's constructor what it needs: options, stores, contracts that other modules offer, parts of the server.</summary>
internal sealed class ModuleServices(HostType host, IStoreProvider stores)
{
    private static readonly NullabilityInfoContext s_nullability = new();

    private readonly Dictionary<Type, object> _offers = [];
    private readonly Dictionary<Type, object> _stores = [];

    public void Offer(Type contract, object implementation, string owner)
    {
        if (!_offers.TryAdd(contract, implementation))
        {
            throw new InvalidOperationException($"{owner}: {contract.Name} is already offered");
        }
    }

    public IModule Create(ModuleDescription module, object? options)
    {
        var constructor = module.Type.GetConstructors().Single();
        var arguments = constructor.GetParameters().Select(parameter => Find(parameter, module, options)).ToArray();
        return (IModule)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    private object? Find(ParameterInfo parameter, ModuleDescription module, object? options)
    {
        var type = parameter.ParameterType;
        var found = options is not null && type.IsInstanceOfType(options) ? options
            : type == typeof(HostType) ? host
            : type == typeof(ServerContext) ? host.Server
            : type.IsInstanceOfType(host.Server.Router) ? host.Server.Router
            : type.IsInstanceOfType(host.Server.Sessions) ? host.Server.Sessions
            : type.IsInstanceOfType(host.Server.Placement) ? host.Server.Placement
            : type.IsInstanceOfType(host.Server.Time) ? host.Server.Time
            : type == typeof(ILoggerFactory) ? host.Server.Loggers
            : type == typeof(ILogger) ? host.Server.Loggers.CreateLogger(module.Type)
            : _offers.GetValueOrDefault(type) ?? Store(type, options);
        if (found is null && s_nullability.Create(parameter).WriteState is not NullabilityState.Nullable)
        {
            throw new InvalidOperationException($"{module.Key}: nobody offers {type.Name}");
        }

        return found;
    }

    // One store of a contract for a host type, whoever asks for it.
    private object? Store(Type contract, object? options)
    {
        if (!_stores.TryGetValue(contract, out var store) && stores.Create(contract, host, options) is { } made)
        {
            _stores[contract] = store = made;
        }

        return store;
    }
}
