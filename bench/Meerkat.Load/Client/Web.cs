using System.Net.Http.Headers;
using System.Text;

namespace Meerkat.Load.Client;

/// <summary>HTTP to the server under load.</summary>
internal static class Web
{
    /// <summary>A client of the address of <paramref name="target"/>, without bounds of its own.</summary>
    /// <param name="target">The server; its address is that of HTTP here.</param>
    /// <param name="credentials"><c>name:password</c>, or empty for none.</param>
    public static HttpClient ClientOf(Target target, string credentials)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = new Uri($"http://{target.Address}"), Timeout = Timeout.InfiniteTimeSpan };
        if (credentials.Length > 0)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        return client;
    }
}
