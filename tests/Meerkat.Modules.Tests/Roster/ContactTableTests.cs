using CsCheck;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Roster;

public sealed class ContactTableTests
{
    private static readonly SubscriptionState[] s_states = [SubscriptionState.None, SubscriptionState.To, SubscriptionState.From, SubscriptionState.Both, SubscriptionState.PendingIn];

    [Fact]
    public void A_table_holds_what_a_dictionary_would()
    {
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 4], Gen.Bool).Array[0, 80].Sample(changes =>
        {
            var expected = new Dictionary<Jid, RosterItem>();
            var table = ContactTable.Empty;
            foreach (var (number, state, remove) in changes)
            {
                var contact = Jid.Parse($"c{number}@example.test");
                if (remove)
                {
                    expected.Remove(contact);
                    table = table.Without(contact);
                }
                else
                {
                    expected[contact] = new RosterItem(contact) { State = s_states[state] };
                    table = table.With(contact, s_states[state]);
                }
            }

            foreach (var candidate in new[] { table, ContactTable.Of([.. expected.Values]) })
            {
                Assert.Equal(expected.Count, candidate.Count);
                Assert.Equal(expected.Values.Any(item => item.State is SubscriptionState.PendingIn), candidate.HasRequests);
                for (var i = 0; i < 31; i++)
                {
                    var contact = Jid.Parse($"c{i}@example.test");
                    Assert.Equal(expected.GetValueOrDefault(contact)?.State ?? SubscriptionState.None, candidate.Find(contact));
                    Assert.Equal(candidate.Find(contact), candidate.For(Jid.Parse($"c{i}@example.test/r")));
                }
            }
        });
    }
}
