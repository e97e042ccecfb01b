using Xunit;

namespace Meerkat.Architecture.Tests;

/// <summary>Projects see only what stands below them, and Core sees no socket, database, ASP.NET or Orleans.</summary>
public sealed class DirectionTests
{
    [Fact]
    public void Every_assembly_uses_only_what_it_may()
    {
        Assert.Superset(new HashSet<string> { "Meerkat.Xml", "Meerkat.Xmpp", "Meerkat.Core", "Meerkat.Modules", "Meerkat.Connections", "Meerkat.Storage.Sql", "Meerkat.Cluster.Orleans" }, Code.Ours.Select(assembly => assembly.Name.Name).ToHashSet());
        Assert.Empty(Code.Ours
            .Where(assembly => assembly.Name.Name.StartsWith("Meerkat.", StringComparison.Ordinal))
            .SelectMany(assembly => Directions.Violations(assembly.Name.Name, assembly.MainModule.AssemblyReferences.Select(reference => reference.Name))));
    }

    [Theory] // the rule can fail
    [InlineData("Meerkat.Xml", "Meerkat.Xmpp")]
    [InlineData("Meerkat.Xml", "System.Xml.ReaderWriter")]
    [InlineData("Meerkat.Core", "Meerkat.Modules")]
    [InlineData("Meerkat.Core", "System.Net.Sockets")]
    [InlineData("Meerkat.Core", "Microsoft.AspNetCore.Http.Abstractions")]
    [InlineData("Meerkat.Core", "Microsoft.Data.Sqlite")]
    [InlineData("Meerkat.Core", "System.Data.Common")]
    [InlineData("Meerkat.Core", "Orleans.Core")]
    [InlineData("Meerkat.Modules", "Orleans.Core.Abstractions")]
    [InlineData("Meerkat.Admin", "Orleans.Core")]
    [InlineData("Meerkat.Server", "Orleans.Runtime")]
    [InlineData("Meerkat.Cluster.Orleans", "Meerkat.Storage.Sql")]
    [InlineData("Meerkat.Modules", "Meerkat.Connections")]
    [InlineData("Meerkat.Modules", "Meerkat.Storage.Sql")]
    [InlineData("Meerkat.Connections", "Meerkat.Modules")]
    [InlineData("Meerkat.Storage.Sql", "Meerkat.Connections")]
    [InlineData("Meerkat.Elsewhere", "Meerkat.Core")]
    public void What_a_project_must_not_use_is_found(string project, string reference) => Assert.Single(Directions.Violations(project, ["System.Runtime", reference]));

    [Theory]
    [InlineData("Meerkat.Core", "Microsoft.Extensions.Logging.Abstractions")]
    [InlineData("Meerkat.Storage.Sql", "Meerkat.Modules")]
    [InlineData("Meerkat.Server", "Meerkat.Connections")]
    [InlineData("Meerkat.Cluster.Orleans", "Orleans.Runtime")]
    [InlineData("Meerkat.Connections", "System.Net.Sockets")]
    public void What_it_may_use_is_let_be(string project, string reference) => Assert.Empty(Directions.Violations(project, [reference]));
}
