using System.Diagnostics.CodeAnalysis;
using Meerkat.Xml;

namespace Meerkat.Xmpp.Delays;

/// <summary>Says that a stanza was sent earlier than it arrives: <c>&lt;delay/&gt;</c> (XEP-0203 v2.0).</summary>
/// <param name="Stamp">When the stanza was sent.</param>
/// <param name="From">Who sent or held it up; null when not said.</param>
/// <param name="Reason">Natural-language reason; null when there is none.</param>
public sealed record Delay(DateTimeOffset Stamp, Jid? From = null, string? Reason = null)
{
    /// <summary>The element, with the stamp in UTC.</summary>
    public XmlElement ToXml() =>
        new XmlBuilder("delay", Ns.Delay)
            .Attribute("from", From?.ToString())
            .Attribute("stamp", XmppDateTime.Format(Stamp))
            .Text(Reason)
            .Build();

    /// <summary>Reads the element. False when it is another one, or its stamp is none; a <c>from</c> that is no JID is taken for none.</summary>
    /// <param name="element">The <c>&lt;delay/&gt;</c>.</param>
    /// <param name="delay">What it says, or null.</param>
    public static bool TryRead(XmlElement element, [NotNullWhen(true)] out Delay? delay)
    {
        delay = null;
        if (!element.Is("delay", Ns.Delay) || !XmppDateTime.TryParse(element.Attribute("stamp"), out var stamp))
        {
            return false;
        }

        var from = Jid.TryParse(element.Attribute("from"), out var jid) ? jid : null;
        var reason = element.Text;
        delay = new Delay(stamp, from, reason.Length == 0 ? null : reason);
        return true;
    }

    /// <summary>The first valid delay among a stanza's children, or null.</summary>
    public static Delay? Find(XmlElement stanza)
    {
        foreach (var child in stanza.Children)
        {
            if (TryRead(child, out var delay))
            {
                return delay;
            }
        }

        return null;
    }

    /// <summary>Appends a delay unless the stanza has one already.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="from">Who delayed it.</param>
    /// <param name="stamp">When it was originally sent.</param>
    /// <param name="reason">Why; null for no text.</param>
    public static Stanza StampIfMissing(Stanza stanza, Jid from, DateTimeOffset stamp, string? reason) =>
        stanza.Has("delay", Ns.Delay) ? stanza : stanza.Append(new Delay(stamp, from, reason).ToXml());
}
