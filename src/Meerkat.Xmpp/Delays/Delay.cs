using System.Globalization;
using Meerkat.Xml;

namespace Meerkat.Xmpp.Delays;

/// <summary>Delayed delivery (XEP-0203).</summary>
public static class Delay
{
    /// <summary>Appends a delay unless the stanza has one already.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="from">Who delayed it.</param>
    /// <param name="stamp">When it was originally sent.</param>
    /// <param name="reason">Why; null for no text.</param>
    public static Stanza StampIfMissing(Stanza stanza, Jid from, DateTimeOffset stamp, string? reason) =>
        stanza.Has("delay", Ns.Delay)
            ? stanza
            : stanza.Append(new XmlBuilder("delay", Ns.Delay)
                .Attribute("from", from.ToString())
                .Attribute("stamp", stamp.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
                .Text(reason)
                .Build());
}
