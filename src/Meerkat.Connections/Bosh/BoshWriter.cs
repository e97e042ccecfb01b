using System.Buffers;
using System.Globalization;
using System.Text;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Connections.Bosh;

/// <summary>Writes <c>body</c> elements.</summary>
internal static class BoshWriter
{
    /// <summary>An empty one.</summary>
    public static readonly byte[] Empty = "<body xmlns='http://jabber.org/protocol/httpbind'/>"u8.ToArray();

    /// <summary>Answers a request that came again on another connection: the answer goes there (XEP-0124 §14.3, §17.3).</summary>
    public static readonly byte[] Superseded = "<body xmlns='http://jabber.org/protocol/httpbind' type='error'/>"u8.ToArray();

    /// <summary>The end of a session.</summary>
    /// <param name="condition">Why; null for a normal end.</param>
    public static byte[] Terminate(string? condition) => Encoding.UTF8.GetBytes(
        condition is null ? "<body xmlns='http://jabber.org/protocol/httpbind' type='terminate'/>" : $"<body xmlns='http://jabber.org/protocol/httpbind' type='terminate' condition='{condition}'/>");

    /// <summary>An answer with what waited for it.</summary>
    /// <param name="attributes">Attributes of <c>body</c>, each with a space before it; null for none.</param>
    /// <param name="items">Stanzas and other elements, in order.</param>
    /// <param name="size">About how long they are.</param>
    public static byte[] Write(string? attributes, IReadOnlyList<object> items, int size)
    {
        if (attributes is null && items.Count == 0)
        {
            return Empty;
        }

        var output = new ArrayBufferWriter<byte>(size + (items.Count * 64) + 192 + (attributes?.Length ?? 0));
        output.Write("<body xmlns='http://jabber.org/protocol/httpbind'"u8);
        if (attributes is not null)
        {
            output.Write(Encoding.UTF8.GetBytes(attributes));
        }

        foreach (var item in items)
        {
            if (item is XmlElement element && element.IsIn(Ns.Stream))
            {
                output.Write(" xmlns:stream='http://etherx.jabber.org/streams'"u8);
                break;
            }
        }

        output.Write(">"u8);
        foreach (var item in items)
        {
            Write(output, item);
        }

        output.Write("</body>"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>An attribute with a space before it.</summary>
    public static string Attribute(string name, long value) => string.Create(CultureInfo.InvariantCulture, $" {name}='{value}'");

    private static void Write(ArrayBufferWriter<byte> output, object item)
    {
        if (item is Stanza stanza)
        {
            stanza.WriteTo(output, "");
            return;
        }

        var element = (XmlElement)item;
        if (!element.IsIn(Ns.Stream))
        {
            element.WriteTo(output, "");
            return;
        }

        // COMPAT: Strophe and others look for the prefix "stream", as XEP-0206 writes it.
        output.Write("<stream:"u8);
        XmlEscape.WriteText(output, element.Name);
        output.Write(">"u8);
        foreach (var child in element.Children)
        {
            child.WriteTo(output, "");
        }

        output.Write("</stream:"u8);
        XmlEscape.WriteText(output, element.Name);
        output.Write(">"u8);
    }
}
