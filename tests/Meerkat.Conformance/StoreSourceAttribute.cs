namespace Meerkat.Conformance;

/// <summary>Where the stores of a suite come from: <c>[OnPostgres] public sealed class PostgresRosterStoreTests : RosterStoreSuite;</c></summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class StoreSourceAttribute : Attribute
{
    /// <summary>A fresh, empty store of a contract. Skips the test where the database is not installed.</summary>
    public abstract ValueTask<OpenedStore> OpenAsync(Type contract);
}

/// <summary>A store of one test.</summary>
/// <param name="Store">It implements the contract that was asked for.</param>
/// <param name="CloseAsync">Takes it away.</param>
public sealed record OpenedStore(object Store, Func<ValueTask> CloseAsync);
