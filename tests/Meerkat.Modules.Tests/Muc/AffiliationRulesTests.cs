using Meerkat.Modules.Muc;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>XEP-0045 §5.2: every cell of the tables of affiliations.</summary>
public sealed class AffiliationRulesTests
{
    // Outcast, none, member, admin, owner. The member list of members is the configuration's to give (maygetmemberlist): without it, admins' and owners'.
    private static readonly Dictionary<AffiliationPrivilege, string> s_privileges = new()
    {
        [AffiliationPrivilege.EnterOpenRoom] = "nyyyy",
        [AffiliationPrivilege.RegisterWithOpenRoom] = "nynnn",
        [AffiliationPrivilege.RetrieveMemberList] = "nnnyy",
        [AffiliationPrivilege.EnterMembersOnlyRoom] = "nnyyy",
        [AffiliationPrivilege.BanMembersAndUnaffiliated] = "nnnyy",
        [AffiliationPrivilege.EditMemberList] = "nnnyy",
        [AffiliationPrivilege.AssignModerators] = "nnnyy",
        [AffiliationPrivilege.EditAdminList] = "nnnny",
        [AffiliationPrivilege.EditOwnerList] = "nnnny",
        [AffiliationPrivilege.ChangeConfiguration] = "nnnny",
        [AffiliationPrivilege.DestroyRoom] = "nnnny",
    };

    // Who may bring a change about: a admin or owner, o owner. Rows and columns: outcast, none, member, admin, owner.
    private static readonly string[] s_changes = ["-aaoo", "a-aoo", "aa-oo", "ooo-o", "oooo-"];

    [Fact] // XEP-0045 §5.2.1
    public void Privileges_are_those_of_the_table()
    {
        var cells = 0;
        foreach (var privilege in Enum.GetValues<AffiliationPrivilege>())
        {
            foreach (var affiliation in Enum.GetValues<Affiliation>())
            {
                cells++;
                Assert.True((s_privileges[privilege][(int)affiliation] is 'y') == AffiliationRules.May(affiliation, privilege), $"{privilege} of {affiliation}");
            }
        }

        Assert.Equal(55, cells);
        RuleTables.Count("Privileges Associated With Affiliations", cells);
    }

    [Fact] // XEP-0045 §5.2.2, MUC-062
    public void Affiliations_are_changed_by_whom_the_chart_allows()
    {
        var cells = 0;
        foreach (var from in Enum.GetValues<Affiliation>())
        {
            foreach (var to in Enum.GetValues<Affiliation>())
            {
                cells++;
                foreach (var actor in Enum.GetValues<Affiliation>())
                {
                    var expected = s_changes[(int)from][(int)to] switch
                    {
                        '-' => AffiliationVerdict.Allowed,
                        _ when actor is Affiliation.Owner => AffiliationVerdict.Allowed,
                        'a' when actor is Affiliation.Admin => AffiliationVerdict.Allowed,
                        _ => actor is Affiliation.Admin ? AffiliationVerdict.NotAllowed : AffiliationVerdict.Forbidden,
                    };
                    Assert.True(expected == AffiliationRules.MayChange(actor, from, to), $"{actor}: {from} to {to}");
                }
            }
        }

        RuleTables.Count("Affiliation State Chart", cells);
    }

    [Fact] // MUC-065
    public void An_affiliation_is_looked_up_from_the_full_address_to_the_domain()
    {
        var list = AffiliationList.Empty
            .With(Jid.Parse("bad.example"), Affiliation.Outcast, "")
            .With(Jid.Parse("bad.example/web"), Affiliation.Member, "")
            .With(Jid.Parse("good@bad.example"), Affiliation.Admin, "")
            .With(Jid.Parse("good@bad.example/phone"), Affiliation.Owner, "");
        Assert.Equal(Affiliation.Outcast, list.Of(Jid.Parse("x@bad.example/pc")));
        Assert.Equal(Affiliation.Member, list.Of(Jid.Parse("x@bad.example/web")));
        Assert.Equal(Affiliation.Admin, list.Of(Jid.Parse("good@bad.example/web")));
        Assert.Equal(Affiliation.Owner, list.Of(Jid.Parse("good@bad.example/phone")));
        Assert.Equal(Affiliation.None, list.Of(Jid.Parse("x@other.example/web")));
        Assert.Equal(Affiliation.None, list.With(Jid.Parse("bad.example"), Affiliation.None, "").Of(Jid.Parse("x@bad.example/pc")));
    }
}
