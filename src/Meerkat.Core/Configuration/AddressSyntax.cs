using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Core.Configuration;

/// <summary>Domain names in the configuration.</summary>
internal static class DomainSyntax
{
    /// <summary>The prepared name (CORE-003), or null when it cannot be a domain: nameprep refuses it, a label is empty or too long, or a character is none of a host name's.</summary>
    public static string? Prepare(string value)
    {
        if (!Stringprep.TryNameprep(value, out var prepared) || prepared.Length is 0 or > 253)
        {
            return null;
        }

        return Array.TrueForAll(prepared.Split('.'), IsLabel) ? prepared : null;
    }

    // Underscores are in no host name, but in names that people serve all the same.
    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63
        && label[0] != '-'
        && label[^1] != '-'
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' || c > 0x7f);
}

/// <summary>Localparts, and text that is compared with parts of addresses, in the configuration.</summary>
internal static class AddressSyntax
{
    // CORE-002
    private const int MaxPartBytes = 1023;

    /// <summary>The prepared text, or null when nodeprep refuses it.</summary>
    public static string? Prepare(string value) =>
        Stringprep.TryNodeprep(value, out var prepared) && prepared.Length > 0 && Encoding.UTF8.GetByteCount(prepared) <= MaxPartBytes ? prepared : null;
}
