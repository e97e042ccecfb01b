namespace Meerkat.Xmpp;

/// <summary>The type of a field's data (XEP-0004 §3.3).</summary>
public enum DataFieldType
{
    /// <summary><c>text-single</c>: a line of text. The default, also for types that nobody knows.</summary>
    TextSingle,

    /// <summary><c>boolean</c>.</summary>
    Boolean,

    /// <summary><c>fixed</c>: text to be shown, such as a heading; needs no <c>var</c>.</summary>
    Fixed,

    /// <summary><c>hidden</c>: not shown, sent back as it is.</summary>
    Hidden,

    /// <summary><c>jid-multi</c>.</summary>
    JidMulti,

    /// <summary><c>jid-single</c>.</summary>
    JidSingle,

    /// <summary><c>list-multi</c>: any of the options.</summary>
    ListMulti,

    /// <summary><c>list-single</c>: one of the options.</summary>
    ListSingle,

    /// <summary><c>text-multi</c>: lines of text, a value each.</summary>
    TextMulti,

    /// <summary><c>text-private</c>: a line that is not to be seen on the screen, such as a password.</summary>
    TextPrivate,
}
