using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>Makes stanzas of elements.</summary>
public static class StanzaReader
{
    /// <summary>Whether the element is a stanza of a client stream.</summary>
    public static bool IsStanza(XmlElement element) =>
        element.Is("message", Ns.Client) || element.Is("presence", Ns.Client) || element.Is("iq", Ns.Client);

    /// <summary>A stanza over an element with addresses that the caller has checked.</summary>
    /// <param name="element">A message, presence or iq in a content namespace.</param>
    /// <param name="from">Sender to stamp.</param>
    /// <param name="to">Recipient, or null.</param>
    /// <returns>The stanza, or null when the element is none.</returns>
    public static Stanza? Read(XmlElement element, Jid? from, Jid? to)
    {
        if (element.Is("message", Ns.Client))
        {
            return new Message(new StanzaHeader(Plain(element), from, to, null));
        }

        if (element.Is("iq", Ns.Client))
        {
            return new Iq(new StanzaHeader(Plain(element), from, to, null));
        }

        return element.Is("presence", Ns.Client) ? new Presence(new StanzaHeader(Plain(element), from, to, null)) : null;
    }

    /// <summary>A stanza with the addresses that stand in the element: for XML that the server itself wrote or stored.</summary>
    /// <returns>The stanza, or null when the element is none or an address is malformed.</returns>
    public static Stanza? ReadTrusted(XmlElement element)
    {
        Jid? from = null;
        Jid? to = null;
        if (element.Attribute("from") is { } sender && !Jid.TryParse(sender, out from))
        {
            return null;
        }

        if (element.Attribute("to") is { } recipient && !Jid.TryParse(recipient, out to))
        {
            return null;
        }

        return Read(element, from, to);
    }

    /// <summary>The raw value of an unqualified attribute, or nothing when it is absent.</summary>
    /// <returns>Whether the attribute is there.</returns>
    public static bool TryGetRaw(XmlElement element, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var attribute in element.Attributes)
        {
            if (attribute.RawName.SequenceEqual(name))
            {
                value = attribute.RawValue;
                return true;
            }
        }

        value = default;
        return false;
    }

    // The writer writes a stanza's own tag unprefixed and copies its content as it stands: where another default namespace holds for that (a prefixed stanza, most of the time), it
    // would come to mean something else. Such a stanza is brought into the plain form first.
    private static XmlElement Plain(XmlElement element) => element.DefaultNamespace == Ns.Client ? element : Unprefixed(element);

    private static XmlElement Unprefixed(XmlElement element)
    {
        var builder = new XmlBuilder(element.Name, element.Namespace);
        foreach (var attribute in element.Attributes)
        {
            if (attribute.Namespace.Length == 0)
            {
                builder.Attribute(attribute.Name, attribute.Value);
            }
            else if (attribute.Namespace == XmlNames.XmlNamespace)
            {
                builder.Lang(attribute.Value);
            }
        }

        foreach (var child in element.Children)
        {
            builder.Add(child);
        }

        return builder.Build();
    }
}
