using System.Net.Http.Headers;
using System.Text;
using Meerkat.Xml;

namespace Meerkat.Modules.HttpUpload;

/// <summary>A file that somebody wants to upload.</summary>
/// <param name="Name">Its name: one segment of a path, whatever the client wrote.</param>
/// <param name="Size">Its size in bytes, above 0.</param>
/// <param name="ContentType">Its media type; null when the client named none.</param>
public sealed record UploadRequest(string Name, long Size, string? ContentType)
{
    // What file systems and S3 take, percent-encoding not counted.
    private const int MaxName = 255;

    /// <summary>Makes a request of what a client or an administrator says.</summary>
    /// <returns>Null when that makes no sense.</returns>
    public static UploadRequest? From(string? name, string? size, string? contentType) =>
        long.TryParse(size, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var bytes) && bytes > 0
        && name is { Length: > 0 } && Tame(name) is { } tame && Encoding.UTF8.GetByteCount(tame) <= MaxName
        && (contentType is null || IsMediaType(contentType))
            ? new UploadRequest(tame, bytes, contentType)
            : null;

    /// <summary>Reads the <c>request</c> element (XEP-0363 §4).</summary>
    public static UploadRequest? Read(XmlElement request) => From(request.Attribute("filename"), request.Attribute("size"), request.Attribute("content-type"));

    // The name becomes the last segment of an address: whatever could lead elsewhere is left out (a whole path, "..", control characters).
    private static string? Tame(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var tame = string.Concat(last.Where(c => !char.IsControl(c))).Trim();
        return tame is "." or ".." ? null : tame.Length == 0 ? null : tame;
    }

    private static bool IsMediaType(string text) =>
        text.Length <= MaxName && text.All(c => c is >= ' ' and < '\x7f') && MediaTypeHeaderValue.TryParse(text, out _);
}
