using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>Error replies to stanzas.</summary>
public static class StanzaReplies
{
    /// <summary>The error that answers a stanza: addresses swapped, id and payload kept, <c>error</c> before the payload (CORE-332, CORE-351).</summary>
    /// <returns>The reply, or null where none may be sent: to an error or an IQ result (RFC 6120 §8.3.1).</returns>
    public static Stanza? ErrorFor(Stanza stanza, StanzaError error)
    {
        if (stanza.IsError || stanza is Iq { Type: IqType.Result })
        {
            return null;
        }

        var builder = new XmlBuilder(stanza.Kind, Ns.Client).Attribute("type", "error").Attribute("id", stanza.Id ?? (stanza is Iq ? "" : null)).Lang(stanza.Lang);
        builder.Add(error.ToElement());
        foreach (var child in stanza.Element.Children)
        {
            builder.Add(child);
        }

        return StanzaReader.Read(builder.Build(), stanza.To, stanza.From);
    }
}
