using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Lists of affiliations and roles, read and changed (XEP-0045 §8.2 to §8.5, §9; MUC-060 to MUC-067). Pure.</summary>
internal static class AdminRules
{
    /// <summary>A request in the namespace <c>muc#admin</c>.</summary>
    /// <returns>The result or error.</returns>
    public static Stanza Handle(Turn turn, Iq iq, XmlElement query) => iq.Type is IqType.Get ? Read(turn, iq, query) : Change(turn, iq, query);

    /// <summary>Reads the items of one affiliation.</summary>
    public static Iq Affiliated(Turn turn, Iq iq, XmlElement query, Affiliation affiliation)
    {
        var list = new XmlBuilder("query", query.Namespace);
        foreach (var (user, entry) in turn.State.Affiliations.Entries.Where(entry => entry.Value.Affiliation == affiliation).OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal))
        {
            list.Start("item").Attribute("affiliation", entry.Affiliation.Word()).Attribute("jid", user.ToString());
            if (entry.Reason.Length > 0)
            {
                list.Element("reason", entry.Reason);
            }

            list.End();
        }

        return Iq.Result(iq, list.Build());
    }

    /// <summary>Applies changes, all or none (MUC-061).</summary>
    /// <returns>The error of the first that may not be; null when all were applied.</returns>
    public static StanzaError? Change(Turn turn, Jid by, IReadOnlyList<XmlElement> items)
    {
        var actor = turn.State.OfSession(by);
        var changes = new List<AdminItem>();
        foreach (var item in items)
        {
            if (AdminItem.Read(turn, item, out var change) is { } unreadable)
            {
                return unreadable;
            }

            if (change!.Refuse(turn, by, actor?.Role ?? Role.None) is { } refusal)
            {
                return refusal;
            }

            changes.Add(change);
        }

        if (changes.Count == 0)
        {
            return StanzaError.BadRequest();
        }

        if (LeavesNoOwner(turn.State.Affiliations, changes))
        {
            return StanzaError.Conflict("A room needs an owner.");
        }

        foreach (var change in changes)
        {
            change.Apply(turn, by);
        }

        return null;
    }

    // XEP-0045 §10.6: a room is never left without an owner; the whole of a request counts.
    private static bool LeavesNoOwner(AffiliationList before, IEnumerable<AdminItem> changes)
    {
        var owners = before.Entries.Where(entry => entry.Value.Affiliation is Affiliation.Owner).Select(entry => entry.Key).ToHashSet();
        var hadOwner = owners.Count > 0;
        foreach (var change in changes)
        {
            if (change.User is not { } user)
            {
                continue;
            }

            if (change.Affiliation is Affiliation.Owner)
            {
                owners.Add(user);
            }
            else
            {
                owners.Remove(user);
            }
        }

        return hadOwner && owners.Count == 0;
    }

    private static Stanza Change(Turn turn, Iq iq, XmlElement query) =>
        Change(turn, iq.From!, query.Children.Where(child => child.Is("item", query.Namespace)).ToArray()) is { } error
            ? StanzaReplies.ErrorFor(iq, error)!
            : Iq.Result(iq, null);

    // MUC-060
    private static Stanza Read(Turn turn, Iq iq, XmlElement query)
    {
        if (query.Child("item") is not { } item)
        {
            return StanzaReplies.ErrorFor(iq, StanzaError.BadRequest())!;
        }

        var from = iq.From!;
        var own = turn.State.OfSession(from)?.Role ?? Role.None;
        if (item.Attribute("affiliation") is { } word)
        {
            return !MucWords.TryReadAffiliation(word, out var affiliation) ? StanzaReplies.ErrorFor(iq, StanzaError.BadRequest())!
                : AffiliationRules.May(turn.AffiliationOf(from), AffiliationPrivilege.RetrieveMemberList) || IsListed(turn, own) ? Affiliated(turn, iq, query, affiliation)
                : StanzaReplies.ErrorFor(iq, StanzaError.Forbidden("Administrator privileges required"))!;
        }

        return !MucWords.TryReadRole(item.Attribute("role"), out var role) ? StanzaReplies.ErrorFor(iq, StanzaError.BadRequest())!
            : own is Role.Moderator || turn.AffiliationOf(from) >= Affiliation.Admin || IsListed(turn, own) ? Roles(turn, iq, role)
            : StanzaReplies.ErrorFor(iq, StanzaError.Forbidden("Moderator privileges required"))!;
    }

    private static bool IsListed(Turn turn, Role role) => (turn.Configuration.MayGetMemberList & (role switch
    {
        Role.Moderator => RoleSet.Moderator,
        Role.Participant => RoleSet.Participant,
        _ => RoleSet.Visitor,
    })) != 0;

    private static Iq Roles(Turn turn, Iq iq, Role role)
    {
        var list = new XmlBuilder("query", Ns.MucAdmin);
        foreach (var occupant in turn.State.Occupants.Values.Where(occupant => occupant.Role == role).OrderBy(occupant => occupant.Nick, StringComparer.Ordinal))
        {
            list.Start("item").Attribute("role", role.Word()).Attribute("affiliation", occupant.Affiliation.Word())
                .Attribute("nick", occupant.Nick).Attribute("jid", occupant.Shown.Jid.ToString()).End();
        }

        return Iq.Result(iq, list.Build());
    }
}
