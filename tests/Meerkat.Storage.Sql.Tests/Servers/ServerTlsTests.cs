using LinqToDB.Data;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Core.Tls;
using Meerkat.Testing.Databases;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Servers;

/// <summary>TLS to the real servers (CONF-142, CONF-282 to CONF-297).</summary>
public sealed class ServerTlsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, InlineData(Backend.Postgres), InlineData(Backend.MariaDb)]
    public async Task The_servers_certificate_is_judged_as_the_table_says(Backend backend)
    {
        var (process, options, authority) = await StartAsync(backend, tls: true);
        await using var ended = process;
        var named = new ServerNameOptions { Host = TestAuthority.ServerName };
        var trusted = new RdbmsTlsOptions { Required = true, CaCertFile = authority!.CaFile, ServerNameIndication = named };
        foreach (var good in new[]
        {
            trusted,
            trusted with { Required = false },
            trusted with { Versions = [TlsVersion.Tls12] },
            trusted with { ServerNameIndication = new() { Enabled = false } }, // CONF-294
            new() { Required = true, VerifyMode = TlsVerifyMode.None },
        })
        {
            Assert.True(await IsEncryptedAsync(backend, options, good), $"{good}");
        }

        foreach (var bad in new[]
        {
            trusted with { ServerNameIndication = new() },
            trusted with { CaCertFile = null },
            trusted with { CaCertFile = null, Required = false },
            trusted with { CaCertFile = null, VerifyMode = TlsVerifyMode.SelfSignedPeer },
        })
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => IsEncryptedAsync(backend, options, bad, patience: 1));
        }

        Assert.False(await IsEncryptedAsync(backend, options, null));
    }

    // CONF-297
    [Theory, InlineData(Backend.Postgres), InlineData(Backend.MariaDb)]
    public async Task Without_tls_on_the_server_only_a_pool_that_does_not_require_it_connects(Backend backend)
    {
        var (process, options, _) = await StartAsync(backend, tls: false);
        await using var ended = process;
        Assert.False(await IsEncryptedAsync(backend, options, new RdbmsTlsOptions()));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => IsEncryptedAsync(backend, options, new RdbmsTlsOptions { Required = true, VerifyMode = TlsVerifyMode.None }, patience: 1));
    }

    private static async Task<bool> IsEncryptedAsync(Backend backend, RdbmsPoolOptions options, RdbmsTlsOptions? tls, int patience = 10)
    {
        await using var database = ServerTestDatabase.Open(options with { Connection = options.Connection with { Tls = tls, QueryTimeout = TimeSpan.FromSeconds(patience) } });
        return await database.ReadAsync(
            async session => backend is Backend.Postgres
                ? await session.ExecuteAsync<bool>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                : await session.ExecuteAsync<string>("SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER'") is { Length: > 0 },
            None);
    }

    private static async Task<(DatabaseProcess Process, RdbmsPoolOptions Options, TestAuthority? Authority)> StartAsync(Backend backend, bool tls)
    {
        if (backend is Backend.Postgres)
        {
            Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
            var postgres = await PostgresProcess.CreateAsync(tls: tls);
            return (postgres, DatabaseServers.PostgresOptions(postgres, "postgres"), postgres.Authority);
        }

        Assert.SkipWhen(MariaDbProcess.Missing is not null, MariaDbProcess.Missing ?? "");
        var mariaDb = await MariaDbProcess.CreateAsync(tls: tls);
        return (mariaDb, DatabaseServers.MariaDbOptions(mariaDb, "mysql"), mariaDb.Authority);
    }
}
