using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using Meerkat.Connections.Http;
using Meerkat.Connections.Tls;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Meerkat.Connections.Bosh;

/// <summary>BOSH on a path of an HTTP listener: what is HTTP of it; the sessions are <see cref="BoshSession"/>'s (CORE-257 to CORE-268).</summary>
[Xep(124, "1.11.2", Partial = "one stream in a session; no polling sessions; answers are always text/xml"), Xep(206, "1.4")]
public sealed class BoshHandler
{
    /// <summary>How many sessions may be without a bound resource: the oldest of them ends when another one begins. Whoever logs in does that within the time of thousands of others.</summary>
    internal const int MaxUnbound = 8192;

    private const long LeastBody = 1024 * 1024;
    private const long MostBody = 16 * 1024 * 1024;

    private static readonly StringValues s_type = "text/xml; charset=utf8";
    private static readonly StringValues s_anyOrigin = "*";
    private static readonly StringValues s_methods = "POST, OPTIONS, GET";
    private static readonly StringValues s_headers = "content-type";
    private static readonly StringValues s_maxAge = "1728000";

    private readonly ConcurrentDictionary<string, BoshSession> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _newest = []; // ids, so that a session that is over is not kept
    private readonly ServerContext _server;
    private readonly BoshOptions _options;
    private volatile bool _stopping;

    /// <summary>Serves the domains of a server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="options">BOSH's options.</param>
    public BoshHandler(ServerContext server, BoshOptions options)
    {
        _server = server;
        _options = options;
        BoshMetrics.Begin();
    }

    /// <summary>Sessions that can be found by their id; those that just ended too.</summary>
    public int Count => _sessions.Count;

    /// <summary>Serves a request.</summary>
    public Task ServeAsync(HttpContext context, HttpHandlerOptions handler)
    {
        if (_server.Addresses.Refuses(context.Connection.RemoteIpAddress))
        {
            context.Abort(); // CORE-012
            return Task.CompletedTask;
        }

        var response = context.Response;
        if (context.Request.Path.Value is not (null or "" or "/"))
        {
            response.StatusCode = StatusCodes.Status404NotFound; // HTP-RTE-02; a slash at the end counts for nothing
            return Task.CompletedTask;
        }

        response.Headers.AccessControlAllowMethods = s_methods;
        response.Headers.AccessControlAllowHeaders = s_headers;
        response.Headers.AccessControlMaxAge = s_maxAge;
        switch (context.Request.Method)
        {
            case "POST":
                response.Headers.AccessControlAllowOrigin = s_anyOrigin;
                return PostAsync(context, (BoshHandlerOptions)handler);
            case "OPTIONS":
                response.Headers.AccessControlAllowOrigin = context.Request.Headers.Origin is [{ } origin, ..] ? origin : s_anyOrigin;
                response.Headers.Vary = "Origin";
                response.ContentLength = 0;
                return Task.CompletedTask;
            case "GET":
                return AnswerAsync(response, StatusCodes.Status200OK, "This is for XMPP over BOSH (XEP-0206).");
            default:
                response.Headers.AccessControlAllowOrigin = s_anyOrigin;
                response.Headers.Allow = s_methods;
                return AnswerAsync(response, StatusCodes.Status405MethodNotAllowed, "Use POST request method");
        }
    }

    /// <summary>Ends every session with <c>system-shutdown</c> and waits until their clients were told, or a while at most.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        _stopping = true;
        var sessions = _sessions.Values.ToArray();
        foreach (var session in sessions)
        {
            session.Interrupt(StreamError.SystemShutdown);
        }

