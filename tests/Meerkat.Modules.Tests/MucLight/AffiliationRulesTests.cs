using CsCheck;
using Meerkat.Modules.MucLight;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.MucLight.MucLightAffiliation;

namespace Meerkat.Modules.Tests.MucLight;

/// <summary>The rules as tables, and against a plain model of a room.</summary>
public sealed class AffiliationRulesTests
{
    private static readonly RoomPolicy s_policy = RoomPolicy.Of(new MucLightOptions());
    private static readonly BareJid[] s_people = [.. "abcdef".Select(Person)];

    // MUL-022, MUL-041: who asks, what the other is, what he is to become, may all invite; the answer.
    [Theory]
    [InlineData(Owner, None, Member, false, MucLightOutcome.Done)]
    [InlineData(Owner, None, Owner, false, MucLightOutcome.Done)]
    [InlineData(Owner, None, None, false, MucLightOutcome.Invalid)]
    [InlineData(Owner, Member, None, false, MucLightOutcome.Done)]
    [InlineData(Owner, Member, Owner, false, MucLightOutcome.Done)]
    [InlineData(Owner, Member, Member, false, MucLightOutcome.Invalid)]
    [InlineData(Member, None, Member, false, MucLightOutcome.NotAllowed)]
    [InlineData(Member, None, Member, true, MucLightOutcome.Done)]
    [InlineData(Member, None, Owner, true, MucLightOutcome.NotAllowed)]
    [InlineData(Member, None, None, true, MucLightOutcome.NotAllowed)]
    [InlineData(Member, Member, None, true, MucLightOutcome.NotAllowed)]
    [InlineData(Member, Member, Owner, true, MucLightOutcome.NotAllowed)]
    [InlineData(Member, Member, Member, true, MucLightOutcome.Invalid)]
    [InlineData(Member, Owner, Member, true, MucLightOutcome.NotAllowed)] // since 6.8
    [InlineData(Member, Owner, None, true, MucLightOutcome.NotAllowed)]
    public void Who_may_make_somebody_else_what(MucLightAffiliation actor, MucLightAffiliation other, MucLightAffiliation wanted, bool allCanInvite, MucLightOutcome expected)
    {
        var before = List(('a', actor), ('b', other), ('c', actor is Owner || other is Owner ? None : Owner));

        var refusal = AffiliationRules.Check(before, Person('a'), [new(Person('b'), wanted)], s_policy with { AllCanInvite = allCanInvite });

        Assert.Equal(expected, refusal?.Outcome ?? MucLightOutcome.Done);
    }

    [Theory] // MUL-022, MUL-041
    [InlineData(Owner, None, MucLightOutcome.Done)]
    [InlineData(Owner, Member, MucLightOutcome.Done)]
    [InlineData(Owner, Owner, MucLightOutcome.Invalid)]
    [InlineData(Member, None, MucLightOutcome.Done)]
    [InlineData(Member, Member, MucLightOutcome.NotAllowed)]
    [InlineData(Member, Owner, MucLightOutcome.NotAllowed)]
    public void What_somebody_may_make_of_himself(MucLightAffiliation actor, MucLightAffiliation wanted, MucLightOutcome expected) =>
        Assert.Equal(expected, AffiliationRules.Check(List(('a', actor), ('b', actor is Owner ? Member : Owner)), Person('a'), [new(Person('a'), wanted)], s_policy)?.Outcome ?? MucLightOutcome.Done);

