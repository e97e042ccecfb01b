using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Meerkat.Admin.Http;

/// <summary>Name and password of HTTP's Basic authentication (RFC 7617).</summary>
/// <param name="Name">The name.</param>
/// <param name="Password">The password. Never log it.</param>
internal sealed record BasicCredentials(string Name, string Password)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the header <c>Authorization</c>.</summary>
    /// <param name="header">Its value; empty where there is none.</param>
    /// <param name="credentials">What it holds; null without it, or with another scheme.</param>
    /// <returns>False when it is malformed.</returns>
    public static bool TryRead(string header, out BasicCredentials? credentials)
    {
        credentials = null;
        if (header.Length == 0)
        {
            return true;
        }

        var space = header.IndexOf(' ');
        if (space <= 0)
        {
            return false;
        }

        return !header.AsSpan(0, space).Equals("Basic", StringComparison.OrdinalIgnoreCase) || TryDecode(header[(space + 1)..].Trim(), out credentials);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool TryDecode(string encoded, [NotNullWhen(true)] out BasicCredentials? credentials)
    {
        credentials = null;
        try
        {
            var text = s_utf8.GetString(Convert.FromBase64String(encoded));
            var colon = text.IndexOf(':');
            if (colon < 0)
            {
                return false;
            }

            credentials = new BasicCredentials(text[..colon], text[(colon + 1)..]);
            return true;
        }
        catch (Exception malformed) when (malformed is FormatException or DecoderFallbackException)
        {
            return false;
        }
    }
}
