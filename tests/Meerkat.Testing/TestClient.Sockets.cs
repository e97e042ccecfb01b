using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Meerkat.Testing;

/// <summary>The client over real sockets.</summary>
public sealed partial class TestClient
{
    // The system would let it grow to what nobody reads, some 32 MB, and a server would never see a client that takes nothing.
    private const int SocketBytes = 128 * 1024;

    private Socket? _socket;
    private Stream? _stream;

    /// <summary>What TLS came to; null before.</summary>
    public SslStream? Tls => _stream as SslStream;

    /// <summary>The socket; null in memory.</summary>
    public Socket? Socket => _socket;

    /// <summary>Connects to a listener: nothing is sent yet.</summary>
    /// <param name="to">Where it listens.</param>
    /// <param name="domain">The domain that is asked for.</param>
    /// <param name="from">The address to come from; null leaves it to the system.</param>
    /// <param name="log">The server's log, for the message of a test that fails.</param>
    public static async Task<TestClient> ConnectAsync(IPEndPoint to, string domain = "example.test", IPAddress? from = null, TestLog? log = null)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = SocketBytes };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        return await ConnectAsync(socket, to, domain, log);
    }

    /// <summary>Connects a socket that was made elsewhere to a listener: nothing is sent yet.</summary>
    /// <param name="socket">The socket; it is the client's from here on.</param>
    /// <param name="to">Where it listens.</param>
    /// <param name="domain">The domain that is asked for.</param>
    /// <param name="log">The server's log, for the message of a test that fails.</param>
    public static async Task<TestClient> ConnectAsync(Socket socket, IPEndPoint to, string domain, TestLog? log = null)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_patience);
            await socket.ConnectAsync(to, patience.Token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = new NetworkStream(socket, ownsSocket: true);
        return new TestClient(Pipes(stream), domain, log) { _socket = socket, _stream = stream };
    }

    /// <summary>Asks for TLS inside the stream and starts it.</summary>
    public async Task StartTlsAsync(SslClientAuthenticationOptions? options = null)
    {
        await SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await ExpectAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await EncryptAsync(options);
    }

    /// <summary>Starts TLS.</summary>
    /// <param name="options">How; null trusts every server.</param>
    public async Task EncryptAsync(SslClientAuthenticationOptions? options = null)
    {
        options ??= new SslClientAuthenticationOptions();
        options.TargetHost ??= _domain;
        options.RemoteCertificateValidationCallback ??= AcceptAny;
        var tls = new SslStream(_stream!);
        using var patience = new CancellationTokenSource(s_patience);
        await tls.AuthenticateAsClientAsync(options, patience.Token);
        _stream = tls;
        _pipe = Pipes(tls);
        _framer.Reset();
    }

    /// <summary>Ends the connection by a reset.</summary>
    public void Reset()
    {
        _socket!.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>What comes up to the end of the connection, as bytes.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var all = new MemoryStream();
        try
        {
            await _pipe.Input.CopyToAsync(all, patience.Token);
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        return all.ToArray();
    }

    // What a test is about is our side of the handshake; the certificate was made for it a moment ago.
    private static bool AcceptAny(object sender, System.Security.Cryptography.X509Certificates.X509Certificate? certificate, System.Security.Cryptography.X509Certificates.X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private static SocketPipes Pipes(Stream stream) =>
        new(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));

    private sealed record SocketPipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
