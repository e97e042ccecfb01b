using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Connections.Tests.WebSockets;
using Meerkat.Connections.Tls;
using Meerkat.Core.Accounts;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Connections.Tests.Tls;

/// <summary>Revocation lists in files (<c>crl_files</c>, CONF-289, CORE-055), and which certificates of an HTTPS client count.</summary>
public sealed class RevocationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-crl-").FullName;
    private readonly TestAuthority _authority = new("Test Authority");
    private readonly DateTimeOffset _now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private string ListFile => Path.Combine(_folder, "list.pem");

    [Fact]
    public async Task A_revoked_certificate_is_refused_and_another_is_not()
    {
        using var good = _authority.Issue("alice@example.test");
        using var bad = _authority.Issue("bob@example.test");
        await using var on = await StartAsync(_authority.RevocationList(_now.AddDays(-1), _now.AddDays(1), bad));
        Assert.True(await LogsInAsync(on, good));
        Assert.False(await LogsInAsync(on, bad));
    }

    [Fact] // RFC 5280 §6.3: what no valid list speaks of is not known to be good
    public async Task Without_a_valid_list_of_its_issuer_nobody_passes()
    {
        using var alice = _authority.Issue("alice@example.test");
        using var other = new TestAuthority("Other Authority");
        using var namesake = new TestAuthority("Test Authority");
        foreach (var list in new[]
        {
            _authority.RevocationList(_now.AddDays(-9), _now.AddDays(-1)), // out of date
            _authority.RevocationList(_now.AddDays(1), _now.AddDays(9)), // not yet
            other.RevocationList(_now.AddDays(-1), _now.AddDays(1)),
            namesake.RevocationList(_now.AddDays(-1), _now.AddDays(1)),
        })
        {
            await using var on = await StartAsync(list);
            Assert.False(await LogsInAsync(on, alice));
        }
    }

    [Fact] // CORE-056: as for certificates
    public async Task A_list_that_changed_is_read_again_and_one_that_is_broken_is_not()
    {
        using var alice = _authority.Issue("alice@example.test");
        await using var on = await StartAsync(_authority.RevocationList(_now.AddDays(-1), _now.AddDays(1)));
        Assert.True(await LogsInAsync(on, alice));

        File.WriteAllText(ListFile, "nothing");
        File.SetLastWriteTimeUtc(ListFile, DateTime.UtcNow.AddMinutes(1));
        on.Server.Time.Advance(TimeSpan.FromSeconds(120));
        Assert.True(await LogsInAsync(on, alice));
        Assert.Contains(on.Server.Log.Errors, entry => entry.Contains("list.pem", StringComparison.Ordinal));

        File.WriteAllText(ListFile, _authority.RevocationList(_now.AddDays(-1), _now.AddDays(1), alice));
        File.SetLastWriteTimeUtc(ListFile, DateTime.UtcNow.AddMinutes(2));
        on.Server.Time.Advance(TimeSpan.FromSeconds(120));
        Assert.False(await LogsInAsync(on, alice));
    }

    [Fact]
    public void A_file_without_a_list_fails_the_start()
    {
        File.WriteAllText(ListFile, "nothing");
        Assert.Throws<CryptographicException>(() => new ClientCertificateJudge(new TlsOptions { CrlFiles = [ListFile] }, TimeProvider.System, new TestLog().CreateLogger("x")));
    }

    // CORE-054, CORE-063: a certificate that did not pass counts as none, over HTTPS too, where the web server shows it all the same.
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Only_a_certificate_that_passed_counts_over_websocket(bool isTrusted, bool offersExternal)
    {
        using var stranger = new TestAuthority("Nobody's");
        using var certificate = (isTrusted ? _authority : stranger).Issue("alice@example.test");
        File.WriteAllText(Path.Combine(_folder, "ca.pem"), _authority.Pem);
        using var own = ServerKey(out var certFile, out var keyFile);
        await using var on = await WebSocketFixture.StartAsync(
            with: with => with.Auth = new AuthOptions { Pki = new PkiAuthOptions(), SaslMechanisms = [SaslMechanismName.External] },
            tls: new TlsOptions { CaCertFile = Path.Combine(_folder, "ca.pem"), DisconnectOnFailure = false },
            certificate: ServerCertificate.FromFiles(certFile, keyFile, null, TimeProvider.System, new TestLog().CreateLogger("certificate")));
        using var socket = await on.ConnectAsync(
            options =>
            {
                options.ClientCertificates.Add(certificate);
                options.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.Subject == "CN=localhost";
            },
            "xmpp");
        await WebSocketFixture.SendAsync(socket, WebSocketFixture.Open);
        await WebSocketFixture.ReceiveAsync(socket);
        var features = (await WebSocketFixture.ReceiveAsync(socket))!.Value;
        Assert.Equal(offersExternal, features.Child("mechanisms", Ns.Sasl) is { } mechanisms && mechanisms.Children.ToArray().Any(mechanism => mechanism.Text == "EXTERNAL"));
        Assert.Equal(WebSocketState.Open, socket.State);

        // AUTH-101, AUTH-172: and lets its owner in.
        await WebSocketFixture.SendAsync(socket, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
        var answer = (await WebSocketFixture.ReceiveAsync(socket))!.Value;
        Assert.Equal(offersExternal ? "success" : "failure", answer.Name);
        await WebSocketFixture.SendAsync(socket, WebSocketFixture.Open);
        if (offersExternal)
        {
            Assert.Equal("alice@example.test", (await WebSocketFixture.ReceiveAsync(socket))!.Value.Attribute("to"));
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<ListenerFixture> StartAsync(string list)
    {
        File.WriteAllText(ListFile, list);
        File.WriteAllText(Path.Combine(_folder, "ca.pem"), _authority.Pem);
        return ListenerFixture.StartAsync(
            tls: new StreamTlsOptions { Mode = TlsMode.Tls, CaCertFile = Path.Combine(_folder, "ca.pem"), CrlFiles = [ListFile] },
            server: with => with.Auth = new AuthOptions { Pki = new PkiAuthOptions(), SaslMechanisms = [SaslMechanismName.External] });
    }

    private static async Task<bool> LogsInAsync(ListenerFixture on, X509Certificate2 certificate)
    {
        await using var client = await on.ConnectAsync();
        try
        {
            await client.EncryptAsync(new SslClientAuthenticationOptions { ClientCertificates = [certificate] });
            await client.OpenStreamAsync();
            await client.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
            return (await client.ReceiveAsync()).Name == "success";
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException or Xunit.Sdk.XunitException)
        {
            return false; // TLS 1.3 tells a client of its refused certificate only when it reads
        }
    }

    private ECDsa ServerKey(out string certFile, out string keyFile)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
        (certFile, keyFile) = (Path.Combine(_folder, "server.crt"), Path.Combine(_folder, "server.key"));
        File.WriteAllText(certFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return key;
    }
}
