namespace Meerkat.Modules.Muc;

/// <summary>What an affiliation may allow: the rows of XEP-0045 §5.2.1.</summary>
internal enum AffiliationPrivilege
{
    EnterOpenRoom,
    RegisterWithOpenRoom,
    RetrieveMemberList,
    EnterMembersOnlyRoom,
    BanMembersAndUnaffiliated,
    EditMemberList,
    AssignModerators,
    EditAdminList,
    EditOwnerList,
    ChangeConfiguration,
    DestroyRoom,
}

/// <summary>What comes of a wish to change an affiliation (MUC-062).</summary>
internal enum AffiliationVerdict
{
    Allowed,

    /// <summary><c>not-allowed</c>: beyond what an admin may.</summary>
    NotAllowed,

    /// <summary><c>forbidden</c>: who wants it is neither admin nor owner.</summary>
    Forbidden,
}

/// <summary>Affiliations: what they allow and who may change them. Pure functions (XEP-0045 §5.2).</summary>
internal static class AffiliationRules
{
    /// <summary>Whether an affiliation has a privilege. What a room's configuration adds to it (<c>maygetmemberlist</c>, a password) is asked elsewhere.</summary>
    public static bool May(Affiliation affiliation, AffiliationPrivilege privilege) => privilege switch
    {
        AffiliationPrivilege.EnterOpenRoom => affiliation > Affiliation.Outcast,
        AffiliationPrivilege.RegisterWithOpenRoom => affiliation is Affiliation.None,
        AffiliationPrivilege.EnterMembersOnlyRoom => affiliation >= Affiliation.Member,
        AffiliationPrivilege.RetrieveMemberList or AffiliationPrivilege.BanMembersAndUnaffiliated or AffiliationPrivilege.EditMemberList
            or AffiliationPrivilege.AssignModerators => affiliation >= Affiliation.Admin,
        _ => affiliation is Affiliation.Owner,
    };

    /// <summary>Whether somebody may change an affiliation (XEP-0045 §5.2.2). No change is always allowed.</summary>
    /// <param name="actor">Affiliation of who wants it.</param>
    /// <param name="from">The affiliation before.</param>
    /// <param name="to">The affiliation wanted.</param>
    public static AffiliationVerdict MayChange(Affiliation actor, Affiliation from, Affiliation to) => actor switch
    {
        _ when from == to => AffiliationVerdict.Allowed,
        Affiliation.Owner => AffiliationVerdict.Allowed,
        Affiliation.Admin => from < Affiliation.Admin && to < Affiliation.Admin ? AffiliationVerdict.Allowed : AffiliationVerdict.NotAllowed,
        _ => AffiliationVerdict.Forbidden,
    };
}
