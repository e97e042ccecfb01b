using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What a stanza makes of a room: the way into the rules. Pure.</summary>
internal static class RoomRules
{
    /// <summary>A stanza to a room that is there.</summary>
    public static void Handle(Turn turn, Stanza stanza)
    {
        if (turn.State.IsLocked && !PassesLock(turn, stanza))
        {
            if (stanza is not Presence { Type: PresenceType.Unavailable })
            {
                turn.Reject(stanza, StanzaError.ItemNotFound()); // MUC-017; who leaves a room that is not there is not told so, as with one that nobody has made
            }

            return;
        }

        switch (stanza)
        {
            case Presence presence:
                PresenceRules.Handle(turn, presence);
                break;
            case Message message:
                MessageRules.Handle(turn, message);
                break;
            case Iq iq:
                IqRules.Handle(turn, iq);
                break;
        }
    }

    /// <summary>Why somebody may not make a room by his presence; null when he may (MUC-016, MUC-020).</summary>
    public static StanzaError? RefuseCreation(Presence presence, RoomWorld world) =>
        presence.To!.Resource is null ? StanzaError.JidMalformed()
        : RefuseCreation(presence.To.Bare, presence.From!, world) is { } refusal ? refusal
        : world.JoinedRooms >= world.Options.MaxUserConferences && !world.Policy.IsAdmin(presence.From!)
            ? StanzaError.ServiceUnavailable("You are in too many rooms.") with { Type = StanzaErrorType.Wait }
        : world.IsReserved(presence.To.Resource, presence.From!.Bare) ? StanzaError.Conflict("That nickname is registered by another person.")
        : null;

    /// <summary>Why somebody may not make a room whatever his nick; null when he may.</summary>
    public static StanzaError? RefuseCreation(BareJid room, Jid creator, RoomWorld world) =>
        !world.Policy.MayCreate(creator) || IsTooLong(room.Local!, world.Options.MaxRoomId) ? StanzaError.NotAllowed("Room creation is denied by service policy") : null;

    /// <summary>A new room with its creator for an owner, configured by default.</summary>
    /// <param name="room">Its address.</param>
    /// <param name="creator">Who makes it.</param>
    /// <param name="secret">Its secret, for occupant ids.</param>
    /// <param name="options">The module's options.</param>
    /// <param name="isLocked">Whether it waits to be configured.</param>
    public static RoomState New(BareJid room, BareJid creator, string secret, MucOptions options, bool isLocked)
    {
        var byDefault = options.DefaultRoom;
        var affiliations = AffiliationList.Empty;
        foreach (var entry in byDefault.Affiliations)
        {
            if (Jid.TryParse($"{(entry.User.Length > 0 ? entry.User + "@" : "")}{entry.Server}{(entry.Resource.Length > 0 ? "/" + entry.Resource : "")}", out var user))
            {
                affiliations = affiliations.With(user.Local is null ? user : user.Bare, entry.Affiliation, "");
            }
        }

        return new RoomState(room, secret)
        {
            Configuration = byDefault.ToConfiguration(options.MaxUsers),
            Affiliations = affiliations.With(creator, Affiliation.Owner, ""),
            IsLocked = isLocked,
            Subject = byDefault.Subject.Length == 0
                ? RoomSubject.None
                : new RoomSubject([new Xml.XmlBuilder("subject", Ns.Client).Text(byDefault.Subject).Build()], byDefault.SubjectAuthor, default),
        };
    }

    private static bool PassesLock(Turn turn, Stanza stanza) =>
        turn.AffiliationOf(stanza.From!) is Affiliation.Owner && stanza switch
        {
            Presence => turn.State.OfSession(stanza.From!) is not null,
            Iq iq => IqRules.IsForLocked(iq),
            Message message => message.IsError,
            _ => false,
        };

    private static bool IsTooLong(string node, int? max) => max is { } most && Encoding.UTF8.GetByteCount(node) > most;
}
