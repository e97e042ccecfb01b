using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What administrators want of a room (MUC-103). Commands and answers are elements, so that they travel. Pure.</summary>
internal static class RoomAdministration
{
    /// <summary>Makes the room for somebody who is not there; of one that is there it is refused.</summary>
    public const string Create = "create";

    public const string Configuration = "configuration";
    public const string Configure = "configure";
    public const string Users = "users";
    public const string Affiliations = "affiliations";
    public const string SetAffiliation = "set-affiliation";
    public const string SetRole = "set-role";
    public const string Destroy = "destroy";

    public static RoomReply Handle(Turn turn, RoomCommand command)
    {
        if (command.Who is { } user && !IsPermitted(turn, command.Text, user))
        {
            return new RoomReply(true, null, "not_allowed");
        }

        return command.Text switch
        {
            Create => new RoomReply(true, null, "already_exists"),
            Configuration => Read(turn),
            Configure => Change(turn, command.Payload!.Value),
            Users => ListUsers(turn, command.Who),
            Affiliations => ListAffiliations(turn, command.Payload?.Attribute("affiliation")),
            SetAffiliation => ChangeAffiliation(turn, command.Payload!.Value, command.Who),
            SetRole => ChangeRole(turn, command.Payload!.Value, command.Who),
            Destroy => End(turn, command.Payload!.Value),
            _ => RoomReply.Done,
        };
    }

    // A user may do by an operation what he may do in the room; an administrator is nobody and may all.
    private static bool IsPermitted(Turn turn, string operation, Jid user) => operation switch
    {
        Configuration or Configure or Destroy => turn.AffiliationOf(user) is Affiliation.Owner,
        Users or Affiliations => turn.AffiliationOf(user) is not Affiliation.Outcast && (!turn.Configuration.IsMembersOnly || turn.AffiliationOf(user) >= Affiliation.Member),
        _ => true,
    };

    private static RoomReply Read(Turn turn) => new(true, RoomCodec.Write(turn.State, []).Settings);

    private static RoomReply Change(Turn turn, XmlElement x)
    {
        if (!DataForm.TryRead(x, out var form)
            || ConfigurationForm.Read(form, turn.Configuration, turn.World.Options, mayPersist: true, mayLog: true, out var after) is not null)
        {
            return new RoomReply(true, null, "invalid");
        }

        OwnerRules.Apply(turn, after);
        return new RoomReply(true, RoomCodec.Write(turn.State, []).Settings);
    }

    private static RoomReply ListUsers(Turn turn, Jid? user)
    {
        var sees = user is null || !turn.Configuration.IsSemiAnonymous
            || turn.State.Occupants.Values.Any(occupant => occupant.Role is Role.Moderator && occupant.User.Equals(user.Bare)) || turn.AffiliationOf(user) >= Affiliation.Admin;
        var list = new XmlBuilder("users", "");
        foreach (var occupant in turn.State.Occupants.Values.OrderBy(occupant => occupant.Nick, StringComparer.Ordinal))
        {
            list.Start("user").Attribute("nick", occupant.Nick).Attribute("role", ((int)occupant.Role).ToString(CultureInfo.InvariantCulture))
                .Attribute("jid", sees ? occupant.Shown.Jid.ToString() : null).End();
        }

        return new RoomReply(true, list.Build());
    }

    private static RoomReply ListAffiliations(Turn turn, string? only)
    {
        var list = new XmlBuilder("affiliations", "");
        foreach (var (user, entry) in turn.State.Affiliations.Entries.OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal))
        {
            var number = ((int)entry.Affiliation).ToString(CultureInfo.InvariantCulture);
            if (only is null || only == number)
            {
                list.Start("affiliation").Attribute("jid", user.ToString()).Attribute("affiliation", number).End();
            }
        }

        return new RoomReply(true, list.Build());
    }

    // GQA-MUC-09: as one of the owners.
    private static RoomReply ChangeAffiliation(Turn turn, XmlElement wish, Jid? user)
    {
        var owners = turn.State.Affiliations.Entries.Where(entry => entry.Value.Affiliation is Affiliation.Owner).Select(entry => entry.Key);
        var by = user ?? owners.OrderBy(owner => owner.ToString() == wish.Attribute("jid")).FirstOrDefault(); // another one than whom it is about, where there is one
        if (by is null)
        {
            return new RoomReply(true, null, "not_allowed");
        }

        return Outcome(AdminRules.Change(turn, by, [wish]));
    }

    // GQA-MUC-03, GQA-MUC-08: as a moderator who is there.
    private static RoomReply ChangeRole(Turn turn, XmlElement wish, Jid? user)
    {
        var moderator = turn.State.Occupants.Values.Where(occupant => occupant.Role is Role.Moderator && (user is null || occupant.User.Equals(user.Bare)))
            .OrderByDescending(occupant => occupant.Affiliation).FirstOrDefault();
        return moderator is null ? new RoomReply(true, null, "moderator_not_found") : Outcome(AdminRules.Change(turn, moderator.Shown.Jid, [wish]));
    }

    private static RoomReply End(Turn turn, XmlElement destroy)
    {
        OwnerRules.Destroy(turn, OwnerRules.ForOccupants(destroy));
        return RoomReply.Done;
    }

    private static RoomReply Outcome(StanzaError? error) => error?.Condition switch
    {
        null => RoomReply.Done,
        "not-allowed" or "forbidden" => new RoomReply(true, null, "not_allowed"),
        _ => new RoomReply(true, null, "cannot_modify"),
    };
}