        try
        {
            await Task.WhenAll(sessions.Select(session => session.Ended)).WaitAsync(patience, _server.Time);
        }
        catch (TimeoutException)
        {
            // Clients that have no request open and do not come back for the news.
        }
    }

    /// <summary>Whether a request of a session waits for its answer, or for one before it.</summary>
    internal bool IsWaiting(string sid) => _sessions.TryGetValue(sid, out var session) && session.IsWaiting;

    private async Task PostAsync(HttpContext context, BoshHandlerOptions handler)
    {
        var (request, length) = await ReadAsync(context, handler);
        if (length == 0)
        {
            await AnswerAsync(context.Response, StatusCodes.Status400BadRequest, "Missing request body");
            return;
        }

        BoshMetrics.Received(length);
        if (request.Fault is { } fault && request.Sid is null)
        {
            await WriteAsync(context, BoshWriter.Terminate(fault));
            return;
        }

        var refusal = request.Sid is null ? TryOpen(request, context, out var session) : TryFind(request.Sid, out session);
        if (refusal is not null)
        {
            await WriteAsync(context, BoshWriter.Terminate(refusal));
            return;
        }

        var exchange = session!.Accept(request);
        if (!exchange.Answer.IsCompleted)
        {
            await WaitAsync(context, session, exchange);
        }

        if (!await WriteAsync(context, await exchange.Answer))
        {
            session.Miss(request.Rid);
        }
    }

    private static async Task WaitAsync(HttpContext context, BoshSession session, BoshExchange exchange)
    {
        await using var _ = context.RequestAborted.UnsafeRegister(
            static state =>
            {
                var (session, exchange) = ((BoshSession, BoshExchange))state!;
                session.Lose(exchange);
            },
            (session, exchange));
        await exchange.Answer;
    }

    private string? TryFind(string sid, out BoshSession? session) => _sessions.TryGetValue(sid, out session) ? null : BoshCondition.ItemNotFound;

    private string? TryOpen(BoshRequest request, HttpContext context, out BoshSession? session)
    {
        session = null;
        if (_stopping)
        {
            return BoshCondition.SystemShutdown;
        }

        if (BoshStart.Read(request, _server, _options, out var start) is { } refusal)
        {
            return refusal;
        }

        var connection = context.Connection;
        var facts = new TransportFacts("bosh", connection.RemoteIpAddress is { } ip ? new IPEndPoint(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, connection.RemotePort) : null, context.Request.IsHttps)
        {
            ClientCertificate = ClientCertificateJudge.PassedOn(context), // CORE-054: one that did not pass is none
        };
        session = new BoshSession(_server, _options, start!, facts, RandomNumberGenerator.GetHexString(40, lowercase: true), ended => _sessions.TryRemove(ended.Sid, out _));
        _sessions[session.Sid] = session;
        _newest.Enqueue(session.Sid);
        while (_newest.Count > MaxUnbound && _newest.TryDequeue(out var oldest))
        {
            if (_sessions.TryGetValue(oldest, out var displaced))
            {
                displaced.Displace();
            }
        }

        return null;
    }

    // Whatever is too long or broken comes back as a request with a fault, with as much of it as is needed to find its session.
    private static async ValueTask<(BoshRequest Request, long Length)> ReadAsync(HttpContext context, BoshHandlerOptions handler)
    {
        var limits = XmlLimits.Default with { MaxElementBytes = handler.MaxStanzaSize ?? (int)MostBody };
        var most = Math.Clamp(4L * (handler.MaxStanzaSize ?? int.MaxValue), LeastBody, MostBody);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null; // we stop reading ourselves, and know then whose request it was
        }

        if (context.Request.Headers.ContentEncoding is [{ Length: > 0 } encoding, ..])
        {
            return await ReadCompressedAsync(context, encoding, limits, most);
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            var length = read.Buffer.Length;
            if (!read.IsCompleted && length <= most)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var request = length == 0 ? s_nothing : BoshRequest.Read(length <= most ? read.Buffer : read.Buffer.Slice(0, most), limits, length <= most);
            reader.AdvanceTo(read.Buffer.End);
            return (request, length);
        }
    }

    private static readonly BoshRequest s_nothing = new(default, [], BoshCondition.BadRequest);

    // XEP-0124 §7.2, "accept": the limit is for what comes out.
    private static async ValueTask<(BoshRequest Request, long Length)> ReadCompressedAsync(HttpContext context, string encoding, XmlLimits limits, long most)
    {
        await using Stream? plain = encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(context.Request.Body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(context.Request.Body, CompressionMode.Decompress),
            "identity" => context.Request.Body,
            _ => null,
        };
        if (plain is null)
        {
            return (s_nothing, 1);
        }

        var body = new ArrayBufferWriter<byte>(1024);
        try
        {
            while (body.WrittenCount <= most && await plain.ReadAsync(body.GetMemory(1024)) is > 0 and var count)
            {
                body.Advance(count);
            }
        }
        catch (InvalidDataException)
        {
            return (s_nothing, 1);
        }

        var isWhole = body.WrittenCount <= most;
        return (BoshRequest.Read(new ReadOnlySequence<byte>(isWhole ? body.WrittenMemory : body.WrittenMemory[..(int)most]), limits, isWhole), body.WrittenCount);
    }

    private static async Task<bool> WriteAsync(HttpContext context, byte[] answer)
    {
        var response = context.Response;
        response.Headers.ContentType = s_type;
        response.ContentLength = answer.Length;
        BoshMetrics.Sent(answer.Length);
        try
        {
            var written = await response.BodyWriter.WriteAsync(answer);
            return !written.IsCompleted;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static Task AnswerAsync(HttpResponse response, int status, string text)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain";
        return response.WriteAsync(text);
    }
}
