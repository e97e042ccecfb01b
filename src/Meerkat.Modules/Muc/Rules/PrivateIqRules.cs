using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>IQs between occupants (XEP-0045 §17.4, XEP-0410, MUC-045). Pure: what an answer needs to find its way is in its id.</summary>
internal static class PrivateIqRules
{
    private const string Mark = "muc-";

    public static void Handle(Turn turn, Iq iq, string nick)
    {
        if (!iq.IsRequest)
        {
            Return(turn, iq, nick);
            return;
        }

        if (turn.State.OfSession(iq.From!) is not { } sender)
        {
            turn.Reject(iq, StanzaError.NotAcceptableCancel("Only occupants are allowed to send queries to the conference"));
        }
        else if (nick == sender.Nick && iq.Type is IqType.Get && iq.Payload is { } ping && ping.Is("ping", Ns.Ping))
        {
            turn.Send(Iq.Result(iq, null)); // XEP-0410 §4
        }
        else if (!turn.Configuration.AllowQueryUsers)
        {
            turn.Reject(iq, StanzaError.NotAllowed("Queries to the conference members are not allowed in this room"));
        }
        else if (turn.State.OfNick(nick) is not { } recipient)
        {
            turn.Reject(iq, StanzaError.ItemNotFound("Recipient is not in the conference room"));
        }
        else
        {
            Forward(turn, iq, sender, recipient);
        }
    }

    // A vCard is the account's: its server answers, and does so from the bare address.
    private static void Forward(Turn turn, Iq iq, Occupant sender, Occupant recipient)
    {
        var isVCard = iq.Type is IqType.Get && iq.Payload is { } payload && payload.Is("vCard", Ns.VCard);
        var to = recipient.Shown.Jid;
        if (!isVCard && sender.Sessions.Length == 1)
        {
            turn.Send(iq.Readdress(sender.Address, to));
            return;
        }

        var session = iq.From!.Resource ?? "";
        var id = Mark + Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{session}\n{recipient.Nick}\n{iq.Id}"));
        var marked = iq.WithElement(iq.Element.WithAttribute("id", id));
        turn.Send(marked.Readdress(sender.Address, isVCard ? to.Bare : to));
    }

    private static void Return(Turn turn, Iq iq, string nick)
    {
        var from = iq.From!;
        if (turn.State.OfNick(nick) is not { } asker)
        {
            return;
        }

        if (TryRead(iq.Id, out var session, out var answerer, out var id))
        {
            if (turn.State.OfNick(answerer)?.User.Equals(from.Bare) is true && asker.Sessions.FirstOrDefault(known => (known.Jid.Resource ?? "") == session) is { } to)
            {
                turn.Send(iq.WithElement(iq.Element.WithAttribute("id", id)).Readdress(turn.State.OfNick(answerer)!.Address, to.Jid));
            }
        }
        else if (turn.State.OfSession(from) is { } other)
        {
            turn.Send(iq.Readdress(other.Address, asker.Shown.Jid));
        }
    }

    private static bool TryRead(string? text, [NotNullWhen(true)] out string? session, [NotNullWhen(true)] out string? nick, [NotNullWhen(true)] out string? id)
    {
        session = nick = id = null;
        if (text is null || !text.StartsWith(Mark, StringComparison.Ordinal) || !Base64Url.IsValid(text.AsSpan(Mark.Length)))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text.AsSpan(Mark.Length))).Split('\n', 3);
        if (parts is not [var first, var second, var third])
        {
            return false;
        }

        (session, nick, id) = (first, second, third);
        return true;
    }
}
