using Meerkat.Core.Tls;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Connections.Streams;
using Meerkat.Core.Streams;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Tls;

/// <summary>The server's side of TLS on a listener (CORE §5). Safe for concurrent use.</summary>
/// <param name="options">The listener's <c>tls</c> table.</param>
/// <param name="certificate">The certificate.</param>
/// <param name="time">The clock of the handshake's time-out.</param>
/// <param name="log">Tells about failed handshakes.</param>
public sealed class TlsServer(TlsOptions options, ServerCertificate certificate, TimeProvider time, ILogger log)
{
    /// <summary>How long a handshake may take (CORE-010).</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    // XEP-0368 §3: direct TLS is chosen by this name; a client without ALPN is served all the same.
    private static readonly List<SslApplicationProtocol> s_alpn = [new("xmpp-client")];

    private readonly ClientCertificateJudge _judge = new(options, time, log);

    /// <summary>Encrypts a connection.</summary>
    /// <param name="pipe">Its pipes.</param>
    /// <param name="facts">What is known of it so far.</param>
    /// <param name="isDirect">Whether TLS comes before any XML (XEP-0368).</param>
    /// <param name="ct">Cancels the handshake.</param>
    /// <returns>The encrypted pipes and what is known now; null when the handshake failed or took too long (CORE-051).</returns>
    public async Task<(IDuplexPipe Pipe, TransportFacts Facts)?> HandshakeAsync(IDuplexPipe pipe, TransportFacts facts, bool isDirect, CancellationToken ct)
    {
        var accepted = new AcceptedCertificate();
        var stream = new SslStream(new DuplexStream(pipe), leaveInnerStreamOpen: true);
        using var timeout = new CancellationTokenSource(HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate.Context,
                    EnabledSslProtocols = Protocols(options),
                    ApplicationProtocols = isDirect ? s_alpn : null,
                    ClientCertificateRequired = options.VerifyMode is not TlsVerifyMode.None,
                    RemoteCertificateValidationCallback = (_, client, chain, errors) => Judge(client as X509Certificate2, chain, errors, accepted),
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    AllowRenegotiation = false,
                },
                either.Token);
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException or CryptographicException)
        {
            TlsLog.HandshakeFailed(log, facts.Remote, timeout.IsCancellationRequested ? $"it took longer than {HandshakeTimeout.TotalSeconds:0} s" : Reason(failed));
            await stream.DisposeAsync();
            return null;
        }

        var encrypted = facts with
        {
            Kind = "tls",
            IsEncrypted = true,
            ChannelBinding = await ChannelBinding.OfAsync(stream, certificate.EndPointHash),
            ClientCertificate = accepted.Certificate,
            TlsDescription = $"{stream.SslProtocol} {stream.NegotiatedCipherSuite}",
        };
        return (new TlsPipe(stream, pipe.Output), encrypted);
    }

    internal static SslProtocols Protocols(TlsOptions options) =>
        (options.Versions.Contains(TlsVersion.Tls12) ? SslProtocols.Tls12 : 0) | (options.Versions.Contains(TlsVersion.Tls13) ? SslProtocols.Tls13 : 0);

    // CORE-054: a certificate that does not pass ends the handshake, or counts as none.
    private bool Judge(X509Certificate2? client, X509Chain? chain, SslPolicyErrors errors, AcceptedCertificate accepted)
    {
        if (options.VerifyMode is TlsVerifyMode.None)
        {
            return true;
        }

        if (_judge.IsTrusted(client, chain, errors))
        {
            accepted.Certificate = new X509Certificate2(client!);
            return true;
        }

        return !options.DisconnectOnFailure;
    }

    private sealed class AcceptedCertificate
    {
        public X509Certificate2? Certificate { get; set; }
    }

    // Reading waits with an empty buffer: an idle session holds none. The reader outlives the writer: whoever has said its last still hears the peer out.
    private sealed class TlsPipe(SslStream stream, PipeWriter below) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 4096, minimumReadSize: 1024, leaveOpen: false, useZeroByteReads: true));

        public PipeWriter Output { get; } = PipeWriter.Create(new TlsOutput(stream, below), new StreamPipeWriterOptions(BlockPool.Small, BlockPool.SmallBlock, leaveOpen: false));
    }

    // The outermost exception of a handshake says only that there is another inside; the innermost has what OpenSSL says.
    private static string Reason(Exception failed)
    {
        while (failed.InnerException is { } inner)
        {
            failed = inner;
        }

        return failed.Message;
    }
}
