using System.Reflection;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql;

/// <summary>Makes the stores of this project by the contract that a module asks for: one class a contract, over one database.</summary>
/// <remarks>A store's constructor takes the database, and the clock and a logger where it wants them.</remarks>
/// <param name="database">The database of a host type: the embedded one, or the pool that it is configured to.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Loggers.</param>
public sealed class SqlStores(Func<string, SqlDatabase> database, TimeProvider time, ILoggerFactory loggers) : IStoreProvider
{
    private static readonly IReadOnlyList<Type> s_stores =
        [.. typeof(SqlStores).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsClass: true } && type.Name.StartsWith("Sql", StringComparison.Ordinal) && type.Name.EndsWith("Store", StringComparison.Ordinal))];

    /// <inheritdoc/>
    public object? Create(Type contract, HostType host, object? options) => Create(contract, host.Name);

    /// <summary>The accounts of a host type.</summary>
    public IAccountStore Accounts(string hostType) => (IAccountStore)Create(typeof(IAccountStore), hostType)!;

    private object? Create(Type contract, string hostType)
    {
        if (!contract.IsInterface || s_stores.SingleOrDefault(type => type.IsAssignableTo(contract)) is not { } store)
        {
            return null;
        }

        var constructor = store.GetConstructors().Single();
        return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. constructor.GetParameters().Select(parameter => Argument(parameter.ParameterType, store, hostType))], null);
    }

    private object Argument(Type type, Type store, string hostType) =>
        type == typeof(SqlDatabase) ? database(hostType)
        : type == typeof(TimeProvider) ? time
        : type.IsAssignableTo(typeof(ILogger)) ? Activator.CreateInstance(typeof(Logger<>).MakeGenericType(store), loggers)!
        : throw new InvalidOperationException($"{store} asks for {type}");
}
