using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Connections.Tls;

namespace Meerkat.Connections.Tests.Tls;

/// <summary>Accepts TLS connections on loopback, one after the other, and keeps the bindings of each.</summary>
internal sealed class TlsServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SslServerAuthenticationOptions _options;
    private readonly X509Certificate2 _certificate;

    public TlsServer(X509Certificate2 certificate, SslProtocols protocols = SslProtocols.Tls12 | SslProtocols.Tls13)
    {
        _certificate = certificate;
        _options = new() { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true), EnabledSslProtocols = protocols };
        _listener.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Accepts as many connections as asked and gives the bindings of each, in order.</summary>
    public async Task<ChannelBinding[]> AcceptAsync(int connections = 1)
    {
        var bindings = new ChannelBinding[connections];
        for (var i = 0; i < connections; i++)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(_options);
            bindings[i] = await ChannelBinding.OfAsync(tls, ServerEndPoint.Hash(_certificate));
            await tls.WriteAsync(new byte[1]);
            await tls.ShutdownAsync();
        }

        return bindings;
    }

    public void Dispose() => _listener.Dispose();
}
