using System.Text;

namespace Meerkat.Modules.Mam;

/// <summary>Text as the search compares it (MAM-041): lower case, punctuation and white space as single spaces, and nothing else but letters, digits and marks. Pure.</summary>
public static class ArchiveText
{
    /// <summary>How many words a search may have; further ones are not looked at (MAM-041).</summary>
    public const int MaxWords = 10;

    /// <summary>The text of a message as it is searched.</summary>
    /// <returns>Words with a space between; null when nothing is left.</returns>
    public static string? Normalise(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (Ascii.IsValid(text))
        {
            return NormaliseAscii(text);
        }

        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || IsMark(rune))
            {
                result.Append(Rune.ToLowerInvariant(rune));
            }
            else if (IsSeparator(rune) && result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }

        var length = result.Length > 0 && result[^1] == ' ' ? result.Length - 1 : result.Length;
        return length == 0 ? null : result.ToString(0, length);
    }

    /// <summary>What is searched for, as <see cref="ArchiveQuery.Words"/> wants it: each word once.</summary>
    public static IReadOnlyList<string> Words(string? text) =>
        Normalise(text) is { } words ? [.. words.Split(' ').Distinct(StringComparer.Ordinal).Take(MaxWords)] : [];

    // The same, for most of what is said: no tables of Unicode, one text.
    private static string? NormaliseAscii(string text)
    {
        Span<char> result = text.Length <= 512 ? stackalloc char[text.Length] : new char[text.Length];
        var length = 0;
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                result[length++] = char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
            }
            else if (length > 0 && result[length - 1] != ' ' && IsSeparator(new Rune(c)))
            {
                result[length++] = ' ';
            }
        }

        length -= length > 0 && result[length - 1] == ' ' ? 1 : 0;
        return length == 0 ? null : new string(result[..length]);
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark or System.Globalization.UnicodeCategory.EnclosingMark;

    private static bool IsSeparator(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.IsPunctuation(rune) || Rune.IsControl(rune);
}
