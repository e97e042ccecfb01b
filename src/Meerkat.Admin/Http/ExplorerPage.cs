using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Meerkat.Admin.Http;

/// <summary>A page for developers: write a document, run it, look through the schema. It is one file of ours and needs nothing from outside.</summary>
internal static class ExplorerPage
{
    private static readonly Lazy<byte[]> s_page = new(() =>
    {
        using var stream = typeof(ExplorerPage).Assembly.GetManifestResourceStream("explorer.html")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    });

    // Only the script and the style that stand in the page may run, and only this server may be asked.
    private static readonly Lazy<string> s_policy = new(() =>
        $"default-src 'none'; connect-src 'self'; script-src '{HashOf("script")}'; style-src '{HashOf("style")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

    /// <summary>Writes the page.</summary>
    public static async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = s_policy.Value;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentLength = s_page.Value.Length;
        await context.Response.Body.WriteAsync(s_page.Value, context.RequestAborted);
    }

    private static string HashOf(string element)
    {
        var text = Encoding.UTF8.GetString(s_page.Value);
        var start = text.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        return $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text[start..text.IndexOf($"</{element}>", StringComparison.Ordinal)])))}";
    }
}
