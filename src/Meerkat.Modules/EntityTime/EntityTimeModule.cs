using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.EntityTime;

/// <summary>Entity time: the server says what time it is, and in which time zone it lives.</summary>
/// <remarks>XEP-0202 v2.0, TIM-001.</remarks>
[Module("mod_time"), Xep(202, "2.0"), Xep(82, "1.1.1")]
[Announces(Announcer.Server, Ns.Time)]
public sealed class EntityTimeModule(TimeProvider time) : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => on.Iq(Ns.Time, "time", IqTarget.Domain, Answer);

    private ValueTask<IqReply> Answer(IqRequest request, CancellationToken ct)
    {
        if (request.Type is IqType.Set)
        {
            return new(IqReply.Error(StanzaError.NotAllowed()));
        }

        var now = time.GetUtcNow();
        return new(IqReply.Result(new XmlBuilder("time", Ns.Time)
            .Element("tzo", XmppDateTime.FormatOffset(time.LocalTimeZone.GetUtcOffset(now)))
            .Element("utc", XmppDateTime.Format(now, fractionDigits: 0))
            .Build()));
    }
}
