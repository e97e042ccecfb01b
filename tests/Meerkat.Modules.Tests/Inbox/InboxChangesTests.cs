using Meerkat.Modules.Inbox;
using Xunit;

namespace Meerkat.Modules.Tests.Inbox;

/// <summary>What two waiting changes come to (INB-041).</summary>
public sealed class InboxChangesTests
{
    private static readonly InboxChange s_write = new(InboxChangeKind.Write, 1) { MessageId = "w", Count = 3 };
    private static readonly InboxChange s_increment = new(InboxChangeKind.Increment, 2) { MessageId = "i", Count = 2 };
    private static readonly InboxChange s_reset = new(InboxChangeKind.Reset, 3);
    private static readonly InboxChange s_resetOfW = new(InboxChangeKind.ResetOf, 3) { MessageId = "w" };
    private static readonly InboxChange s_resetOfI = new(InboxChangeKind.ResetOf, 3) { MessageId = "i" };
    private static readonly InboxChange s_remove = new(InboxChangeKind.Remove, 4);

    public static TheoryData<InboxChange, InboxChange, InboxChange?> Pairs => new()
    {
        { s_write, s_remove, s_write with { Box = "bin" } },
        { s_remove, s_write, s_write with { Box = "bin" } },
        { s_increment, s_remove, s_remove },
        { s_reset, s_remove, s_remove },
        { s_remove, s_reset, s_remove },
        { s_remove, s_resetOfW, s_remove },
        { s_reset, s_resetOfW, s_reset },
        { s_resetOfW, s_reset, s_reset },
        { s_resetOfW, s_resetOfI, null },
        { s_resetOfW, s_resetOfW, s_resetOfW },
        { s_reset, s_write, s_write },
        { s_reset, s_increment, s_increment with { Kind = InboxChangeKind.Write } },
        { s_resetOfW, s_increment, null },
        { s_write, s_reset, s_write with { Count = 0 } },
        { s_write, s_resetOfW, s_write with { Count = 0 } },
        { s_write, s_resetOfI, s_write },
        { s_increment, s_resetOfW, s_increment },
        { s_increment, s_resetOfI, s_increment with { Kind = InboxChangeKind.Write, Count = 0 } },
        { s_write, s_increment, s_increment with { Kind = InboxChangeKind.Write, Count = 5 } },
        { s_increment, s_increment, s_increment with { Count = 4 } },
        { s_increment, s_write, s_write },
    };

    [Theory]
    [MemberData(nameof(Pairs), DisableDiscoveryEnumeration = true)]
    public void Two_changes_come_to_one(InboxChange first, InboxChange then, InboxChange? expected) => Assert.Equal(expected, InboxChanges.Merge(first, then));

    [Fact] // A merged change does what the two did, wherever the conversation stands
    public void A_merged_change_comes_to_the_same()
    {
        InboxChange[] changes = [s_write, s_increment, s_reset, s_resetOfW, s_resetOfI];
        var owner = Xmpp.BareJid.Parse("a@b.c");
        foreach (var start in new InboxEntry?[] { null, new(owner, "w", "inbox", default, 0, 7, 9), new(owner, "o", "archive", default, 0, 0, 1), new(owner, "o", "bin", default, 0, 0, 1) })
        {
            foreach (var first in changes)
            {
                foreach (var then in changes.Select(change => change with { Timestamp = change.Timestamp + 10 }))
                {
                    if (InboxChanges.Merge(first, then) is { } merged)
                    {
                        var both = InboxChanges.Apply(InboxChanges.Apply(start, new(owner, owner, first)), new(owner, owner, then));
                        Assert.Equal(both, InboxChanges.Apply(start, new(owner, owner, merged)));
                    }
                }
            }
        }
    }
}