    // MUL-022 to MUL-024, as text: before, request, effective changes or the refusal. a is the owner (capital letter) unless it says otherwise; options in front.
    [Theory]
    [InlineData("", "A", "b+", "b+")]
    [InlineData("", "Abc", "b-", "b-")]
    [InlineData("", "Ab", "b!", "a+ b!")] // MUL-023: the old owner gives way
    [InlineData("", "A", "b!", "a+ b!")] // also to a newcomer
    [InlineData("", "Ab", "a- b!", "a- b!")]
    [InlineData("", "Ab", "a+ b!", "a+ b!")]
    [InlineData("", "Abc", "b! c!", "Invalid")] // one owner
    [InlineData("", "Abc", "b! c-", "a+ b! c-")]
    [InlineData("", "Acb", "a-", "a- b!")] // MUL-024: the first of those who stay
    [InlineData("", "Abc", "a- b-", "a- b- c!")]
    [InlineData("", "Abc", "a+", "a+ b!")]
    [InlineData("", "A", "a- c+ b+", "a- b! c+")] // nobody stays: the first who joins
    [InlineData("", "Ac", "a- b+", "a- b+ c!")] // who stays goes before who joins
    [InlineData("", "A", "a+", "")] // nobody else: the owner stays one
    [InlineData("", "A", "a+ b+", "a+ b!")]
    [InlineData("", "A", "a-", "a-")] // MUL-028: the room is empty
    [InlineData("stay", "Ab", "a-", "Invalid")] // 6.8, promote_on_last_owner_leave = false
    [InlineData("stay", "Ab", "a+", "Invalid")]
    [InlineData("stay", "Ab", "a- b!", "a- b!")]
    [InlineData("stay", "A", "a-", "a-")]
    [InlineData("many", "Abc", "b! c!", "b! c!")] // allow_multiple_owners
    [InlineData("many", "ABc", "a-", "a-")]
    [InlineData("many", "ABc", "a- b-", "a- b- c!")]
    [InlineData("", "ABc", "c!", "a+ b+ c!")] // there were several once
    [InlineData("", "abc", "b!", "Invalid")] // a room without owners (equal_occupants)
    [InlineData("many", "abc", "b!", "Invalid")]
    [InlineData("", "abc", "a-", "a-")]
    [InlineData("stay", "abc", "a- b-", "a- b-")]
    [InlineData("max3", "Abc", "d+", "OccupantLimit")] // MUL-026
    [InlineData("max3", "Abc", "d+ b-", "b- d+")]
    [InlineData("max3", "Abcde", "b-", "b-")] // more than there may be since the option changed: going is always possible
    public void What_comes_of_a_request(string options, string before, string request, string expected)
    {
        var policy = s_policy with
        {
            AllowMultipleOwners = options == "many",
            PromoteOnLastOwnerLeave = options != "stay",
            MaxOccupants = options == "max3" ? 3 : null,
        };

        var change = AffiliationRules.Apply(List([.. before.Select(c => (char.ToLowerInvariant(c), char.IsUpper(c) ? Owner : Member))]), Read(request), policy);

        Assert.Equal(expected, change.Refusal?.Outcome.ToString() ?? Show(change.Changes));
    }

    [Theory] // MUL-030: options, others, occupants or the refusal. The creator is a.
    [InlineData("", "", "A")]
    [InlineData("", "b+ c+", "Abc")]
    [InlineData("", "b! c+", "aBc")]
    [InlineData("", "b! c!", "Invalid")]
    [InlineData("", "b-", "Invalid")]
    [InlineData("", "a+", "Invalid")]
    [InlineData("", "b+ b+", "Invalid")]
    [InlineData("many", "b! c!", "ABC")]
    [InlineData("equal", "b+", "ab")]
    [InlineData("equal", "b!", "Invalid")]
    [InlineData("max3", "b+ c+", "Abc")]
    [InlineData("max3", "b+ c+ d+", "OccupantLimit")]
    public void Who_is_in_a_new_room(string options, string others, string expected)
    {
        var policy = s_policy with { AllowMultipleOwners = options == "many", EqualOccupants = options == "equal", MaxOccupants = options == "max3" ? 3 : null };

        var refusal = AffiliationRules.CheckCreation(Person('a'), Read(others), policy);

        Assert.Equal(
            expected,
            refusal?.Outcome.ToString() ?? string.Concat(AffiliationRules.Create(Person('a'), Read(others), policy).Select(o => o.Affiliation is Owner ? char.ToUpperInvariant(o.Jid.Local![0]) : o.Jid.Local![0])));
    }

    [Fact] // MUL-060, MUL-061
    public void A_room_may_say_otherwise_than_the_options()
    {
        var policy = s_policy with { AllCanInvite = true };
        var room = policy.For(MucLightRoom.NoConfiguration.Add("all_can_invite", "false").Add("all_can_configure", "true"));

        Assert.Equal((false, true), (room.AllCanInvite, room.AllCanConfigure));
        Assert.Equal((true, false), (policy.For(MucLightRoom.NoConfiguration.Add("all_can_invite", "1").Add("all_can_configure", "")).AllCanInvite, policy.AllCanConfigure));
    }

    // 10 000 sequences of requests against a dictionary. The seed of a failure is printed by CsCheck.
    [Fact]
    public void Any_sequence_of_requests_leaves_what_a_plain_model_says()
    {
        var person = Gen.Int[0, s_people.Length - 1];
        var change = Gen.Select(person, Gen.Int[0, 2], (who, what) => new MucLightOccupant(s_people[who], (MucLightAffiliation)what));
        var request = Gen.Select(person, change.Array[1, 3]);
        var policy = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[2, 6], (invite, many, promote, max) =>
            s_policy with { AllCanInvite = invite, AllowMultipleOwners = many, PromoteOnLastOwnerLeave = promote, MaxOccupants = max });

