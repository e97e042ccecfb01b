namespace Meerkat.Modules.Roster;

/// <summary>How much a roster may hold. The reference knows no such limits; RFC 6121 §2.3.3 and §2.1.2 leave them to the server.</summary>
public static class RosterLimits
{
    /// <summary>Items of one roster, requests of others included; one more is refused with <c>resource-constraint</c>.</summary>
    public const int Items = 10_000;

    /// <summary>Characters of a name; a longer one is refused with <c>not-acceptable</c>.</summary>
    public const int Name = 1023;

    /// <summary>Characters of a group's name; a longer one is refused with <c>not-acceptable</c>.</summary>
    public const int Group = 1023;

    /// <summary>Groups of one item; one more is refused with <c>not-acceptable</c>.</summary>
    public const int Groups = 100;

    /// <summary>Bytes of the extension elements of one item together; more are refused with <c>not-acceptable</c>.</summary>
    public const int Extensions = 8192;

    /// <summary>Characters that are kept of the text of a subscription request; the rest is cut off.</summary>
    public const int Request = 1023;

    /// <summary>The part of a request's text that is kept, never ending in the middle of a character.</summary>
    internal static string CutRequest(string text) => text.Length <= Request ? text : text[..(char.IsHighSurrogate(text[Request - 1]) ? Request - 1 : Request)];
}
