using System.Globalization;
using Meerkat.Core.Http;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.HttpUpload;

/// <summary>Takes and gives files over HTTP: <c>/upload/&lt;owner&gt;/&lt;token&gt;/&lt;name&gt;</c>.</summary>
/// <remarks>
/// What users uploaded is never trusted: no content runs as a page of this server (a sandbox without anything, types that a browser would run are downloads),
/// and any page may read it, because whoever knows an address may (XEP-0363 §7, §9).
/// </remarks>
internal sealed class UploadEndpoint(IUploadStore store, DiskSlots slots, ILogger log)
{
    private const string Methods = "GET, HEAD, PUT, OPTIONS";

    /// <summary>Serves a request.</summary>
    public ValueTask ServeAsync(HttpExchange exchange, CancellationToken ct)
    {
        exchange.SetHeader("Access-Control-Allow-Origin", "*");
        if (exchange.Method == "OPTIONS")
        {
            exchange.SetHeader("Access-Control-Allow-Methods", Methods);
            exchange.SetHeader("Access-Control-Allow-Headers", "Content-Type, Range");
            exchange.SetHeader("Access-Control-Max-Age", "7200");
            return exchange.AnswerAsync(204);
        }

        // Three segments and nothing else; the name is compared and shown, never a path.
        if (exchange.Path.Split('/') is not ["", { Length: > 0 } owner, { Length: > 0 } token, { Length: > 0 } name])
        {
            return exchange.AnswerAsync(404);
        }

        switch (exchange.Method)
        {
            case "GET" or "HEAD":
                return GetAsync(exchange, owner, token, name, ct);
            case "PUT":
                return PutAsync(exchange, owner, token, name, ct);
            default:
                exchange.SetHeader("Allow", Methods);
                return exchange.AnswerAsync(405);
        }
    }

    private async ValueTask PutAsync(HttpExchange exchange, string owner, string token, string name, CancellationToken ct)
    {
        if (UploadRequest.From(name, exchange.Query("size"), exchange.Query("type")) is not { } file || file.Name != name
            || !long.TryParse(exchange.Query("expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var expires)
            || !slots.IsSigned(owner, token, file, expires, exchange.Query("signature")) || slots.IsOver(expires))
        {
            await exchange.AnswerAsync(403);
            return;
        }

        if (exchange.ContentLength is { } length && length != file.Size)
        {
            await exchange.AnswerAsync(length > file.Size ? 413 : 400);
            return;
        }

        exchange.AllowBody(file.Size + 1); // one more is enough to see that it is too long
        var outcome = await store.SaveAsync(owner, token, new StoredUpload(name, file.ContentType, file.Size, default), exchange.Body, ct);
        if (outcome is UploadOutcome.Saved)
        {
            UploadMetrics.Stored(file.Size);
            UploadLog.Stored(log, owner, token, file.Size);
        }

        await exchange.AnswerAsync(outcome switch
        {
            UploadOutcome.Saved => 201,
            UploadOutcome.Exists => 409,
            UploadOutcome.OverQuota => 507,
            UploadOutcome.TooLong => 413,
            _ => 400,
        });
    }

    private async ValueTask GetAsync(HttpExchange exchange, string owner, string token, string name, CancellationToken ct)
    {
        if (await store.OpenAsync(owner, token, ct) is not { } found)
        {
            await exchange.AnswerAsync(404);
            return;
        }

        await using var content = found.Content;
        var file = found.File;
        if (file.Name != name)
        {
            await exchange.AnswerAsync(404);
            return;
        }

        SetHeaders(exchange, file);
        var (first, last) = (0L, file.Size - 1);
        if (exchange.Header("Range") is { } range && TryReadRange(range, file.Size, out var asked))
        {
            if (asked is not { } part)
            {
                exchange.SetHeader("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Size}"));
                await exchange.AnswerAsync(416);
                return;
            }

            (first, last) = part;
            exchange.Status = 206;
            exchange.SetHeader("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {first}-{last}/{file.Size}"));
        }

        exchange.SetHeader("Content-Length", (last - first + 1).ToString(CultureInfo.InvariantCulture));
        if (exchange.Method == "GET")
        {
            await SendAsync(content, first, last - first + 1, exchange.Output, ct);
            UploadMetrics.Served(last - first + 1);
        }
    }

    private static void SetHeaders(HttpExchange exchange, StoredUpload file)
    {
        var isHarmless = IsHarmless(file.ContentType);
        exchange.SetHeader("Content-Type", file.ContentType ?? "application/octet-stream");
        exchange.SetHeader("Content-Disposition", $"{(isHarmless ? "inline" : "attachment")}; filename*=UTF-8''{Uri.EscapeDataString(file.Name)}");
        exchange.SetHeader("X-Content-Type-Options", "nosniff");
        exchange.SetHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
        exchange.SetHeader("Cross-Origin-Resource-Policy", "cross-origin");
        exchange.SetHeader("Cache-Control", "private, max-age=86400, immutable");
        exchange.SetHeader("Accept-Ranges", "bytes");
    }

    // Pictures, sound and film are shown; an SVG can hold a program.
    private static bool IsHarmless(string? type) => type is not null
        && (type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) || type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) || type.StartsWith("video/", StringComparison.OrdinalIgnoreCase))
        && !type.Contains("xml", StringComparison.OrdinalIgnoreCase);

    // RFC 9110 §14.1.2: one range; more than one, or what makes no sense, is as none. Null: there is nothing in it.
    private static bool TryReadRange(string header, long size, out (long First, long Last)? range)
    {
        range = null;
        if (!header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) || header[6..].Split('-') is not [var from, var to] || header.Contains(',', StringComparison.Ordinal))
        {
            return false;
        }

        var hasFirst = long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var first);
        var hasLast = long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        if ((!hasFirst && from.Length > 0) || (!hasLast && to.Length > 0) || (!hasFirst && !hasLast) || (hasFirst && hasLast && last < first))
        {
            return false;
        }

        (first, last) = hasFirst ? (first, hasLast ? Math.Min(last, size - 1) : size - 1) : (Math.Max(0, size - last), size - 1);
        range = first <= last ? (first, last) : null;
        return true;
    }

    private static async ValueTask SendAsync(Stream content, long from, long count, Stream output, CancellationToken ct)
    {
        content.Position = from;
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            while (count > 0 && await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), ct) is > 0 and var read)
            {
                await output.WriteAsync(buffer.AsMemory(0, read), ct);
                count -= read;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
