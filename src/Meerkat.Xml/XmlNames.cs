using System.Text;

namespace Meerkat.Xml;

/// <summary>The namespaces and names that are known beforehand, so that reading them allocates nothing.</summary>
/// <remarks>Only the program itself fills this table: what peers send is looked up and never added. Safe for concurrent use.</remarks>
public static class XmlNames
{
    /// <summary>What the prefix <c>xml</c> is bound to.</summary>
    public const string XmlNamespace = "http://www.w3.org/XML/1998/namespace";

    /// <summary>What the prefix <c>xmlns</c> is bound to.</summary>
    public const string XmlnsNamespace = "http://www.w3.org/2000/xmlns/";

    private static readonly Lock Gate = new();
    private static volatile XmlNameTable _table = new(["", XmlNamespace, XmlnsNamespace]);

    /// <summary>The table as it stands. It only grows: an id, once given, keeps its meaning.</summary>
    internal static XmlNameTable Table => _table;

    /// <summary>Makes namespaces, local names and short attribute values known: from now on they are read as these very string instances. Registering twice is harmless.</summary>
    /// <param name="wellKnown">Each is kept for the life of the process.</param>
    public static void Register(params ReadOnlySpan<string> wellKnown)
    {
        lock (Gate)
        {
            var all = new List<string>(_table.Texts);
            var known = new HashSet<string>(all, StringComparer.Ordinal);
            foreach (var text in wellKnown)
            {
                if (known.Add(text))
                {
                    all.Add(text);
                }
            }

            if (all.Count != _table.Texts.Length)
            {
                _table = new([.. all]);
            }
        }
    }

    /// <summary>The text of a UTF-8 name: a known instance, or a new string.</summary>
    internal static string Text(ReadOnlySpan<byte> utf8)
    {
        var table = _table;
        var id = table.Find(utf8);
        return id >= 0 ? table.Texts[id] : Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Whether a UTF-8 name is the given text, without allocation.</summary>
    internal static bool AreEqual(ReadOnlySpan<byte> utf8, string text)
    {
        // As many bytes as chars means ASCII alone on an equal pair: every other code point takes more bytes than chars.
        return utf8.Length == text.Length ? Ascii.Equals(utf8, text) : utf8.Length > text.Length && AreEqualBeyondAscii(utf8, text);
    }

    private static bool AreEqualBeyondAscii(ReadOnlySpan<byte> utf8, string text)
    {
        if (Ascii.IsValid(utf8) || utf8.Length > text.Length * 3)
        {
            return false;
        }

        return Encoding.UTF8.GetString(utf8) == text;
    }
}
