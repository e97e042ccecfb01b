using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>A request to forget a message (XEP-0424 v0.4.2, and its version 0.3 with XEP-0422; MAM-070), and the tombstone that an archive puts in its place (MAM-072).</summary>
/// <param name="Namespace">In which of its namespaces it was asked.</param>
/// <param name="OriginId">The id that the message's sender gave it; null when the archive's id was given.</param>
/// <param name="StanzaId">The id that the archive gave it; null when the sender's was given.</param>
/// <param name="RequestId">The <c>id</c> of the stanza that asks; null when it has none.</param>
internal sealed record Retraction(string Namespace, string? OriginId, StanzaId? StanzaId, string? RequestId)
{
    /// <summary>The <c>id</c> of the message's stanza, by which version 1 names one that is of no room; in what a room has sent, the id that the room gave it. Null where neither may be meant.</summary>
    public string? MessageId { get; private init; }

    /// <summary>Reads the request; false when the message is none.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isRoom">Whether it goes to a room: then version 1 names the message by the room's id.</param>
    /// <param name="retraction">The request.</param>
    public static bool TryRead(Message message, bool isRoom, [NotNullWhen(true)] out Retraction? retraction)
    {
        retraction = null;
        foreach (var child in message.Element.Children)
        {
            if (child.Is("retract", Ns.Retract) && child.Attribute("id") is { } id)
            {
                retraction = isRoom && Core.Routing.StanzaId.TryParse(id, out var known)
                    ? new Retraction(Ns.Retract, id, known, message.Id)
                    : new Retraction(Ns.Retract, id, null, message.Id) { MessageId = isRoom ? null : id };
            }
            else if (child.Is("apply-to", Ns.Fasten) && child.Attribute("id") is { } target)
            {
                if (child.Child("retract", Ns.RetractOld) is not null)
                {
                    retraction = new Retraction(Ns.RetractOld, target, null, message.Id);
                }
                else if (child.Child("retract", Ns.RetractByStanzaId) is not null && Core.Routing.StanzaId.TryParse(target, out var stanzaId))
                {
                    retraction = new Retraction(Ns.RetractByStanzaId, null, stanzaId, message.Id);
                }
            }
        }

        return retraction is not null;
    }

    /// <summary>The message that stays: its attributes, and that it was retracted.</summary>
    /// <param name="stored">The message as it is in the archive; null is returned when it is none.</param>
    /// <param name="archive">Whose archive.</param>
    /// <param name="now">The time; seconds are kept.</param>
    public byte[]? Tombstone(ArchivedMessage stored, BareJid archive, DateTimeOffset now)
    {
        if (!XmlElement.TryParse(stored.Xml.Span, out var element, Ns.Client, XmlLimits.Unlimited))
        {
            return null;
        }

        var retracted = new XmlBuilder("retracted", Namespace).Attribute("stamp", XmppDateTime.Format(now, fractionDigits: 0));
        if (Namespace == Ns.Retract)
        {
            retracted.Attribute("id", RequestId);
        }
        else
        {
            if (Namespace == Ns.RetractByStanzaId)
            {
                retracted.Add(new StanzaId(stored.Id).ToElement(archive));
            }

            if (stored.OriginId is { } origin)
            {
                retracted.Start("origin-id", Ns.StanzaIds).Attribute("id", origin).End();
            }
        }

        return element.WithChildren([retracted.Build()]).ToUtf8();
    }
}
