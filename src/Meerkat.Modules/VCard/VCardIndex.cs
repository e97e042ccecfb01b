using System.Text;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.VCard;

/// <summary>What a search can find of a vCard: its fields as they stand, and folded for comparison (VCD-002).</summary>
public static class VCardIndex
{
    /// <summary>The longest folded text, in UTF-16 code units: the rest of a longer field is not searched.</summary>
    public const int MaxLength = 250;

    /// <summary>A field of a vCard as it stands; empty when it is not there, and for <see cref="VCardField.User"/>.</summary>
    public static string Read(XmlElement vcard, VCardField field) => field switch
    {
        VCardField.FullName => vcard.ChildText("FN"),
        VCardField.Given => Inner(vcard, "N", "GIVEN"),
        VCardField.Middle => Inner(vcard, "N", "MIDDLE"),
        VCardField.Family => Inner(vcard, "N", "FAMILY"),
        VCardField.Nickname => vcard.ChildText("NICKNAME"),
        VCardField.Birthday => vcard.ChildText("BDAY"),
        VCardField.Country => Inner(vcard, "ADR", "CTRY"),
        VCardField.Locality => Inner(vcard, "ADR", "LOCALITY"),
        VCardField.Email => Inner(vcard, "EMAIL", "USERID") ?? vcard.ChildText("EMAIL"),
        VCardField.OrganisationName => Inner(vcard, "ORG", "ORGNAME"),
        VCardField.OrganisationUnit => Inner(vcard, "ORG", "ORGUNIT"),
        _ => null,
    } ?? "";

    /// <summary>A field of a vCard as it is compared.</summary>
    public static string Folded(XmlElement vcard, VCardField field)
    {
        var text = Read(vcard, field);
        return Fold(field is VCardField.Nickname ? WithoutEmoji(text) : text);
    }

    /// <summary>Text as it is compared: lower case, no white space around it, at most <see cref="MaxLength"/>.</summary>
    public static string Fold(string text)
    {
        var folded = text.Trim().ToLowerInvariant();
        return folded.Length <= MaxLength ? folded : folded[..(char.IsHighSurrogate(folded[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
    }

    // People decorate nicknames, and nobody types that into a search.
    private static string WithoutEmoji(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is not ((>= 0x1F000 and <= 0x1FAFF) or (>= 0x2600 and <= 0x27BF) or 0xFE0F or 0x200D))
            {
                plain.Append(rune.ToString());
            }
        }

        return plain.ToString();
    }

    private static string? Inner(XmlElement vcard, string outer, string inner) => vcard.Child(outer, Ns.VCard)?.ChildText(inner);
}
