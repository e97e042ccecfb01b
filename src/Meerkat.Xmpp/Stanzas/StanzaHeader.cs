using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>What is read once from a stanza's start tag.</summary>
/// <param name="Element">The element.</param>
/// <param name="From">Sender, already checked.</param>
/// <param name="To">Recipient, already parsed.</param>
/// <param name="Appended">What the server added.</param>
internal readonly record struct StanzaHeader(XmlElement Element, Jid? From, Jid? To, Stanza.Appendix? Appended)
{
    /// <summary>Whether the start tag has an <c>id</c>.</summary>
    public bool HasId
    {
        get
        {
            foreach (var attribute in Element.Attributes)
            {
                if (attribute.RawName.SequenceEqual("id"u8))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The raw value of <c>type</c>, empty when there is none. Types hold no character that needs escaping.</summary>
    public ReadOnlySpan<byte> Type
    {
        get
        {
            foreach (var attribute in Element.Attributes)
            {
                if (attribute.RawName.SequenceEqual("type"u8))
                {
                    return attribute.RawValue;
                }
            }

            return default;
        }
    }
}
