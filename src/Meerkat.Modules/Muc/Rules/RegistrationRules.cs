using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Registration with a room: somebody asks to become a member, an admin or owner who is there decides (XEP-0045 §7.10, §9.9). Pure.</summary>
internal static class RegistrationRules
{
    /// <summary>The field with the nick.</summary>
    public const string NickField = "muc#register_roomnick";
    private const string AllowField = "muc#register_allow";

    /// <summary>Whether somebody may register with the room (XEP-0045 §7.10): not who is banned, and not while nobody knows of it.</summary>
    public static bool IsOpen(Turn turn, Jid user) => !turn.State.IsLocked && turn.AffiliationOf(user) is not Affiliation.Outcast;

    /// <summary>A request in the namespace <c>jabber:iq:register</c>.</summary>
    /// <returns>The result or error.</returns>
    public static Stanza Handle(Turn turn, Iq iq, XmlElement query)
    {
        var from = iq.From!;
        var affiliation = turn.AffiliationOf(from);
        if (affiliation is Affiliation.Outcast)
        {
            return Error(iq, StanzaError.NotAllowed());
        }

        if (iq.Type is IqType.Get)
        {
            return Iq.Result(iq, Form(turn, affiliation));
        }

        if (query.Child("remove") is not null)
        {
            return Leave(turn, iq, affiliation);
        }

        if (DataForm.Find(query, DataFormType.Submit) is not { } form || form.FormType is not (null or Ns.MucRegister))
        {
            return Error(iq, StanzaError.BadRequest());
        }

        if (form.ValueOf(NickField) is not { } nick || !FullJid.TryCreate(turn.Room, nick, out var address))
        {
            return Error(iq, StanzaError.NotAcceptable());
        }

        if (turn.World.IsReserved(address.Resource, from.Bare) || (turn.State.OfNick(address.Resource) is { } holder && !holder.User.Equals(from.Bare)))
        {
            return Error(iq, StanzaError.Conflict());
        }

        if (affiliation >= Affiliation.Member)
        {
            turn.Registrations.Add((from.Bare, address.Resource));
            return Iq.Result(iq, null);
        }

        return Ask(turn, from.Bare, address.Resource) ? Iq.Result(iq, null) : Error(iq, StanzaError.ServiceUnavailable("Nobody is there who could decide.") with { Type = StanzaErrorType.Wait });
    }

    /// <summary>An admin's decision.</summary>
    /// <returns>False when the message is none.</returns>
    public static bool TryHandle(Turn turn, Message message)
    {
        if (DataForm.Find(message.Element, DataFormType.Submit, Ns.MucRegister) is not { } form || form[AllowField] is not { } allow)
        {
            return false;
        }

        if (turn.AffiliationOf(message.From!) < Affiliation.Admin)
        {
            turn.Reject(message, StanzaError.Forbidden());
        }
        else if (!allow.TryGetBoolean(out var isAllowed) || form["muc#register_jid"] is not { } who || !who.TryGetJid(out var jid))
        {
            turn.Reject(message, StanzaError.BadRequest());
        }
        else if (isAllowed && turn.AffiliationOf(jid.Bare) is Affiliation.None)
        {
            AffiliationChanges.Apply(turn, jid.Bare, Affiliation.Member, "", by: message.From);
            if (form.ValueOf(NickField) is { } nick && FullJid.TryCreate(turn.Room, nick, out var address) && !turn.World.IsReserved(address.Resource, jid.Bare))
            {
                turn.Registrations.Add((jid.Bare, address.Resource));
            }
        }

        return true;
    }

    private static XmlElement Form(Turn turn, Affiliation affiliation)
    {
        var query = new XmlBuilder("query", Ns.Register);
        if (affiliation >= Affiliation.Member)
        {
            query.Element("registered");
            if (turn.World.OwnNick is { } own)
            {
                query.Element("username", own);
            }
        }

        return query.Element("instructions", $"To become a member of {turn.Room}, choose a nickname.")
            .Add(new DataFormBuilder(DataFormType.Form, Ns.MucRegister).Title($"Registration with {turn.Room}").Instructions("Please provide the following information to register with this room.")
                .Ask(NickField, DataFieldType.TextSingle, "Desired nickname", turn.World.OwnNick, required: true).Build().ToXml())
            .Build();
    }

    private static Stanza Leave(Turn turn, Iq iq, Affiliation affiliation)
    {
        if (affiliation > Affiliation.Member)
        {
            return Error(iq, StanzaError.NotAllowed("Admins and owners are not registered."));
        }

        turn.Registrations.Add((iq.From!.Bare, ""));
        AffiliationChanges.Apply(turn, iq.From.Bare, Affiliation.None, "");
        return Iq.Result(iq, null);
    }

    // XEP-0045 §9.9
    private static bool Ask(Turn turn, BareJid user, string nick)
    {
        var form = new DataFormBuilder(DataFormType.Form, Ns.MucRegister).Title("Registration request").Instructions("To approve this registration request, select the checkbox and submit the form.")
            .Ask("muc#register_jid", DataFieldType.JidSingle, "User ID", user.ToString())
            .Ask(NickField, DataFieldType.TextSingle, "Desired nickname", nick)
            .Boolean(AllowField, "Allow this person to register with the room?", false)
            .Build().ToXml();
        var request = Message.Create(MessageType.Normal, turn.Room, null, null, form);
        var asked = false;
        foreach (var occupant in turn.State.Occupants.Values)
        {
            if (occupant.Affiliation >= Affiliation.Admin)
            {
                asked = true;
                foreach (var session in occupant.Sessions)
                {
                    turn.Send(request, session.Jid);
                }
            }
        }

        return asked;
    }

    private static Stanza Error(Iq iq, StanzaError error) => StanzaReplies.ErrorFor(iq, error)!;
}
