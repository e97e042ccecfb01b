using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Meerkat.Load.Client;

/// <summary>
/// One stream to the server, on a socket of its own. It reads whole elements while the stream is negotiated, and afterwards only counts a
/// byte pattern: nothing is parsed while the server is measured.
/// </summary>
/// <remarks>One reader and one writer at a time.</remarks>
internal sealed class XmppClient : IAsyncDisposable
{
    private readonly Target _target;
    private readonly Socket _socket;
    private Stream _stream;
    private byte[] _buffer = new byte[2048];
    private int _start;
    private int _end;
    private int _counted;

    private XmppClient(Target target, Socket socket)
    {
        _target = target;
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Connects, with TLS when the target wants it at once; no byte of XMPP is sent.</summary>
    public static async Task<XmppClient> ConnectAsync(Target target, int connection, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(Target.Source(connection));
            await socket.ConnectAsync(target.AddressOf(connection), ct);
            var client = new XmppClient(target, socket);
            if (target.Tls is TlsMode.Direct)
            {
                await client.SecureAsync(ct);
            }

            return client;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects, authenticates and binds the resource <c>load</c>.</summary>
    public static async Task<XmppClient> LogInAsync(Target target, int user, int connection, CancellationToken ct)
    {
        var client = await ConnectAsync(target, connection, ct);
        try
        {
            await client.OpenAsync(ct);
            await client.AuthenticateAsync(target.Localpart(user), ct);
            await client.OpenStreamAsync(ct);
            await client.SendAsync("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind></iq>", ct);
            var bound = await client.ReadElementAsync(ct);
            if (!bound.Contains("<jid>", StringComparison.Ordinal))
            {
                throw new XmppException($"bind: {bound}");
            }

            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the stream, through STARTTLS when the target wants it.</summary>
    /// <returns>The features of the stream that is ready for SASL.</returns>
    public async Task<string> OpenAsync(CancellationToken ct)
    {
        var features = await OpenStreamAsync(ct);
        if (_target.Tls is not TlsMode.StartTls)
        {
            return features;
        }

        await SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", ct);
        var proceed = await ReadElementAsync(ct);
        if (!proceed.StartsWith("<proceed", StringComparison.Ordinal))
        {
            throw new XmppException($"starttls: {proceed}");
        }

        await SecureAsync(ct);
        return await OpenStreamAsync(ct);
    }

    /// <summary>Initial presence after asking for the roster, as clients do; returns when the server has handled both.</summary>
    /// <returns>How often <paramref name="token"/> came by meanwhile.</returns>
    public async Task<int> BecomeAvailableAsync(byte[] token, CancellationToken ct)
    {
        await SendAsync(
            "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'></query></iq><presence/>" +
            "<iq type='get' id='marker-0' to='" + _target.Domain + "'><ping xmlns='urn:xmpp:ping'></ping></iq>", ct);
        return await CountUntilAsync("marker-0"u8.ToArray(), token, ct);
    }

    public ValueTask SendAsync(string xml, CancellationToken ct) => SendAsync(Encoding.UTF8.GetBytes(xml), ct);

    public ValueTask SendAsync(ReadOnlyMemory<byte> xml, CancellationToken ct) => _stream.WriteAsync(xml, ct);

    /// <returns>The next top-level element as text; stream headers and the XML declaration are passed over.</returns>
    public async Task<string> ReadElementAsync(CancellationToken ct)
    {
        while (true)
        {
            while (_start < _end && _buffer[_start] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            {
                _start++;
            }

            var unread = _buffer.AsSpan(_start, _end - _start);
            var length = ElementScan.Length(unread);
            if (length == 0)
            {
                await ReadOrThrowAsync(overlap: 0, ct);
                continue;
            }

            var text = Encoding.UTF8.GetString(unread[..length]);
            _start += length;
            if (!text.StartsWith("<?", StringComparison.Ordinal) && !text.StartsWith("<stream:stream", StringComparison.Ordinal))
            {
                return text.StartsWith("<stream:error", StringComparison.Ordinal) ? throw new XmppException(text) : text;
            }
        }
    }

    /// <summary>What came since the last call, or else one read.</summary>
    /// <returns>How often the token ended in it, tokens cut by reads included; -1 when the server closed.</returns>
    public async ValueTask<int> CountAsync(byte[] token, CancellationToken ct) =>
        _start == _end && !await ReadAsync(token.Length - 1, ct) ? -1 : CountUnread(token);

    /// <summary>What the last count looked at; valid until the next read.</summary>
    public ReadOnlySpan<byte> LastRead => _buffer.AsSpan(_counted, _end - _counted);

    /// <summary>Makes room for reads that bring many stanzas at once.</summary>
    public void UseBufferOf(int bytes)
    {
        if (_buffer.Length < bytes)
        {
            Array.Resize(ref _buffer, bytes);
        }
    }

    /// <summary>Reads and forgets until <paramref name="marker"/> has come by.</summary>
    /// <returns>How often <paramref name="token"/> came by meanwhile.</returns>
    public async Task<int> CountUntilAsync(byte[] marker, byte[] token, CancellationToken ct)
    {
        var counted = 0;
        while (true)
        {
            var found = Unread(marker).IndexOf(marker) >= 0;
            counted += CountUnread(token);
            if (found)
            {
                return counted;
            }

            await ReadOrThrowAsync(Math.Max(marker.Length, token.Length) - 1, ct);
        }
    }

    /// <summary>Ends the stream as RFC 6120 §4.4 wants it, waiting for the server's own end tag, and leaves the socket to Dispose.</summary>
    public async Task CloseAsync(CancellationToken ct)
    {
        await SendAsync("</stream:stream>", ct);
        var end = "</stream:stream>"u8.ToArray();
        int counted;
        do
        {
            counted = await CountAsync(end, ct);
        }
        while (counted == 0);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<string> OpenStreamAsync(CancellationToken ct)
    {
        await SendAsync(
            $"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{_target.Domain}' version='1.0'>", ct);
        return await ReadElementAsync(ct);
    }

    private async Task AuthenticateAsync(string localpart, CancellationToken ct)
    {
        const string Ns = "urn:ietf:params:xml:ns:xmpp-sasl";
        if (_target.Mechanism == "PLAIN")
        {
            var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{localpart}\0{_target.Password}"));
            await SendAsync($"<auth xmlns='{Ns}' mechanism='PLAIN'>{plain}</auth>", ct);
            Expect(await ReadElementAsync(ct), "<success");
            return;
        }

        var scram = new ScramExchange(localpart, _target.Password);
        await SendAsync($"<auth xmlns='{Ns}' mechanism='{_target.Mechanism}'>{scram.First()}</auth>", ct);
        var challenge = Expect(await ReadElementAsync(ct), "<challenge");
        await SendAsync($"<response xmlns='{Ns}'>{scram.Final(challenge)}</response>", ct);
        var success = Expect(await ReadElementAsync(ct), "<success");
        if (!scram.IsServerProved(success))
        {
            throw new XmppException($"wrong server signature: {success}");
        }
    }

    private static string Expect(string element, string start)
    {
        if (!element.StartsWith(start, StringComparison.Ordinal))
        {
            throw new XmppException($"expected {start}: {element}");
        }

        var from = element.IndexOf('>', StringComparison.Ordinal) + 1;
        var to = element.LastIndexOf('<');
        return to > from ? element[from..to] : "";
    }

    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "The servers under load have self-signed certificates made for the run.")]
    private async Task SecureAsync(CancellationToken ct)
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = _target.Domain,
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false, // every log-in is a full handshake
                ApplicationProtocols = _target.Tls is TlsMode.Direct ? [new SslApplicationProtocol("xmpp-client")] : null, // XEP-0368 §3
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            },
            ct);
        _stream = tls;
        _start = _end = 0;
    }

    /// <summary>The bytes not looked at, with as many before them as a token cut by a read may have there.</summary>
    private Span<byte> Unread(byte[] token)
    {
        var from = Math.Max(0, _start - token.Length + 1);
        return _buffer.AsSpan(from, _end - from);
    }

    private int CountUnread(byte[] token)
    {
        _counted = _start;
        var counted = Unread(token).Count(token);
        _start = _end;
        return counted;
    }

    private async ValueTask ReadOrThrowAsync(int overlap, CancellationToken ct)
    {
        if (!await ReadAsync(overlap, ct))
        {
            throw new XmppException("the server closed the stream");
        }
    }

    /// <summary>Reads behind the bytes not looked at; those and <paramref name="overlap"/> bytes before them stay.</summary>
    private async ValueTask<bool> ReadAsync(int overlap, CancellationToken ct)
    {
        var from = Math.Max(0, _start - overlap);
        _buffer.AsSpan(from, _end - from).CopyTo(_buffer);
        (_start, _end) = (_start - from, _end - from);
        if (_buffer.Length - _end < _buffer.Length / 2)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), ct);
        _end += read;
        return read > 0;
    }
}
