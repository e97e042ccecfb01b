using Xunit;

namespace Meerkat.Conformance;

/// <summary>The base of every conformance suite: a fresh, empty store for each test. A backend derives from the suite and says how to open one.</summary>
public abstract class StoreSuite<TStore> : IAsyncLifetime
    where TStore : class
{
    protected TStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<TStore> OpenAsync();

    protected virtual ValueTask CloseAsync() => default;
}
