using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Meerkat.Cluster.Orleans.Tls;

/// <summary>TLS 1.3 between nodes, both sides with the certificate that the cluster's secret makes: a stranger is refused before one byte of what nodes say to each other.</summary>
internal sealed class NodeTls(ClusterKey key, TimeSpan patience, ILogger log)
{
    private const string Name = "meerkat-node";

    private readonly SslStreamCertificateContext _own = SslStreamCertificateContext.Create(key.Certificate, additionalCertificates: null, offline: true);

    /// <summary>For connections that come.</summary>
    public void UseInbound(IConnectionBuilder connections) => connections.Use(next => connection => RunAsync(connection, next, isServer: true));

    /// <summary>For connections that go out.</summary>
    public void UseOutbound(IConnectionBuilder connections) => connections.Use(next => connection => RunAsync(connection, next, isServer: false));

    /// <summary>Whether a node of this cluster listens somewhere.</summary>
    public async Task<PeerKind> ProbeAsync(IPEndPoint endPoint, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(patience);
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, timeout.Token);
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return PeerKind.Absent;
        }

        try
        {
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
            await stream.AuthenticateAsClientAsync(AsClient(), timeout.Token);
            return PeerKind.Member;
        }
        catch (AuthenticationException)
        {
            return PeerKind.Stranger;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return PeerKind.Absent;
        }
    }

    /// <summary>What a node shows and wants when it connects.</summary>
    internal SslClientAuthenticationOptions AsClient() => new()
    {
        TargetHost = Name,
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = _own,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = IsMember,
        AllowTlsResume = false, // every connection shows that it has the key
    };

    private SslServerAuthenticationOptions AsServer() => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ServerCertificateContext = _own,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = IsMember,
        AllowTlsResume = false,
    };

    // By the key alone: there is no authority, and names and times say nothing.
    private bool IsMember(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors) => key.Fits(shown);

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, bool isServer)
    {
        var plain = connection.Transport;
        await using var stream = new SslStream(new DuplexPipeStream(plain));
        using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed))
        {
            timeout.CancelAfter(patience);
            try
            {
                await (isServer ? stream.AuthenticateAsServerAsync(AsServer(), timeout.Token) : stream.AuthenticateAsClientAsync(AsClient(), timeout.Token));
            }
            catch (Exception refused) when (refused is AuthenticationException or IOException or OperationCanceledException)
            {
                if (isServer)
                {
                    ClusterLog.Refused(log, connection.RemoteEndPoint, refused.Message);
                    connection.Abort();
                    return;
                }

                throw new ConnectionAbortedException($"{connection.RemoteEndPoint} is no node of this cluster, or has another secret: {refused.Message}", refused);
            }
        }

        var secured = new SecuredPipe(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        connection.Transport = secured;
        try
        {
            await next(connection);
        }
        finally
        {
            await secured.Input.CompleteAsync();
            await secured.Output.CompleteAsync();
            connection.Transport = plain;
        }
    }

    private sealed record SecuredPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

/// <summary>Who answers at an address.</summary>
internal enum PeerKind
{
    /// <summary>Nobody.</summary>
    Absent,

    /// <summary>A node of this cluster.</summary>
    Member,

    /// <summary>Somebody else, or a node with another secret.</summary>
    Stranger,
}
