using System.Text;
using LinqToDB.Data;
using Meerkat.Core.Configuration;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;
using Meerkat.Storage.Sql.Domains;
using Meerkat.Storage.Sql.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Server.Tests.Running;

/// <summary>Thousands of domains in one server.</summary>
public sealed class ManyDomainsTests : IDisposable
{
    private const int Many = 10_000;
    private const string Configuration = """
        [general]
        hosts = ["static.example"]
        host_types = ["customers"]
        default_server_domain = "static.example"

        [auth.internal]
        [modules.mod_muc]
        [modules.mod_muc_light]
        [modules.mod_vcard]
        [services.service_domain_db]
        """;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("meerkat-domains-").FullName);

    public void Dispose() => Directory.Delete(_folder.Path, recursive: true);

    [Fact] // CORE-236, CORE-246
    public async Task Ten_thousand_domains_are_served_from_the_start_and_share_their_host_type()
    {
        await StartAsync(1); // makes the schema
        await using (var database = new SqliteDatabase(new SqliteOptions { Path = _folder.Database }))
        {
            // At once: each by itself would be ten thousand commits.
            Assert.Equal(Many, await database.WriteAsync(
                async session => await session.ExecuteAsync(
                    $"INSERT INTO domain_settings (domain, host_type, status) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {Many - 1}) SELECT 'customer' || i || '.example', 'customers', 1 FROM n", None),
                None));
            Assert.Equal("customers", (await new SqlDomainStore(database, TimeProvider.System).FindAsync("customer1.example", None))!.HostType);
        }

        await StartAsync(1 + Many);
    }

    private async Task StartAsync(int domains)
    {
        var errors = new ConfigErrors();
        var configuration = ConfigurationLoader.Load(new("t.toml", Encoding.UTF8.GetBytes(Configuration)), ModulesHere.Options, allowMissing: false, errors);
        Assert.True(configuration is not null, string.Join('\n', errors.All));
        await using var server = new MeerkatServer(configuration, _folder, TimeProvider.System, NullLoggerFactory.Instance);
        await server.OpenAsync(None);
        Assert.Equal(domains, server.Context!.Domains.All.Count(domain => domain.Service is null));
        Assert.Equal(domains * 4, server.Context.Domains.All.Count()); // three subdomains each
        for (var i = 0; i < domains - 1; i += 97)
        {
            Assert.True(server.Context.Domains.TryFindAccounts($"customer{i}.example", out var domain));
            Assert.Same(server.Context.Domains.FindHostType("customers"), domain.Host);
        }
    }
}
