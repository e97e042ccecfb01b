using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Modules.Tests.HttpUpload;

/// <summary>A bucket as S3 has them: it takes a file if the address was signed with its key, and checks that as Amazon's documentation says ("Authenticating Requests: Using Query Parameters"), from the request as it came.</summary>
internal sealed class CheckingBucket : IDisposable
{
    private readonly HttpListener _http = new();
    private readonly string _secret;

    public CheckingBucket(int port, string secret)
    {
        _secret = secret;
        Address = $"http://127.0.0.1:{port}/bucket";
        _http.Prefixes.Add($"{Address}/");
        _http.Start();
        _ = ServeAsync(); // ends with the listener
    }

    public string Address { get; }

    /// <summary>What was taken, by the path as it is when it is decoded.</summary>
    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public void Dispose() => _http.Close();

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _http.GetContextAsync();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            var isSigned = IsSigned(context.Request);
            if (isSigned)
            {
                Files[Uri.UnescapeDataString(context.Request.RawUrl!.Split('?')[0])] = body.ToArray();
            }

            context.Response.StatusCode = isSigned ? 200 : 403;
            context.Response.Close();
        }
    }

    private bool IsSigned(HttpListenerRequest request)
    {
        if (request.RawUrl!.Split('?') is not [var path, var query])
        {
            return false;
        }

        var pairs = query.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => Uri.UnescapeDataString(pair[0]), pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);
        if (!pairs.Remove("X-Amz-Signature", out var signature))
        {
            return false;
        }

        var canonicalQuery = string.Join('&', pairs.OrderBy(pair => Encoded(pair.Key), StringComparer.Ordinal).Select(pair => $"{Encoded(pair.Key)}={Encoded(pair.Value)}"));
        var headers = string.Concat(pairs["X-Amz-SignedHeaders"].Split(';').Select(name => $"{name}:{Header(request, name).Trim()}\n"));
        var canonicalPath = string.Join('/', path.Split('/').Select(segment => Encoded(Uri.UnescapeDataString(segment))));
        var canonical = $"{request.HttpMethod}\n{canonicalPath}\n{canonicalQuery}\n{headers}\n{pairs["X-Amz-SignedHeaders"]}\nUNSIGNED-PAYLOAD";
        var scope = pairs["X-Amz-Credential"].Split('/', 2)[1];
        var toSign = $"AWS4-HMAC-SHA256\n{pairs["X-Amz-Date"]}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes($"AWS4{_secret}"), (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part)));
        return signature == Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    private static string Header(HttpListenerRequest request, string name) => name == "content-length" ? request.ContentLength64.ToString(CultureInfo.InvariantCulture) : request.Headers[name] ?? "";

    // All but the unreserved characters of RFC 3986.
    private static string Encoded(string text) =>
        string.Concat(Encoding.UTF8.GetBytes(text).Select(octet => char.IsAsciiLetterOrDigit((char)octet) || (char)octet is '-' or '.' or '_' or '~' ? ((char)octet).ToString() : $"%{octet:X2}"));

    private static string Hex(byte[] octets) => Convert.ToHexStringLower(octets);
}
