using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Meerkat.Xmpp.Sasl;

/// <summary>Text of SASL messages is UTF-8, and nothing else is let pass as it (RFC 4616 §2, RFC 5802 §5.1).</summary>
internal static class StrictUtf8
{
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool TryDecode(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? text)
    {
        text = System.Text.Unicode.Utf8.IsValid(utf8) ? Encoding.GetString(utf8) : null;
        return text is not null;
    }
}
