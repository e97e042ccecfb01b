using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Connections.Clients;
using Meerkat.Connections.Tls;
using Meerkat.Core.Shaping;
using Meerkat.Testing;

namespace Meerkat.Connections.Tests;

/// <summary>A test server behind a real listener on a free loopback port.</summary>
internal sealed class ListenerFixture : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-listener-").FullName;

    private ListenerFixture(TestServer server) => Server = server;

    public TestServer Server { get; }

    public ClientListener Listener { get; private set; } = null!;

    public string CertFile => Path.Combine(_folder, "server.crt");

    public string KeyFile => Path.Combine(_folder, "server.key");

    /// <summary>Starts a listener; its certificate is in <see cref="CertFile"/>.</summary>
    public static async Task<ListenerFixture> StartAsync(
        Func<ClientListenerOptions, ClientListenerOptions>? options = null,
        StreamTlsOptions? tls = null,
        ShaperOptions? shaper = null,
        Action<TestServerBuilder>? server = null)
    {
        var fixture = new ListenerFixture(await TestServer.StartAsync(server));
        fixture.WriteCertificate("first");
        var listen = new ClientListenerOptions { Port = 0, IpAddress = IPAddress.Loopback, Tls = tls };
        var tlsServer = tls is null
            ? null
            : new TlsServer(
                tls,
                ServerCertificate.FromFiles(fixture.CertFile, fixture.KeyFile, null, fixture.Server.Time, fixture.Server.Log.CreateLogger("certificate")),
                fixture.Server.Time,
                fixture.Server.Log.CreateLogger("tls"));
        fixture.Listener = new ClientListener(fixture.Server.Context, options?.Invoke(listen) ?? listen, tlsServer, shaper);
        await fixture.Listener.StartAsync(CancellationToken.None);
        return fixture;
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(Listener.EndPoint, Server.Domain, log: Server.Log);

    /// <summary>Puts another certificate into the files.</summary>
    public void WriteCertificate(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertFile, certificate.ExportCertificatePem());
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
