using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Requests to a room itself. Pure.</summary>
internal static class IqRules
{
    public static void Handle(Turn turn, Iq iq)
    {
        if (iq.To!.Resource is { } nick)
        {
            PrivateIqRules.Handle(turn, iq, nick);
            return;
        }

        if (!iq.IsRequest)
        {
            return; // the room asks nobody
        }

        if (iq.Payload!.Value.Is("moderate", Ns.Moderate))
        {
            ModerationRules.Handle(turn, iq, iq.Payload.Value);
        }
        else if (Answer(turn, iq, iq.Payload!.Value) is { } answer)
        {
            turn.Send(answer); // behind what it led to: who has the result has seen all of it
        }
        else
        {
            turn.Unknown = iq;
        }
    }

    /// <summary>Whether a request is one that a locked room answers to its owner (MUC-017).</summary>
    public static bool IsForLocked(Iq iq) =>
        iq.To!.Resource is null && iq.Payload is { } payload && (payload.Is("query", Ns.MucOwner) || (payload.Is("query", Ns.DiscoInfo) && iq.Type is IqType.Get));

    private static Stanza? Answer(Turn turn, Iq iq, XmlElement payload) => (payload.Name, payload.Namespace) switch
    {
        ("query", Ns.DiscoInfo) => DiscoRules.Info(turn, iq, payload),
        ("query", Ns.DiscoItems) when payload.Attribute("node") == Ns.Commands && iq.Type is IqType.Get => Iq.Result(iq, DiscoItem.ToXml(HatRules.Commands(turn.Room), Ns.Commands)),
        ("query", Ns.DiscoItems) => DiscoRules.Items(turn, iq, payload),
        ("query", Ns.MucAdmin) => AdminRules.Handle(turn, iq, payload),
        ("query", Ns.MucOwner) => OwnerRules.Handle(turn, iq, payload),
        ("query", Ns.Register) => RegistrationRules.Handle(turn, iq, payload),
        ("vCard", Ns.VCard) => AvatarRules.Handle(turn, iq, payload),
        ("command", Ns.Commands) => HatRules.Handle(turn, iq, payload),
        ("ping", Ns.Ping) when iq.Type is IqType.Get => Iq.Result(iq, null),
        _ => null,
    };
}
