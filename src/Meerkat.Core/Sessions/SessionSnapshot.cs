using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>Everything that a session is, without its transport: what moves when it is resumed, on this node or to another.</summary>
/// <param name="Jid">Its address.</param>
/// <param name="ResumptionId">The <c>previd</c>; stays valid.</param>
/// <param name="Opened">When its resource was bound.</param>
/// <param name="Priority">Priority, or null.</param>
/// <param name="Presence">The last broadcast presence, or null.</param>
/// <param name="Handled">Stanzas handled for the client.</param>
/// <param name="Acknowledged">Stanzas acknowledged by the client.</param>
/// <param name="Waiting">Stanzas that wait for acknowledgement, oldest first.</param>
/// <param name="States">The modules' records, by name, encoded.</param>
public sealed record SessionSnapshot(
    FullJid Jid,
    string ResumptionId,
    DateTimeOffset Opened,
    int? Priority,
    Presence? Presence,
    uint Handled,
    uint Acknowledged,
    IReadOnlyList<Unacknowledged> Waiting,
    IReadOnlyDictionary<string, XmlElement> States)
{
    private const string Namespace = "meerkat:session";

    /// <summary>The snapshot as one element: it crosses nodes in this form, and a resumption on one node takes it through this form too.</summary>
    public XmlElement Encode()
    {
        var builder = new XmlBuilder("session", Namespace)
            .Attribute("jid", Jid.ToString())
            .Attribute("id", ResumptionId)
            .Attribute("opened", Opened.UtcTicks.ToString(CultureInfo.InvariantCulture))
            .Attribute("priority", Priority?.ToString(CultureInfo.InvariantCulture))
            .Attribute("handled", Handled.ToString(CultureInfo.InvariantCulture))
            .Attribute("acknowledged", Acknowledged.ToString(CultureInfo.InvariantCulture));
        if (Presence is not null)
        {
            builder.Start("presence").Add(Presence.ToElement()).End();
        }

        foreach (var waiting in Waiting)
        {
            builder.Start("waiting").Attribute("sent", waiting.Sent.UtcTicks.ToString(CultureInfo.InvariantCulture)).Add(waiting.Stanza.ToElement()).End();
        }

        foreach (var (name, state) in States)
        {
            builder.Start("state").Attribute("name", name).Add(state).End();
        }

        return builder.Build();
    }

    /// <summary>The snapshot of such an element.</summary>
    /// <exception cref="FormatException">The element is no snapshot.</exception>
    public static SessionSnapshot Decode(XmlElement element)
    {
        var waiting = new List<Unacknowledged>();
        var states = new Dictionary<string, XmlElement>();
        Presence? presence = null;
        foreach (var child in element.Children)
        {
            switch (child.Name)
            {
                case "presence":
                    presence = (Presence)ReadStanza(child);
                    break;
                case "waiting":
                    waiting.Add(new Unacknowledged(ReadStanza(child), new DateTimeOffset(long.Parse(child.Attribute("sent")!, CultureInfo.InvariantCulture), TimeSpan.Zero)));
                    break;
                default:
                    states[child.Attribute("name")!] = child.FirstChild!.Value.Detach();
                    break;
            }
        }

        return new SessionSnapshot(
            FullJid.Parse(element.Attribute("jid")!),
            element.Attribute("id")!,
            new DateTimeOffset(long.Parse(element.Attribute("opened")!, CultureInfo.InvariantCulture), TimeSpan.Zero),
            element.Attribute("priority") is { } priority ? int.Parse(priority, CultureInfo.InvariantCulture) : null,
            presence,
            uint.Parse(element.Attribute("handled")!, CultureInfo.InvariantCulture),
            uint.Parse(element.Attribute("acknowledged")!, CultureInfo.InvariantCulture),
            waiting,
            states);
    }

    private static Stanza ReadStanza(XmlElement wrapper) =>
        StanzaReader.ReadTrusted(wrapper.FirstChild!.Value.Detach()) ?? throw new FormatException("a session snapshot holds something that is no stanza");
}
