using System.Reflection;
using Xunit;

namespace Meerkat.Conformance;

/// <summary>The base of every conformance suite: a fresh, empty store for each test. A backend derives from the suite, in one line where an attribute says where stores come from
/// (<see cref="StoreSourceAttribute"/>), and otherwise says how to open one.</summary>
public abstract class StoreSuite<TStore> : IAsyncLifetime
    where TStore : class
{
    private OpenedStore? _opened;

    protected TStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual async ValueTask<TStore> OpenAsync()
    {
        var source = GetType().GetCustomAttribute<StoreSourceAttribute>() ?? throw new InvalidOperationException($"{GetType().Name} says neither how to open a store nor where stores come from");
        _opened = await source.OpenAsync(typeof(TStore));
        return (TStore)_opened.Store;
    }

    protected virtual ValueTask CloseAsync() => _opened?.CloseAsync() ?? default;
}