        Gen.Select(policy, request.Array[1, 20]).Sample(
            (allowed, requests) =>
            {
                var room = AffiliationRules.Create(s_people[0], [], allowed);
                var model = new SortedDictionary<string, MucLightAffiliation>(StringComparer.Ordinal) { [s_people[0].ToString()] = Owner };
                foreach (var (who, wanted) in requests)
                {
                    var actor = s_people[who];
                    if (room.Find(actor) is None)
                    {
                        continue;
                    }

                    var refusal = AffiliationRules.Check(room, actor, wanted, allowed);
                    var outcome = refusal is null ? AffiliationRules.Apply(room, wanted, allowed) : AffiliationChange.Refused(refusal);
                    var predicted = Predict(model, actor.ToString(), wanted, allowed);
                    Assert.Equal(predicted is null, outcome.Refusal is not null);
                    if (predicted is null)
                    {
                        continue;
                    }

                    // What is told is exactly what differs.
                    Assert.Equal(
                        [.. s_people.Where(jid => room.Find(jid) != predicted.GetValueOrDefault(jid.ToString())).Select(jid => new MucLightOccupant(jid, predicted.GetValueOrDefault(jid.ToString())))],
                        outcome.Changes.OrderBy(changed => changed.Jid.ToString(), StringComparer.Ordinal));
                    room = outcome.After;
                    model = predicted;
                    Assert.Equal(model.Select(entry => (entry.Key, entry.Value)), room.Select(occupant => (occupant.Jid.ToString(), occupant.Affiliation)));
                    Assert.True(room.Count == 0 || room.Owners.Any());
                    Assert.True(allowed.AllowMultipleOwners || room.Owners.Count() <= 1);
                }
            },
            iter: 10_000);
    }

    // The rules once more, told from the end: null when the request is refused.
    private static SortedDictionary<string, MucLightAffiliation>? Predict(SortedDictionary<string, MucLightAffiliation> before, string actor, IReadOnlyList<MucLightOccupant> wanted, RoomPolicy policy)
    {
        var after = new SortedDictionary<string, MucLightAffiliation>(before, StringComparer.Ordinal);
        var named = new HashSet<string>();
        foreach (var change in wanted)
        {
            var jid = change.Jid.ToString();
            var current = before.GetValueOrDefault(jid);
            var may = before[actor] is Owner
                || (change.Affiliation is None && jid == actor)
                || (change.Affiliation is Member && current is None && policy.AllCanInvite);
            if (!named.Add(jid) || !may || current == change.Affiliation)
            {
                return null;
            }

            after[jid] = change.Affiliation;
        }

        var crowned = wanted.Where(change => change.Affiliation is Owner).Select(change => change.Jid.ToString()).ToArray();
        if (!policy.AllowMultipleOwners && crowned.Length > 0)
        {
            if (crowned.Length > 1)
            {
                return null;
            }

            foreach (var old in before.Where(entry => entry.Value is Owner && !named.Contains(entry.Key)))
            {
                after[old.Key] = Member;
            }
        }

        foreach (var gone in after.Where(entry => entry.Value is None).ToArray())
        {
            after.Remove(gone.Key);
        }

        if (after.Count > 0 && !after.ContainsValue(Owner))
        {
            if (!policy.PromoteOnLastOwnerLeave)
            {
                return null;
            }

            after[after.Keys.OrderBy(jid => before.GetValueOrDefault(jid) switch { Member => 0, None => 1, _ => 2 }).ThenBy(jid => jid, StringComparer.Ordinal).First()] = Owner;
        }

        return after.Count > policy.MaxOccupants && after.Count > before.Count ? null : after;
    }

    private static BareJid Person(char letter) => BareJid.Parse($"{letter}@example.test");

    private static OccupantList List(params IEnumerable<(char Who, MucLightAffiliation What)> occupants) =>
        OccupantList.Of(occupants.Select(occupant => new MucLightOccupant(Person(occupant.Who), occupant.What)));

    private static List<MucLightOccupant> Read(string request) =>
        [.. request.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => new MucLightOccupant(Person(word[0]), word[1] switch { '!' => Owner, '+' => Member, _ => None }))];

    private static string Show(IEnumerable<MucLightOccupant> changes) =>
        string.Join(' ', changes.OrderBy(change => change.Jid.ToString(), StringComparer.Ordinal).Select(change => change.Jid.Local + change.Affiliation switch { Owner => "!", Member => "+", _ => "-" }));
}
