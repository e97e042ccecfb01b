using System.Security.Cryptography.X509Certificates;
using Meerkat.Core.Storage;
using Meerkat.Core.Tls;
using Meerkat.Storage.Cassandra.Connections;
using Meerkat.Storage.Cassandra.Tests.Double;
using Meerkat.Testing.Databases;
using Xunit;
using static Meerkat.Storage.Cassandra.Tests.TestCluster;

namespace Meerkat.Storage.Cassandra.Tests.Connections;

/// <summary>TLS to servers (CONF-161, CONF-282 to CONF-296).</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-cassandra-").FullName;

    [Fact]
    public async Task The_servers_certificate_is_judged_as_the_table_says()
    {
        var authority = new TestAuthority(_folder);
        using var certificate = X509Certificate2.CreateFromPemFile(authority.CertificateFile, authority.KeyFile);
        await using var cluster = await CassandraDouble.StartAsync(certificate: certificate);
        var trusted = new ClientTlsOptions { CaCertFile = authority.CaFile, ServerNameIndication = new() { Host = TestAuthority.ServerName } };
        foreach (var good in new[]
        {
            trusted,
            trusted with { Versions = [TlsVersion.Tls12] },
            trusted with { ServerNameIndication = new() { Enabled = false } }, // CONF-294
            new() { VerifyMode = TlsVerifyMode.None },
        })
        {
            await using var pool = Open(good, patience: 20);
            await pool.WaitAsync(None);
        }

        foreach (var bad in new ClientTlsOptions?[]
        {
            trusted with { ServerNameIndication = new() }, // the certificate names another host
            trusted with { CaCertFile = null },
            trusted with { CaCertFile = null, VerifyMode = TlsVerifyMode.SelfSignedPeer },
            new(),
            null,
        })
        {
            await using var pool = Open(bad, patience: 1);
            await Assert.ThrowsAsync<StorageUnavailableException>(() => pool.WaitAsync(None));
        }

        CassandraPool Open(ClientTlsOptions? tls, int patience) =>
            new("test", cluster.Options(connection => connection with { Tls = tls }) with { CallTimeout = TimeSpan.FromSeconds(patience) });
    }

    [Fact] // no fallback: a server without TLS is not spoken to
    public async Task A_server_without_tls_is_refused()
    {
        await using var cluster = await CassandraDouble.StartAsync();
        await using var pool = new CassandraPool("test", cluster.Options(connection => connection with { Tls = new() { VerifyMode = TlsVerifyMode.None } }) with { CallTimeout = TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAsync<StorageUnavailableException>(() => pool.WaitAsync(None));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
