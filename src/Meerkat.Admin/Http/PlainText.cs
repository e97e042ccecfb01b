using System.Collections;

namespace Meerkat.Admin.Http;

/// <summary>What may stand in a text that somebody gives over GraphQL or REST. XMPP cannot bring anything else: XML has no such characters.</summary>
internal static class PlainText
{
    /// <summary>Why a text is refused, for people.</summary>
    public const string Rule = "holds the character NUL or half a surrogate pair";

    /// <summary>Whether every store can keep a text: no U+0000, which PostgreSQL's <c>text</c> cannot hold, and no half of a surrogate pair, which is not Unicode.</summary>
    public static bool Is(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
            {
                return false;
            }

            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether all texts of a value are ones: of a list, and of an object's members.</summary>
    public static bool IsAll(object? value) => value switch
    {
        string text => Is(text),
        IDictionary<string, object?> members => members.Values.All(IsAll),
        IEnumerable list => list.Cast<object?>().All(IsAll),
        _ => true,
    };
}
