using System.Buffers;
using System.Buffers.Text;

namespace Meerkat.Xmpp.Sasl;

/// <summary>How the client stands to channel binding: the flag of the GS2 header (RFC 5802 §6).</summary>
internal enum ScramBindingFlag
{
    /// <summary><c>n</c>: it does not do it.</summary>
    None,

    /// <summary><c>y</c>: it does, but believes that the server does not.</summary>
    ClientOnly,

    /// <summary><c>p=type</c>: it uses it.</summary>
    Used,
}

/// <summary>client-first-message of RFC 5802 §7.</summary>
/// <param name="Flag">The client's stand on channel binding.</param>
/// <param name="BindingType">The type of binding of <c>p=</c>; else null.</param>
/// <param name="AuthzId">The authorization identity, unescaped; null when absent.</param>
/// <param name="Username">The user, unescaped, not prepared.</param>
/// <param name="Nonce">The client's nonce.</param>
/// <param name="Gs2Header">The GS2 header as it stands, last comma included.</param>
/// <param name="Bare">client-first-message-bare as it stands: part of what is signed.</param>
internal sealed record ScramClientFirst(ScramBindingFlag Flag, string? BindingType, string? AuthzId, string Username, string Nonce, string Gs2Header, string Bare)
{
    // cb-name of RFC 5802 §7
    private static readonly SearchValues<char> BindingName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");

    /// <summary>Null when it does not fit the syntax.</summary>
    public static ScramClientFirst? Parse(ReadOnlySpan<byte> message)
    {
        if (!StrictUtf8.TryDecode(message, out var text)
            || text.Split(',', 3) is not [var flagText, var authzText, var bare]
            || !TryFlag(flagText, out var flag, out var bindingType)
            || !TryAuthzId(authzText, out var authzId))
        {
            return null;
        }

        // A reserved-mext (m=) comes before the user name, so it is refused here, as it must be. Extensions behind the nonce are ours to ignore.
        return bare.Split(',') is [['n', '=', .. var name], ['r', '=', .. var nonce], .. var extensions]
            && TrySaslName(name, out var username)
            && ScramSyntax.IsNonce(nonce)
            && extensions.All(ScramSyntax.IsExtension)
                ? new(flag, bindingType, authzId, username, nonce, text[..^bare.Length], bare)
                : null;
    }

    private static bool TryFlag(string text, out ScramBindingFlag flag, out string? bindingType)
    {
        bindingType = text.StartsWith("p=", StringComparison.Ordinal) ? text[2..] : null;
        flag = text switch
        {
            "n" => ScramBindingFlag.None,
            "y" => ScramBindingFlag.ClientOnly,
            _ => ScramBindingFlag.Used,
        };
        return flag is not ScramBindingFlag.Used || (bindingType is { Length: > 0 } && !bindingType.AsSpan().ContainsAnyExcept(BindingName));
    }

    private static bool TryAuthzId(string text, out string? authzId)
    {
        authzId = null;
        return text.Length == 0 || (text.StartsWith("a=", StringComparison.Ordinal) && TrySaslName(text[2..], out authzId));
    }

    /// <summary>RFC 5802 §5.1: <c>=2C</c> is a comma, <c>=3D</c> an equals sign, and no other equals sign may stand.</summary>
    private static bool TrySaslName(string text, out string name)
    {
        name = text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        var escapes = text.Length - name.Length;
        return text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal) && escapes == 2 * text.Count(static c => c is '=');
    }
}

/// <summary>client-final-message of RFC 5802 §7.</summary>
/// <param name="ChannelBinding">GS2 header and binding data, decoded.</param>
/// <param name="Nonce">Both nonces, as the client repeats them.</param>
/// <param name="Proof">ClientProof, decoded.</param>
/// <param name="WithoutProof">client-final-message-without-proof as it stands: part of what is signed.</param>
internal sealed record ScramClientFinal(byte[] ChannelBinding, string Nonce, byte[] Proof, string WithoutProof)
{
    /// <summary>Null when it does not fit the syntax.</summary>
    public static ScramClientFinal? Parse(ReadOnlySpan<byte> message)
    {
        if (!StrictUtf8.TryDecode(message, out var text))
        {
            return null;
        }

        return text.Split(',') is [['c', '=', .. var binding], ['r', '=', .. var nonce], .. var extensions, ['p', '=', .. var proof]]
            && ScramSyntax.TryBase64(binding, out var channelBinding)
            && ScramSyntax.IsNonce(nonce)
            && extensions.All(ScramSyntax.IsExtension)
            && ScramSyntax.TryBase64(proof, out var clientProof)
                ? new(channelBinding, nonce, clientProof, text[..^(proof.Length + 3)])
                : null;
    }
}

/// <summary>Terminals that both messages have.</summary>
internal static class ScramSyntax
{
    /// <summary>printable: ASCII but for comma and space, at least one.</summary>
    public static bool IsNonce(string text) => text.Length > 0 && text.All(static c => c is > ' ' and <= '~' and not ',');

    /// <summary>attr-val: a letter, an equals sign, and a value.</summary>
    public static bool IsExtension(string text) => text is [var letter, '=', _, ..] && char.IsAsciiLetter(letter) && !text.Contains('\0', StringComparison.Ordinal);

    /// <summary>base64 as RFC 5802 §7 writes it; unlike the XMPP layer around it, with no leniency: what is signed must have one form.</summary>
    public static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length == 0 || text.AsSpan().ContainsAny(" \t\r\n") || !Base64.IsValid(text))
        {
            return false;
        }

        bytes = Convert.FromBase64String(text);
        return true;
    }
}
