using Meerkat.Modules.Muc;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>XEP-0045 §5.1: every cell of the tables of roles, with the room's configuration where the XEP leaves it to that.</summary>
public sealed class RoleRulesTests
{
    // n: no, y: yes, and what decides: N change of nick, P private messages, I invitations, M moderated, S subject. None, visitor, participant, moderator.
    private static readonly Dictionary<Privilege, string> s_privileges = new()
    {
        [Privilege.PresentInRoom] = "nyyy",
        [Privilege.ReceiveMessages] = "nyyy",
        [Privilege.ReceiveOccupantPresence] = "nyyy",
        [Privilege.BroadcastPresence] = "nyyy",
        [Privilege.ChangeAvailability] = "nyyy",
        [Privilege.ChangeNick] = "nNyy",
        [Privilege.SendPrivateMessages] = "nPPP",
        [Privilege.Invite] = "nIIy",
        [Privilege.SendToAll] = "nMyy",
        [Privilege.ModifySubject] = "nnSy",
        [Privilege.Kick] = "nnny",
        [Privilege.GrantVoice] = "nnny",
        [Privilege.RevokeVoice] = "nnny",
    };

    [Fact] // XEP-0045 §5.1.1
    public void Privileges_are_those_of_the_table()
    {
        var cells = 0;
        foreach (var privilege in Enum.GetValues<Privilege>())
        {
            for (var role = Role.None; role <= Role.Moderator; role++)
            {
                cells++;
                foreach (var (room, letters) in Rooms())
                {
                    var cell = s_privileges[privilege][(int)role];
                    var expected = cell is 'y' || letters.Contains(cell);
                    Assert.True(expected == RoleRules.May(role, privilege, room), $"{privilege} of a {role} where {letters} holds");
                }
            }
        }

        Assert.Equal(52, cells);
        RuleTables.Count("Privileges Associated With Roles", cells);
    }

    [Theory] // XEP-0045 §5.1.2: none, member, admin, owner; and outcasts, who have no column
    [InlineData("Moderated", "visitor participant moderator moderator")]
    [InlineData("Unmoderated", "participant participant moderator moderator")]
    [InlineData("Members-Only", "none participant moderator moderator")]
    [InlineData("Open", "participant participant moderator moderator")]
    public void Newcomers_get_the_role_of_the_table(string kind, string roles)
    {
        RuleTables.Count("Initial Role Based on Affiliation", 16);
        var room = new RoomConfiguration
        {
            IsModerated = kind == "Moderated",
            MembersByDefault = kind != "Moderated", // MUC-027: that, and not moderation alone, makes visitors
            IsMembersOnly = kind == "Members-Only",
        };
        var expected = roles.Split(' ');
        Affiliation[] affiliations = [Affiliation.None, Affiliation.Member, Affiliation.Admin, Affiliation.Owner];
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(expected[i], RoleRules.Initial(affiliations[i], room).Word());
        }

        Assert.Equal(Role.None, RoleRules.Initial(Affiliation.Outcast, room));
    }

    // Who may bring about a change of role of somebody who is no admin: o owner or admin, m moderator too. Rows and columns: none, visitor, participant, moderator.
    private static readonly string[] s_changes = ["----", "m-mo", "mm-o", "ooo-"];

    [Fact] // XEP-0045 §5.1.3, MUC-063: the first row, entering, is the table of initial roles
    public void Roles_are_changed_by_whom_the_chart_allows()
    {
        RuleTables.Count("Role State Chart", 16);
        for (var from = Role.Visitor; from <= Role.Moderator; from++)
        {
            for (var to = Role.None; to <= Role.Moderator; to++)
            {
                for (var actor = Role.None; actor <= Role.Moderator; actor++)
                {
                    for (var affiliation = Affiliation.None; affiliation <= Affiliation.Owner; affiliation++)
                    {
                        for (var target = Affiliation.None; target <= Affiliation.Owner; target++)
                        {
                            var cell = s_changes[(int)from][(int)to];
                            var isAdmin = affiliation >= Affiliation.Admin;
                            var expected = cell switch
                            {
                                '-' => true,
                                'm' => isAdmin || actor is Role.Moderator,
                                _ => isAdmin && (from is not Role.Moderator || target < Affiliation.Admin),
                            };
                            Assert.True(expected == RoleRules.MayChange(actor, affiliation, target, from, to), $"{actor}/{affiliation} on {target}: {from} to {to}");
                        }
                    }
                }
            }
        }
    }

    private static IEnumerable<(RoomConfiguration Room, string Letters)> Rooms()
    {
        for (var bits = 0; bits < 32; bits++)
        {
            var (n, p, i, m, s) = ((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0);
            yield return (
                new RoomConfiguration { AllowVisitorNickChange = n, AllowPrivateMessages = p, AllowUserInvites = i, IsModerated = !m, AllowChangeSubject = s },
                (n ? "N" : "") + (p ? "P" : "") + (i ? "I" : "") + (m ? "M" : "") + (s ? "S" : ""));
        }
    }
}
