using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>What other nodes know of a session. Immutable.</summary>
/// <param name="Jid">Its address.</param>
/// <param name="Node">The node that it lives on.</param>
/// <param name="Order">When it was bound (<see cref="Sessions.IBoundSession.Order"/>): tells it from every other session of its node.</param>
public sealed record SessionRecord(FullJid Jid, ClusterNode Node, long Order)
{
    private const string Namespace = "meerkat:cluster";

    /// <summary>Rises with every change of what follows: an older state never takes the place of a newer one.</summary>
    public long Revision { get; init; }

    /// <summary>Its priority; null after <c>unavailable</c>.</summary>
    public int? Priority { get; init; } = 0;

    /// <summary>Whether it is without a connection and waits for resumption.</summary>
    public bool IsDetached { get; init; }

    /// <summary>Id under which it can be resumed; null when it cannot.</summary>
    public string? ResumptionId { get; init; }

    /// <summary>Its presence; null when it has none.</summary>
    public XmlElement? Presence { get; init; }

    /// <summary>The modules' records, by name, encoded.</summary>
    public IReadOnlyDictionary<string, XmlElement> States { get; init; } = new Dictionary<string, XmlElement>();

    /// <summary>Whether two records are of one session.</summary>
    public bool IsSame(SessionRecord other) => Order == other.Order && Node == other.Node && Jid.Equals(other.Jid);

    /// <summary>The record as an element: it travels and is kept in this form.</summary>
    public XmlElement Encode()
    {
        var builder = new XmlBuilder("session", Namespace);
        AddTo(builder);
        return builder.Build();
    }

    /// <summary>The record of such an element.</summary>
    /// <exception cref="FormatException">The element is something else.</exception>
    public static SessionRecord Decode(XmlElement element)
    {
        XmlElement? presence = null;
        var states = new Dictionary<string, XmlElement>();
        foreach (var child in element.Children)
        {
            if (child.Name == "presence")
            {
                presence = child.FirstChild!.Value.Detach();
            }
            else
            {
                states[child.Attribute("name")!] = child.FirstChild!.Value.Detach();
            }
        }

        return new SessionRecord(FullJid.Parse(element.Attribute("jid")!), ClusterNode.Parse(element.Attribute("node")!), Number(element.Attribute("order")!))
        {
            Revision = Number(element.Attribute("revision")!),
            Priority = element.Attribute("priority") is { } priority ? (int)Number(priority) : null,
            IsDetached = element.Attribute("detached") is not null,
            ResumptionId = element.Attribute("id"),
            Presence = presence,
            States = states,
        };
    }

    internal void AddTo(XmlBuilder builder)
    {
        builder.Attribute("jid", Jid.ToString())
            .Attribute("node", Node.ToString())
            .Attribute("order", Text(Order))
            .Attribute("revision", Text(Revision))
            .Attribute("priority", Priority is { } priority ? Text(priority) : null)
            .Attribute("detached", IsDetached ? "1" : null)
            .Attribute("id", ResumptionId);
        if (Presence is { } presence)
        {
            builder.Start("presence").Add(presence).End();
        }

        foreach (var (name, state) in States)
        {
            builder.Start("state").Attribute("name", name).Add(state).End();
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
