using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Meerkat.Load.Client;

/// <summary>
/// One BOSH session (XEP-0124) on one kept connection: what it has to say goes with the request that waits for the next answer, as a client does that
/// answers at once. Nothing is parsed while the server is measured but the length of an answer.
/// </summary>
internal sealed class BoshClient : IAsyncDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LengthHeader = "content-length:"u8.ToArray();

    private readonly Target _target;
    private readonly Socket _socket;
    private readonly byte[] _prefix;
    private byte[] _buffer = new byte[16 * 1024];
    private byte[] _request = new byte[16 * 1024];
    private long _rid = Random.Shared.NextInt64(1_000_000, 1_000_000_000);
    private string _sid = "";

    private BoshClient(Target target, Socket socket)
    {
        _target = target;
        _socket = socket;
        _prefix = Encoding.ASCII.GetBytes($"POST /http-bind HTTP/1.1\r\nHost: {target.Domain}:{target.Address.Port}\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: ");
    }

    /// <summary>Opens a session, authenticates, binds <c>load</c> and becomes available.</summary>
    public static async Task<BoshClient> LogInAsync(Target target, int user, int connection, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(Target.Source(connection));
        await socket.ConnectAsync(target.Address, ct);
        var client = new BoshClient(target, socket);
        await client.OpenAsync(target.Localpart(user), ct);
        return client;
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="payload">What is in it.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The answer's body, valid until the next call.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        await SendAsync($"<body xmlns='http://jabber.org/protocol/httpbind' sid='{_sid}' rid='{++_rid}'>", payload, ct);
        return await ReceiveAsync(ct);
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task OpenAsync(string localpart, CancellationToken ct)
    {
        await SendAsync(
            $"<body xmlns='http://jabber.org/protocol/httpbind' rid='{_rid}' to='{_target.Domain}' wait='60' hold='1' ver='1.6' xml:lang='en' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'>", default, ct);
        var opened = Text(await ReceiveAsync(ct));
        _sid = Regex.Match(opened, " sid=['\"]([^'\"]+)").Groups[1].Value;
        if (_sid.Length == 0)
        {
            throw new XmppException($"no session: {opened}");
        }

        await UntilAsync(opened, "<mechanism", ct);
        await AuthenticateAsync(localpart, ct);
        await SendAsync(
            $"<body xmlns='http://jabber.org/protocol/httpbind' sid='{_sid}' rid='{++_rid}' to='{_target.Domain}' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'>", default, ct);
        await UntilAsync(Text(await ReceiveAsync(ct)), "<bind", ct);
        await AskAsync("<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind></iq>", "<jid>", ct);
        await AskAsync(
            "<iq xmlns='jabber:client' type='get' id='roster'><query xmlns='jabber:iq:roster'></query></iq><presence xmlns='jabber:client'/>" +
            $"<iq xmlns='jabber:client' type='get' id='marker-0' to='{_target.Domain}'><ping xmlns='urn:xmpp:ping'></ping></iq>", "marker-0", ct);
    }

    private async Task AuthenticateAsync(string localpart, CancellationToken ct)
    {
        const string Ns = "urn:ietf:params:xml:ns:xmpp-sasl";
        var scram = new ScramExchange(localpart, _target.Password);
        var challenge = await AskAsync($"<auth xmlns='{Ns}' mechanism='{_target.Mechanism}'>{scram.First()}</auth>", "<challenge", ct);
        var success = await AskAsync($"<response xmlns='{Ns}'>{scram.Final(Content(challenge, "challenge"))}</response>", "<success", ct);
        if (!scram.IsServerProved(Content(success, "success")))
        {
            throw new XmppException($"wrong server signature: {success}");
        }
    }

    private static string Content(string answer, string element) => Regex.Match(answer, $"<{element}[^>]*>([^<]*)</{element}>").Groups[1].Value;

    private async Task<string> AskAsync(string payload, string awaited, CancellationToken ct) =>
        await UntilAsync(Text(await ExchangeAsync(Encoding.UTF8.GetBytes(payload), ct)), awaited, ct);

    // An answer may be empty, and the one that is meant come with the next.
    private async Task<string> UntilAsync(string answer, string awaited, CancellationToken ct)
    {
        while (!answer.Contains(awaited, StringComparison.Ordinal))
        {
            if (answer.Contains("terminate", StringComparison.Ordinal))
            {
                throw new XmppException($"expected {awaited}: {answer}");
            }

            answer = Text(await ExchangeAsync(default, ct));
        }

        return answer;
    }

    private static string Text(ReadOnlyMemory<byte> body) => Encoding.UTF8.GetString(body.Span);

    private ValueTask SendAsync(string head, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        var end = "</body>"u8;
        var length = head.Length + payload.Length + end.Length;
        var needed = _prefix.Length + length + 32;
        if (_request.Length < needed)
        {
            _request = new byte[needed * 2];
        }

        _prefix.CopyTo(_request, 0);
        var at = _prefix.Length;
        at += Encoding.ASCII.GetBytes($"{length}\r\n\r\n", _request.AsSpan(at));
        at += Encoding.ASCII.GetBytes(head, _request.AsSpan(at));
        payload.Span.CopyTo(_request.AsSpan(at));
        at += payload.Length;
        end.CopyTo(_request.AsSpan(at));
        at += end.Length;
        var sending = _socket.SendAsync(_request.AsMemory(0, at), ct);
        return sending.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(sending.AsTask());
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken ct)
    {
        var end = 0;
        var (body, length) = (-1, 0);
        while (body < 0 || end < body + length)
        {
            if (end == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            var read = await _socket.ReceiveAsync(_buffer.AsMemory(end), ct);
            if (read == 0)
            {
                throw new XmppException("the server closed the connection");
            }

            end += read;
            if (body < 0 && _buffer.AsSpan(0, end).IndexOf(HeadEnd) is >= 0 and var head)
            {
                body = head + HeadEnd.Length;
                length = LengthOf(_buffer.AsSpan(0, head));
            }
        }

        return _buffer.AsMemory(body, length);
    }

    private static int LengthOf(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 200"u8))
        {
            throw new XmppException(Encoding.ASCII.GetString(head));
        }

        for (var line = head; !line.IsEmpty; line = line[(line.IndexOf((byte)'\n') + 1)..])
        {
            if (line.Length > LengthHeader.Length && Ascii.EqualsIgnoreCase(line[..LengthHeader.Length], LengthHeader))
            {
                var value = line[LengthHeader.Length..];
                var stop = value.IndexOf((byte)'\r');
                return int.Parse(Encoding.ASCII.GetString(stop < 0 ? value : value[..stop]).Trim());
            }

            if (line.IndexOf((byte)'\n') < 0)
            {
                break;
            }
        }

        throw new XmppException($"no length: {Encoding.ASCII.GetString(head)}");
    }
}
