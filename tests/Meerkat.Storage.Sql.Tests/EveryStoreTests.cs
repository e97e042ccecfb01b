using System.Reflection;
using Meerkat.Conformance;
using Xunit;

namespace Meerkat.Storage.Sql.Tests;

/// <summary>A store that is not proved on a database does not run on it.</summary>
public sealed class EveryStoreTests
{
    [Fact]
    public void Every_store_has_its_conformance_suite_on_every_backend()
    {
        var proved = typeof(EveryStoreTests).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && ContractOf(type) is not null)
            .Select(type => (Contract: ContractOf(type)!, Backend: type.GetCustomAttribute<SqlStoreSourceAttribute>()?.Backend ?? Backend.Sqlite))
            .ToHashSet();

        Assert.True(SqlStores.Contracts.Count() >= 7);
        Assert.All(SqlStores.Contracts.SelectMany(contract => Enum.GetValues<Backend>().Select(backend => (contract, backend))), pair => Assert.Contains(pair, proved));
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
