using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Connections.Tls;
using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Connections.Tests.Tls;

/// <summary>RFC 9266, RFC 5929 §3; CORE-078. What we say of a channel is what a foreign TLS implementation at its other end says.</summary>
public sealed class ChannelBindingTests
{
    // SSL_OP_NO_EXTENDED_MASTER_SECRET of ssl.h
    private const long NoExtendedMasterSecret = 1;

    [Fact]
    public async Task This_process_can_bind_to_a_handshake()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("only OpenSSL is asked");
        }

        Assert.Null(await ChannelBinding.ProbeAsync());
    }

    [Theory]
    [InlineData("-tls1_3", "")]
    [InlineData("-tls1_3", "-ciphersuites TLS_AES_256_GCM_SHA384")]
    [InlineData("-tls1_3", "-ciphersuites TLS_CHACHA20_POLY1305_SHA256")]
    [InlineData("-tls1_2", "")]
    [InlineData("-tls1_2", "-cipher ECDHE-ECDSA-AES128-GCM-SHA256")]
    public async Task Exported_keying_material_is_the_same_at_openssl(string version, string options)
    {
        using var certificate = TestCertificates.Ecdsa();
        using var server = new TlsServer(certificate);
        var accepting = server.AcceptAsync();

        var theirs = await ForeignClient.OpenSslExporterAsync(server.Port, [version, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        var ours = Assert.Single(await accepting);

        Assert.Equal(theirs, Hex(ours, ChannelBindingType.Exporter), ignoreCase: true);
        Assert.Equal(64, theirs.Length);
        Assert.Equal(version is "-tls1_2", ours.Types.Contains(ChannelBindingType.Unique)); // RFC 8446 §C.5: TLS 1.3 does not define it
    }

    // On TLS 1.3 it is there for clients that take it without having been told of it.
    [Theory]
    [InlineData("TLSv1_2", true)]
    [InlineData("TLSv1_3", false)]
    public async Task Tls_unique_is_the_same_at_python_in_new_sessions_and_in_resumed_ones(string version, bool advertised)
    {
        using var certificate = TestCertificates.Ecdsa();
        using var server = new TlsServer(certificate);
        var accepting = server.AcceptAsync(3);

        var theirs = await ForeignClient.PythonUniqueAsync(server.Port, connections: 3, version: version);
        var ours = await accepting;

        Assert.Equal([false, true, true], theirs.Select(static t => t.Resumed));
        Assert.Equal(theirs.Select(static t => t.Unique), ours.Select(static b => Hex(b, ChannelBindingType.Unique)));
        Assert.All(ours, binding => Assert.Equal(advertised, binding.Types.Contains(ChannelBindingType.Unique)));
        Assert.Equal(3, ours.Select(static b => Hex(b, ChannelBindingType.Exporter)).Distinct().Count());
    }

    // RFC 7627 §5.4, RFC 9266 §4
    [Fact]
    public async Task A_tls_1_2_connection_without_extended_master_secret_is_bound_to_the_certificate_only()
    {
        using var certificate = TestCertificates.Ecdsa();
        using var server = new TlsServer(certificate);
        var accepting = server.AcceptAsync();

        await ForeignClient.PythonUniqueAsync(server.Port, options: NoExtendedMasterSecret);

        Assert.Equal([ChannelBindingType.ServerEndPoint], Assert.Single(await accepting).Types);
    }

    [Theory]
    [InlineData(SslProtocols.Tls13, "tls-exporter tls-server-end-point")]
    [InlineData(SslProtocols.Tls12, "tls-exporter tls-unique tls-server-end-point")]
    public async Task Types_come_best_first(SslProtocols protocol, string expected)
    {
        using var certificate = TestCertificates.Ecdsa();
        var (binding, _) = await ConnectAsync(certificate, protocol, ServerEndPoint.Hash(certificate));

        Assert.Equal(expected, string.Join(' ', binding.Types));
        Assert.All(binding.Types, type => Assert.True(binding.TryGet(type, out var data) && !data.IsEmpty));
        Assert.False(binding.TryGet("TLS-EXPORTER", out _));
        Assert.Equal(32, Hex(binding, ChannelBindingType.Exporter).Length / 2);
    }

    [Fact]
    public async Task A_certificate_without_a_hash_is_not_bound_to()
    {
        using var certificate = TestCertificates.Ecdsa();
        var (binding, _) = await ConnectAsync(certificate, SslProtocols.Tls13, default);

        Assert.Equal([ChannelBindingType.Exporter], binding.Types);
    }

    [Fact]
    public async Task The_data_outlives_the_connection_and_a_closed_connection_gives_none()
    {
        using var certificate = TestCertificates.Ecdsa();
        var (before, closed) = await ConnectAsync(certificate, SslProtocols.Tls13, default);
        var after = await ChannelBinding.OfAsync(closed, ServerEndPoint.Hash(certificate));

        Assert.Equal(32, Hex(before, ChannelBindingType.Exporter).Length / 2);
        Assert.Equal([ChannelBindingType.ServerEndPoint], after.Types);
    }

    [Fact]
    public async Task A_connection_before_its_handshake_gives_none()
    {
        await using var never = new SslStream(new MemoryStream());
        Assert.Empty((await ChannelBinding.OfAsync(never, default)).Types);
    }

    [Fact]
    public async Task Many_connections_at_once_each_have_their_own()
    {
        // The native handle is held while it is asked, whatever the collector does meanwhile.
        using var certificate = TestCertificates.Ecdsa();
        var connections = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            var (binding, _) = await ConnectAsync(certificate, i % 2 == 0 ? SslProtocols.Tls13 : SslProtocols.Tls12, default);
            GC.Collect(0);
            return Hex(binding, ChannelBindingType.Exporter);
        }));

        Assert.Equal(40, connections.Distinct().Count());
    }

    // Which libssl a connection belongs to is known only when there is one.
    [Theory]
    [InlineData("7f00-7f01 r-xp 00000000 08:01 42 /usr/lib/libssl.so.3|7f02-7f03 r--p 0 08:01 42 /usr/lib/libssl.so.3", "/usr/lib/libssl.so.3")]
    [InlineData("7f00-7f01 r-xp 0 08:01 42 /usr/lib/libssl.so.3|7f02-7f03 r--p 0 08:01 43 /opt/libssl.so.1.1", "/usr/lib/libssl.so.3 /opt/libssl.so.1.1")]
    [InlineData("7f00-7f01 r-xp 0 08:01 42 /usr/lib/libcrypto.so.3|7f02-7f03 rw-p 0 00:00 0|7f02-7f03 rw-p 0 00:00 0 [heap]|1-2 r-xp 0 08:01 7 /srv/libssl.so/other.so", "")]
    public void The_library_is_found_in_the_maps_of_the_process(string maps, string expected) =>
        Assert.Equal(expected, string.Join(' ', OpenSslChannel.LoadedLibraries(maps.Split('|'))));

    private static async Task<(ChannelBinding Binding, SslStream Server)> ConnectAsync(
        X509Certificate2 certificate, SslProtocols protocol, ReadOnlyMemory<byte> serverEndPoint)
    {
        var (near, far) = MemoryDuplex.CreatePair();
        await using var server = new SslStream(near);
        await using var client = new SslStream(far);
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = protocol }),
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = protocol,
                RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Equals(shown),
            }));
        return (await ChannelBinding.OfAsync(server, serverEndPoint), server);
    }

    private static string Hex(ChannelBinding binding, string type)
    {
        Assert.True(binding.TryGet(type, out var data));
        return Convert.ToHexStringLower(data.Span);
    }
}
