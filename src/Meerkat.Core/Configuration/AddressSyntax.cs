namespace Meerkat.Core.Configuration;

/// <summary>Domain names in the configuration.</summary>
internal static class DomainSyntax
{
    /// <summary>The prepared name, or null when it cannot be a domain: a label is empty or over 63 bytes, or a character is not allowed.</summary>
    public static string? Prepare(string value)
    {
        var lower = value.ToLowerInvariant();
        if (lower.Length is 0 or > 253)
        {
            return null;
        }

        foreach (var label in lower.Split('.'))
        {
            var fine = label.Length is > 0 and <= 63
                && label[0] != '-'
                && label[^1] != '-'
                && label.All(c => c == '-' || char.IsAsciiLetterOrDigit(c) || c == '_' || (c > 0x7f && char.IsLetterOrDigit(c)));
            if (!fine)
            {
                return null;
            }
        }

        return lower;
    }
}

/// <summary>Localparts, and text that is compared with parts of addresses, in the configuration.</summary>
internal static class AddressSyntax
{
    // RFC 6122 Appendix A.5: what nodeprep forbids over stringprep's own tables.
    private const string Forbidden = "\"&'/:<>@ ";

    /// <summary>The prepared text, or null when nodeprep refuses it.</summary>
    public static string? Prepare(string value)
    {
        var lower = value.ToLowerInvariant();
        return lower.Length is 0 or > 1023 || lower.Any(c => char.IsControl(c) || Forbidden.Contains(c, StringComparison.Ordinal)) ? null : lower;
    }
}
