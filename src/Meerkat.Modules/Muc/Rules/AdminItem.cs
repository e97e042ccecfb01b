using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>One wish of a request to change roles or affiliations.</summary>
/// <param name="User">Whose affiliation, or null for a role.</param>
/// <param name="Occupants">Whose role.</param>
/// <param name="Affiliation">The affiliation wanted; null for a role.</param>
/// <param name="Role">The role wanted; null for an affiliation.</param>
/// <param name="Nick">The nick to register for the account (MUC-067); null for none.</param>
/// <param name="Reason">Why; empty for nothing.</param>
internal sealed record AdminItem(Jid? User, IReadOnlyList<Occupant> Occupants, Affiliation? Affiliation, Role? Role, string? Nick, string Reason)
{
    /// <returns>The error; null when the item was read (MUC-061).</returns>
    public static StanzaError? Read(Turn turn, XmlElement item, out AdminItem? change)
    {
        change = null;
        var nick = item.Attribute("nick");
        if (nick is { Length: > 0 })
        {
            // A nick is a resource: what looks the same is the same (MUC-015).
            if (!FullJid.TryCreate(turn.Room, nick, out var address))
            {
                return StanzaError.NotAcceptable($"Nickname {nick} is invalid");
            }

            nick = address.Resource;
        }

        Jid? user = null;
        IReadOnlyList<Occupant> occupants = [];
        if (item.Attribute("jid") is { } text)
        {
            if (!Jid.TryParse(text, out user))
            {
                return StanzaError.NotAcceptable($"Jabber ID {text} is invalid");
            }

            user = user.Local is null ? user : user.Bare;
            occupants = [.. turn.State.Occupants.Values.Where(occupant => occupant.User.Equals(user))];
        }
        else if (nick is not null)
        {
            if (turn.State.OfNick(nick) is not { } occupant)
            {
                return StanzaError.NotAcceptable($"Nickname {nick} does not exist in the room");
            }

            occupants = [occupant];
            user = occupant.User;
        }
        else
        {
            return StanzaError.BadRequest();
        }

        var reason = item.ChildText("reason") ?? "";
        if (item.Attribute("role") is { } role)
        {
            if (!MucWords.TryReadRole(role, out var wanted))
            {
                return StanzaError.BadRequest($"Invalid role: {role}");
            }

            change = new AdminItem(null, occupants, null, wanted, null, reason);
            return null;
        }

        if (item.Attribute("affiliation") is not { } affiliation)
        {
            return StanzaError.BadRequest();
        }

        if (!MucWords.TryReadAffiliation(affiliation, out var given))
        {
            return StanzaError.NotAcceptable($"Invalid affiliation: {affiliation}");
        }

        change = new AdminItem(user, occupants, given, null, item.Attribute("jid") is null ? null : nick, reason);
        return null;
    }

    /// <summary>Why it may not be; null when it may (MUC-062, MUC-063, MUC-067).</summary>
    public StanzaError? Refuse(Turn turn, Jid by, Role role)
    {
        var actor = turn.AffiliationOf(by);
        return User is null ? RefuseRole(turn, actor, role) : RefuseAffiliation(turn, User, actor, by);
    }

    public void Apply(Turn turn, Jid by)
    {
        if (User is null)
        {
            foreach (var occupant in Occupants)
            {
                if (turn.State.OfNick(occupant.Nick) is { } present)
                {
                    RoleChanges.Apply(turn, present, Role!.Value, Reason);
                }
            }

            return;
        }

        if (Nick is not null && User is BareJid { HasLocal: true } account)
        {
            turn.Registrations.Add((account, Nick));
        }

        AffiliationChanges.Apply(turn, User, Affiliation!.Value, Reason, by: by);
    }

    private StanzaError? RefuseRole(Turn turn, Affiliation actor, Role role)
    {
        foreach (var occupant in Occupants)
        {
            if (!RoleRules.MayChange(role, actor, turn.AffiliationOf(occupant.Shown.Jid), occupant.Role, Role!.Value))
            {
                return StanzaError.NotAllowed();
            }
        }

        return null;
    }

    private StanzaError? RefuseAffiliation(Turn turn, Jid user, Affiliation actor, Jid by)
    {
        if (Nick is not null)
        {
            if (actor < Muc.Affiliation.Admin)
            {
                return StanzaError.Forbidden();
            }

            if (Nick.Length > 0 && turn.World.IsReserved(Nick, user.Bare))
            {
                return StanzaError.Conflict("That nickname is registered by another person.");
            }
        }

        var before = turn.State.Affiliations.Find(user)?.Affiliation ?? Muc.Affiliation.None;
        var wanted = Affiliation!.Value;
        if (before != wanted && turn.World.Policy.IsAdmin(user))
        {
            return StanzaError.NotAllowed(); // MUC-062: service admins are owners of every room
        }

        return AffiliationRules.MayChange(actor, before, wanted) switch
        {
            not AffiliationVerdict.Forbidden when wanted is Muc.Affiliation.Outcast && user.Equals(by.Bare) => StanzaError.Conflict("Nobody bans himself."), // XEP-0045 §9.1
            AffiliationVerdict.NotAllowed => StanzaError.NotAllowed(),
            AffiliationVerdict.Forbidden => StanzaError.Forbidden(),
            _ => null,
        };
    }
}
