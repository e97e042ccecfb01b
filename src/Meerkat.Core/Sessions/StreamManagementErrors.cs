using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>What stream management tells the client by itself.</summary>
public static class StreamManagementErrors
{
    /// <summary><c>&lt;a h=''/&gt;</c>: so many of the client's stanzas are handled (XEP-0198 §4).</summary>
    public static XmlElement Handled(uint h) => new XmlBuilder("a", Ns.StreamManagement).Attribute("h", h.ToString(CultureInfo.InvariantCulture)).Build();

    /// <summary>The client acknowledged more than it was sent (CORE-043, XEP-0198 §4).</summary>
    /// <param name="h">What it said.</param>
    /// <param name="sent">How many were sent.</param>
    public static StreamError HandledCountTooHigh(uint h, uint sent) => StreamError.Undefined(
        new XmlBuilder("handled-count-too-high", Ns.StreamManagement)
            .Attribute("h", h.ToString(CultureInfo.InvariantCulture))
            .Attribute("send-count", sent.ToString(CultureInfo.InvariantCulture))
            .Build(),
        "You acknowledged more stanzas that what has been sent");
}
