using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Meerkat.Admin.Http;

/// <summary>A page for developers. It is one file of ours and needs nothing from outside. Safe for concurrent use.</summary>
internal sealed class DeveloperPage
{
    /// <summary>GraphQL: write a document, run it, look through the schema.</summary>
    public static readonly DeveloperPage Explorer = new("explorer.html");

    /// <summary>REST: what there is.</summary>
    public static readonly DeveloperPage Rest = new("rest.html");

    private readonly Lazy<byte[]> _page;
    private readonly Lazy<string> _policy;

    private DeveloperPage(string resource)
    {
        _page = new(() =>
        {
            using var stream = typeof(DeveloperPage).Assembly.GetManifestResourceStream(resource)!;
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        });

        // Only the script and the style that stand in the page may run, and only this server may be asked.
        _policy = new(() => $"default-src 'none'; connect-src 'self'; script-src '{HashOf("script")}'; style-src '{HashOf("style")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    /// <summary>Writes the page.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = _policy.Value;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentLength = _page.Value.Length;
        await context.Response.Body.WriteAsync(_page.Value, context.RequestAborted);
    }

    private string HashOf(string element)
    {
        var text = Encoding.UTF8.GetString(_page.Value);
        var start = text.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        return $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text[start..text.IndexOf($"</{element}>", StringComparison.Ordinal)])))}";
    }
}
