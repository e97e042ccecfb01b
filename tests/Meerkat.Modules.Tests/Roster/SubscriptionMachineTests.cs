using Meerkat.Modules.Roster;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Roster;

public sealed class SubscriptionMachineTests
{
    // CORE-172 to CORE-180: state | subscribe | subscribed | unsubscribe | unsubscribed, as received. "=" is no change, "!" answers by itself (CORE-190).
    // RFC 6121 A.3 differs in one cell: subscribed in the state from/- changes nothing there (CORE-178).
    private const string Received = """
        none/-    | none/in   | =      | =           | =
        none/out  | none/both | to/-   | =           | none/-
        none/in   | =         | =      | none/- !    | =
        none/both | =         | to/in  | none/out !  | none/in
        to/-      | to/in     | =      | =           | none/-
        to/in     | =         | =      | to/- !      | none/in
        from/-    | = !       | both/- | none/- !    | =
        from/out  | = !       | both/- | none/out !  | from/-
        both/-    | = !       | =      | to/- !      | from/-
        """;

    // CORE-181 to CORE-189, as sent. RFC 6121 A.2 differs in one cell: subscribed in the state to/- changes nothing there (CORE-185).
    private const string Sent = """
        none/-    | none/out  | =        | =       | =
        none/out  | =         | =        | none/-  | =
        none/in   | none/both | from/-   | =       | none/-
        none/both | =         | from/out | none/in | none/out
        to/-      | =         | both/-   | none/-  | =
        to/in     | =         | both/-   | none/in | to/-
        from/-    | from/out  | =        | =       | none/-
        from/out  | =         | =        | from/-  | none/out
        both/-    | =         | =        | from/-  | to/-
        """;

    private static readonly PresenceType[] s_types = [PresenceType.Subscribe, PresenceType.Subscribed, PresenceType.Unsubscribe, PresenceType.Unsubscribed];

    public static TheoryData<string, PresenceType, string> ReceivedCells => Cells(Received);

    public static TheoryData<string, PresenceType, string> SentCells => Cells(Sent);

    [Theory, MemberData(nameof(ReceivedCells))] // CORE-172 to CORE-180, CORE-190, ROS-008, RFC 6121 A.3
    public void What_a_contact_sends_moves_the_state(string state, PresenceType type, string expected)
    {
        var step = SubscriptionMachine.Receive(Parse(state), type);

        Assert.Equal(Expected(state, expected), step.After);
        PresenceType? reply = expected.EndsWith('!') ? type is PresenceType.Subscribe ? PresenceType.Subscribed : PresenceType.Unsubscribed : null;
        Assert.Equal(reply, step.Reply);
    }

    [Theory, MemberData(nameof(SentCells))] // CORE-181 to CORE-189, ROS-008, RFC 6121 A.2
    public void What_the_account_sends_moves_the_state(string state, PresenceType type, string expected)
    {
        var step = SubscriptionMachine.Send(Parse(state), type);

        Assert.Equal(Expected(state, expected), step.After);
        Assert.Null(step.Reply);
    }

    [Fact] // RFC 6121 A.1: the nine states are closed under every stanza
    public void No_stanza_leads_out_of_the_nine_states()
    {
        var states = Received.Split('\n').Select(row => Parse(row.Split('|')[0])).ToHashSet();

        Assert.Equal(9, states.Count);
        foreach (var type in s_types)
        {
            Assert.All(states, state => Assert.Contains(SubscriptionMachine.Receive(state, type).After, states));
            Assert.All(states, state => Assert.Contains(SubscriptionMachine.Send(state, type).After, states));
        }
    }

    private static TheoryData<string, PresenceType, string> Cells(string table)
    {
        var data = new TheoryData<string, PresenceType, string>();
        foreach (var row in table.Split('\n'))
        {
            var cells = row.Split('|', StringSplitOptions.TrimEntries);
            for (var i = 0; i < s_types.Length; i++)
            {
                data.Add(cells[0], s_types[i], cells[i + 1]);
            }
        }

        return data;
    }

    private static SubscriptionState Expected(string state, string cell) => Parse(cell.TrimEnd('!', ' ') is "=" ? state : cell.TrimEnd('!', ' '));

    private static SubscriptionState Parse(string text)
    {
        var parts = text.Trim().Split('/');
        var subscription = parts[0] switch { "to" => SubscriptionState.To, "from" => SubscriptionState.From, "both" => SubscriptionState.Both, _ => SubscriptionState.None };
        return subscription | parts[1] switch
        {
            "out" => SubscriptionState.PendingOut,
            "in" => SubscriptionState.PendingIn,
            "both" => SubscriptionState.PendingOut | SubscriptionState.PendingIn,
            _ => SubscriptionState.None,
        };
    }
}
