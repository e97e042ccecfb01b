using System.Globalization;
using Meerkat.Core.Sessions;
using Meerkat.Xml;

namespace Meerkat.Modules.Ping;

/// <summary>When a session was pinged last, by the clock's time stamp. It means nothing on another connection: there the time runs anew.</summary>
/// <param name="Sent">The time stamp.</param>
internal sealed record PingState(long Sent)
{
    public static readonly SessionStateKey<PingState> Key = new(
        "ping",
        state => new XmlBuilder("pinged", "meerkat:ping").Attribute("at", state.Sent.ToString(CultureInfo.InvariantCulture)).Build(),
        _ => new PingState(0));
}
