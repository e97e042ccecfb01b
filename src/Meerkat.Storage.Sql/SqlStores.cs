using System.Reflection;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Microsoft.Extensions.Logging;

namespace Meerkat.Storage.Sql;

/// <summary>Makes the stores of this project by the contract that a module asks for: one class a contract, over one database.</summary>
/// <remarks>A store's constructor takes the database, and the clock and a logger where it wants them.</remarks>
/// <param name="database">The database of a host type by its name: the pool that it is configured to, where the second argument is true, or else the embedded one.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Loggers.</param>
public sealed class SqlStores(Func<string, bool, SqlDatabase> database, TimeProvider time, ILoggerFactory loggers) : IStoreProvider
{
    private static readonly IReadOnlyList<Type> s_stores =
        [.. typeof(SqlStores).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsClass: true } && type.Name.StartsWith("Sql", StringComparison.Ordinal) && type.Name.EndsWith("Store", StringComparison.Ordinal))];

    /// <summary>The contracts that there are stores for.</summary>
    internal static IEnumerable<Type> Contracts => s_stores.SelectMany(store => store.GetInterfaces().Where(contract => contract.Name == "I" + store.Name["Sql".Length..]));

    /// <inheritdoc/>
    public object? Create(Type contract, HostType host, object? options) => Create(contract, host.Name, IsPooled(options) ?? false);

    /// <summary>The accounts of a host type.</summary>
    public IAccountStore Accounts(string hostType, bool isPooled) => (IAccountStore)Create(typeof(IAccountStore), hostType, isPooled)!;

    /// <summary>Whether a module's options ask for the configured pool (<c>rdbms</c>, <c>rdbms_async</c>, or nothing where nothing means that) and not for the embedded database;
    /// null where they have no backend, or one that is no SQL.</summary>
    public static bool? IsPooled(object? options) =>
        options?.GetType().GetProperty("Backend") is not { } backend ? null
        : backend.GetValue(options)?.ToString() is not { } name ? true
        : name is "Cassandra" ? null
        : name.StartsWith("Rdbms", StringComparison.Ordinal);

    /// <summary>A store of a host type in its pool, or in the embedded database; null where there is none for the contract.</summary>
    public object? Create(Type contract, string hostType, bool isPooled)
    {
        if (!contract.IsInterface || s_stores.SingleOrDefault(type => type.IsAssignableTo(contract)) is not { } store)
        {
            return null;
        }

        var constructor = store.GetConstructors().Single();
        return constructor.Invoke(
            BindingFlags.DoNotWrapExceptions, null, [.. constructor.GetParameters().Select(parameter => Argument(parameter.ParameterType, store, hostType, isPooled))], null);
    }

    private object Argument(Type type, Type store, string hostType, bool isPooled) =>
        type == typeof(SqlDatabase) ? database(hostType, isPooled)
        : type == typeof(TimeProvider) ? time
        : type.IsAssignableTo(typeof(ILogger)) ? Activator.CreateInstance(typeof(Logger<>).MakeGenericType(store), loggers)!
        : throw new InvalidOperationException($"{store} asks for {type}");
}
