using System.Reflection;
using Meerkat.Conformance;
using Xunit;

namespace Meerkat.Storage.Cassandra.Tests;

/// <summary>A store that is not proved does not run.</summary>
public sealed class EveryStoreTests
{
    [Fact]
    public void Every_store_has_its_conformance_suite_on_the_double_and_on_a_cluster_that_is_given()
    {
        var proved = typeof(EveryStoreTests).Assembly.GetTypes()
            .Select(type => (Contract: ContractOf(type), Source: type.GetCustomAttribute<CassandraSourceAttribute>()?.GetType()))
            .Where(pair => pair.Contract is not null && pair.Source is not null)
            .ToHashSet();

        // Preferences of rooms are the same store as those of accounts.
        var contracts = CassandraStores.Contracts.Where(contract => !CassandraStores.Contracts.Any(other => other != contract && contract.IsAssignableTo(other))).ToArray();
        Assert.Equal(3, contracts.Length);
        Assert.All(contracts, contract => Assert.Contains((contract, typeof(OnDoubleAttribute)), proved));
        Assert.All(contracts, contract => Assert.Contains((contract, typeof(OnCassandraAttribute)), proved));
    }

    private static Type? ContractOf(Type type)
    {
        for (var above = type.BaseType; above is not null; above = above.BaseType)
        {
            if (above.IsGenericType && above.GetGenericTypeDefinition() == typeof(StoreSuite<>))
            {
                return above.GetGenericArguments()[0];
            }
        }

        return null;
    }
}
