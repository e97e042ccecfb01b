using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Disco;

/// <summary>Something that belongs to an entity (XEP-0030 §4).</summary>
/// <param name="Jid">Its address.</param>
/// <param name="Name">A name for people; null for none.</param>
/// <param name="Node">The node at that address; null for the address itself.</param>
public sealed record DiscoItem(string Jid, string? Name = null, string? Node = null)
{
    /// <summary>The payload of an answer.</summary>
    /// <param name="items">The items.</param>
    /// <param name="node">The node that was asked for; null for the entity itself.</param>
    public static XmlElement ToXml(IEnumerable<DiscoItem> items, string? node = null)
    {
        var query = new XmlBuilder("query", Ns.DiscoItems).Attribute("node", node);
        foreach (var item in items)
        {
            query.Start("item").Attribute("jid", item.Jid).Attribute("name", item.Name).Attribute("node", item.Node).End();
        }

        return query.Build();
    }
}
