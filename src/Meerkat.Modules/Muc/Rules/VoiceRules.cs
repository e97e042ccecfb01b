using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Requests for voice and their approval (XEP-0045 §7.13, §8.6, MUC-066). Pure.</summary>
internal static class VoiceRules
{
    /// <returns>False when the message is neither.</returns>
    public static bool TryHandle(Turn turn, Message message)
    {
        if (DataForm.Find(message.Element, DataFormType.Submit, Ns.MucRequest) is not { } form)
        {
            return false;
        }

        if (turn.State.OfSession(message.From!) is not { } sender)
        {
            turn.Reject(message, StanzaError.NotAcceptable("Only occupants are allowed to send messages to the conference"));
        }
        else if (form["muc#request_allow"] is { } allow)
        {
            Approve(turn, message, sender, form, allow);
        }
        else if (form.ValueOf("muc#role") == "participant")
        {
            Ask(turn, sender);
        }
        else
        {
            turn.Reject(message, StanzaError.BadRequest());
        }

        return true;
    }

    private static void Ask(Turn turn, Occupant sender)
    {
        var form = new DataFormBuilder(DataFormType.Form, Ns.MucRequest)
            .Title("Voice request")
            .Instructions("To approve this request for voice, select the checkbox and submit the form. To skip it, close it.")
            .Add("muc#role", DataFieldType.TextSingle, "participant")
            .Ask("muc#jid", DataFieldType.JidSingle, "User ID", sender.Shown.Jid.ToString())
            .Ask("muc#roomnick", DataFieldType.TextSingle, "Room nickname", sender.Nick)
            .Boolean("muc#request_allow", "Grant voice to this person?", false)
            .Build().ToXml();
        var request = Message.Create(MessageType.Normal, turn.Room, null, null, form);
        foreach (var (_, occupant) in turn.State.Occupants)
        {
            if (occupant.Role is Role.Moderator)
            {
                foreach (var session in occupant.Sessions)
                {
                    turn.Send(request, session.Jid);
                }
            }
        }
    }

    private static void Approve(Turn turn, Message message, Occupant sender, DataForm form, DataField allow)
    {
        if (!RoleRules.May(sender.Role, Privilege.GrantVoice, turn.Configuration))
        {
            turn.Reject(message, StanzaError.NotAllowed());
        }
        else if (!allow.TryGetBoolean(out var isAllowed) || form.ValueOf("muc#roomnick") is not { } nick || !MucWords.TryReadRole(form.ValueOf("muc#role") ?? "participant", out var role))
        {
            turn.Reject(message, StanzaError.BadRequest());
        }
        else if (isAllowed && turn.State.OfNick(nick) is { } asking && asking.Role < role && role <= Role.Participant)
        {
            RoleChanges.Apply(turn, asking, role, null);
        }
    }
}
