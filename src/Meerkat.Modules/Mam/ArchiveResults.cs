using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

/// <summary>The messages by which an archive answers a query (MAM-032, MAM-061, MAM-062).</summary>
internal sealed class ArchiveResults(ArchiveRequest request, ILogger log)
{
    private readonly string? _queryId = request.Payload.Attribute("queryid");

    /// <summary>One message of the archive, for the requester.</summary>
    public Message Of(ArchivedMessage stored)
    {
        var id = new StanzaId(stored.Id);
        var result = new XmlBuilder("result", request.Namespace)
            .Attribute("queryid", _queryId)
            .Attribute("id", id.ToString())
            .Start("forwarded", Ns.Forward)
            .Add(new Delay(id.Time, stored.From).ToXml())
            .Add(Original(stored))
            .Build();
        return Message.Create(MessageType.Normal, request.Owner, request.Iq.From, Guid.NewGuid().ToString(), result);
    }

    private XmlElement Original(ArchivedMessage stored)
    {
        if (stored.From is null || !XmlElement.TryParse(stored.Xml.Span, out var element, Ns.Client, XmlLimits.Unlimited) || !element.Is("message", Ns.Client))
        {
            MamLog.Unreadable(log, stored.Id, request.Owner);
            return Unreadable();
        }

        element = element.WithAttribute("from", stored.From.ToString()); // MAM-018
        if (!request.IsRoom)
        {
            return element;
        }

        element = element.WithAttribute("to", null);
        return request.SeesIdentities || stored.Remote.Equals(request.Iq.From!.Bare) ? element : element.Without(static child => child.Is("x", Ns.MucUser));
    }

    // MAM-048
    private static XmlElement Unreadable() => new XmlBuilder("message", Ns.Client).Attribute("type", "error")
        .Add(StanzaError.InternalServerError("Failed to decode message in database").ToElement()).Build();
}
