using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Meerkat.Xmpp;

/// <summary>From text to JID: splits (RFC 7622 §3.2), prepares and bounds each part (RFC 6122 §2).</summary>
internal static class JidParser
{
    /// <summary>Longest part after preparation, in bytes (RFC 6122 §2.1, CORE-002).</summary>
    public const int MaxPartBytes = 1023;

    /// <summary>
    /// Longest text that is looked at, in bytes or UTF-16 units. Preparation can shrink text (four bytes of a mathematical letter become one),
    /// so that it is wider than three parts; it bounds the work that a stranger can ask for.
    /// </summary>
    public const int MaxTextBytes = 4 * ((3 * MaxPartBytes) + 2);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Jid? jid)
    {
        if (TryParsePrepared(utf8, out jid))
        {
            return true;
        }

        if (utf8.Length > MaxTextBytes || !System.Text.Unicode.Utf8.IsValid(utf8))
        {
            return false;
        }

        return TryParseAny(Encoding.UTF8.GetString(utf8), out jid);
    }

    /// <param name="text">Not longer than <see cref="MaxTextBytes"/>.</param>
    /// <param name="jid">The JID, or null.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Jid? jid)
    {
        const int UsualBytes = 256;
        if (text.Length <= UsualBytes)
        {
            Span<byte> ascii = stackalloc byte[UsualBytes];
            if (Ascii.FromUtf16(text, ascii, out var written) is OperationStatus.Done && TryParsePrepared(ascii[..written], out jid))
            {
                return true;
            }
        }

        return TryParseAny(text, out jid);
    }

    public static bool TryJoin(string? local, string domain, [NotNullWhen(true)] out BareJid? jid)
    {
        jid = null;
        string? preparedLocal = null;
        if (local is not null && (!Fits(local) || !Stringprep.TryNodeprep(local, out preparedLocal) || preparedLocal.Length == 0))
        {
            return false;
        }

        if (!Fits(domain) || !DomainPart.TryPrepare(domain, out var preparedDomain))
        {
            return false;
        }

        var localBytes = preparedLocal is null ? 0 : StrictUtf8.GetByteCount(preparedLocal);
        var domainBytes = StrictUtf8.GetByteCount(preparedDomain);
        if (localBytes > MaxPartBytes || domainBytes > MaxPartBytes)
        {
            return false;
        }

        var text = preparedLocal is null ? preparedDomain : $"{preparedLocal}@{preparedDomain}";
        var utf8 = StrictUtf8.GetBytes(text);
        jid = new BareJid(utf8, localBytes, utf8.Length);
        return true;
    }

    public static bool TryJoin(BareJid bare, string resource, [NotNullWhen(true)] out FullJid? jid)
    {
        jid = null;
        if (!Fits(resource) || !Stringprep.TryResourceprep(resource, out var prepared) || prepared.Length == 0)
        {
            return false;
        }

        var resourceBytes = StrictUtf8.GetByteCount(prepared);
        if (resourceBytes > MaxPartBytes)
        {
            return false;
        }

        var bareBytes = bare.Utf8.Length;
        var utf8 = new byte[bareBytes + 1 + resourceBytes];
        bare.Utf8.CopyTo(utf8);
        utf8[bareBytes] = (byte)'/';
        StrictUtf8.GetBytes(prepared, utf8.AsSpan(bareBytes + 1));
        jid = new FullJid(utf8, bare.LocalUtf8.Length, bareBytes, bare);
        return true;
    }

    /// <summary>The common case: ASCII that needs no preparation. False means only that the slow way has to decide.</summary>
    private static bool TryParsePrepared(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Jid? jid)
    {
        jid = null;
        var slash = utf8.IndexOf((byte)'/');
        var bare = slash < 0 ? utf8 : utf8[..slash];
        var at = bare.IndexOf((byte)'@');

        if ((at >= 0 && !IsPrepared(StringprepProfile.Nodeprep, bare[..at])) || !DomainPart.IsPreparedAscii(bare[(at + 1)..]))
        {
            return false;
        }

        var localLength = Math.Max(at, 0);
        if (slash < 0)
        {
            jid = new BareJid(utf8.ToArray(), localLength, utf8.Length);
            return true;
        }

        if (!IsPrepared(StringprepProfile.Resourceprep, utf8[(slash + 1)..]))
        {
            return false;
        }

        jid = new FullJid(utf8.ToArray(), localLength, slash);
        return true;
    }

    private static bool IsPrepared(StringprepProfile profile, ReadOnlySpan<byte> part) =>
        part.Length is > 0 and <= MaxPartBytes && profile.IsPreparedAscii(part);

    private static bool TryParseAny(string text, [NotNullWhen(true)] out Jid? jid)
    {
        jid = null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var bareText = slash < 0 ? text : text[..slash];
        var at = bareText.IndexOf('@', StringComparison.Ordinal);
        if (!TryJoin(at < 0 ? null : bareText[..at], bareText[(at + 1)..], out var bare))
        {
            return false;
        }

        if (slash < 0)
        {
            jid = bare;
            return true;
        }

        if (!TryJoin(bare, text[(slash + 1)..], out var full))
        {
            return false;
        }

        jid = full;
        return true;
    }

    private static bool Fits(string part) => part.Length <= MaxTextBytes;
}
