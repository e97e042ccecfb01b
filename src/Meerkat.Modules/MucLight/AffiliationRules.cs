using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>Who may change who is in a room, and what comes of it (MUL-022 to MUL-026, MUL-030). Pure.</summary>
/// <remarks>Asking and doing are two steps: between them, those who do not want to be added are taken out of the request (MUL-025).</remarks>
internal static class AffiliationRules
{
    /// <summary>Whether an occupant may ask for changes.</summary>
    /// <param name="before">The occupants, <paramref name="actor"/> among them.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="wanted">Who is to become what.</param>
    /// <param name="policy">What is allowed in the room.</param>
    /// <returns>Null when he may; else why not.</returns>
    public static MucLightResult? Check(OccupantList before, BareJid actor, IReadOnlyList<MucLightOccupant> wanted, RoomPolicy policy)
    {
        if (HasTwice(wanted))
        {
            return MucLightResult.Invalid("a user is named twice");
        }

        var isOwner = before.Find(actor) is MucLightAffiliation.Owner;
        foreach (var change in wanted)
        {
            var current = before.Find(change.Jid);
            if (!isOwner && !MayMember(actor, change, current, policy))
            {
                return MucLightResult.NotAllowed("only an owner may do this");
            }

            if (current == change.Affiliation)
            {
                return MucLightResult.Invalid($"{change.Jid} is that already");
            }
        }

        return null;
    }

    /// <summary>Makes the changes, and those that follow from them: an owner who gives way, and one who takes over.</summary>
    /// <param name="before">The occupants.</param>
    /// <param name="wanted">Who is to become what: allowed, and each user once.</param>
    /// <param name="policy">What is allowed in the room.</param>
    public static AffiliationChange Apply(OccupantList before, IReadOnlyList<MucLightOccupant> wanted, RoomPolicy policy)
    {
        var newOwners = wanted.Count(change => change.Affiliation is MucLightAffiliation.Owner);
        var hadOwner = before.Owners.Any();
        if (newOwners > 0 && !hadOwner)
        {
            return AffiliationChange.Refused(MucLightResult.Invalid("this room has no owners"));
        }

        if (newOwners > 1 && !policy.AllowMultipleOwners)
        {
            return AffiliationChange.Refused(MucLightResult.Invalid("a room has one owner"));
        }

        var after = before.With(wanted);
        if (newOwners == 1 && !policy.AllowMultipleOwners)
        {
            // MUL-023: who was owner and is not spoken of gives way.
            after = after.With([.. after.Owners
                .Where(owner => before.Find(owner.Jid) is MucLightAffiliation.Owner)
                .Select(owner => owner with { Affiliation = MucLightAffiliation.Member })]);
        }

        if (hadOwner && after.Count > 0 && !after.Owners.Any())
        {
            if (!policy.PromoteOnLastOwnerLeave)
            {
                return AffiliationChange.Refused(MucLightResult.Invalid("the last owner cannot go before another one is named"));
            }

            after = after.With([Successor(before, after) with { Affiliation = MucLightAffiliation.Owner }]);
        }

        return after.Count > policy.MaxOccupants && after.Count > before.Count
            ? AffiliationChange.Refused(new MucLightResult(MucLightOutcome.OccupantLimit))
            : new AffiliationChange(null, after, Differences(before, after));
    }

    /// <summary>Whether a room may be created with these occupants beside its creator.</summary>
    /// <returns>Null when it may; else why not.</returns>
    public static MucLightResult? CheckCreation(BareJid creator, IReadOnlyList<MucLightOccupant> others, RoomPolicy policy)
    {
        var owners = others.Count(other => other.Affiliation is MucLightAffiliation.Owner);
        return HasTwice(others) ? MucLightResult.Invalid("a user is named twice")
            : others.Any(other => other.Jid.Equals(creator)) ? MucLightResult.Invalid("who creates a room is in it anyway")
            : others.Any(other => other.Affiliation is MucLightAffiliation.None) ? MucLightResult.Invalid("nobody can be kept out of a room that is not there yet")
            : owners > 0 && policy.EqualOccupants ? MucLightResult.Invalid("rooms have no owners here")
            : owners > 1 && !policy.AllowMultipleOwners ? MucLightResult.Invalid("a room has one owner")
            : others.Count + 1 > policy.MaxOccupants ? new MucLightResult(MucLightOutcome.OccupantLimit)
            : null;
    }

    /// <summary>The occupants of a new room: where another owner is named, the creator is a member (MUL-030).</summary>
    public static OccupantList Create(BareJid creator, IReadOnlyList<MucLightOccupant> others, RoomPolicy policy)
    {
        var isMember = policy.EqualOccupants || (!policy.AllowMultipleOwners && others.Any(other => other.Affiliation is MucLightAffiliation.Owner));
        return OccupantList.Of([.. others, new MucLightOccupant(creator, isMember ? MucLightAffiliation.Member : MucLightAffiliation.Owner)]);
    }

    // MUL-022, MUL-041: a member leaves, and adds members where all can invite.
    private static bool MayMember(BareJid actor, MucLightOccupant change, MucLightAffiliation current, RoomPolicy policy) => change.Affiliation switch
    {
        MucLightAffiliation.None => change.Jid.Equals(actor),
        MucLightAffiliation.Member => policy.AllCanInvite && current is not MucLightAffiliation.Owner,
        _ => false,
    };

    // MUL-024: the first who was a member and stays, else the first who joins, else the owner who wanted to be less.
    private static MucLightOccupant Successor(OccupantList before, OccupantList after) =>
        FirstThatWas(MucLightAffiliation.Member, before, after)
        ?? FirstThatWas(MucLightAffiliation.None, before, after)
        ?? FirstThatWas(MucLightAffiliation.Owner, before, after)!.Value;

    private static MucLightOccupant? FirstThatWas(MucLightAffiliation earlier, OccupantList before, OccupantList after)
    {
        foreach (var occupant in after)
        {
            if (before.Find(occupant.Jid) == earlier)
            {
                return occupant;
            }
        }

        return null;
    }

    private static List<MucLightOccupant> Differences(OccupantList before, OccupantList after)
    {
        var changes = after.Where(occupant => before.Find(occupant.Jid) != occupant.Affiliation).ToList();
        changes.AddRange(before.Where(occupant => after.Find(occupant.Jid) is MucLightAffiliation.None).Select(occupant => occupant with { Affiliation = MucLightAffiliation.None }));
        return changes;
    }

    private static bool HasTwice(IReadOnlyList<MucLightOccupant> users) => users.Select(user => user.Jid).Distinct().Count() < users.Count;
}

/// <summary>What comes of a request to change who is in a room.</summary>
/// <param name="Refusal">Why nothing changes; null when it does.</param>
/// <param name="After">The occupants afterwards.</param>
/// <param name="Changes">Who became what, those included who were not named in the request; empty when it came to nothing.</param>
internal sealed record AffiliationChange(MucLightResult? Refusal, OccupantList After, IReadOnlyList<MucLightOccupant> Changes)
{
    public static AffiliationChange Refused(MucLightResult refusal) => new(refusal, OccupantList.Empty, []);
}
