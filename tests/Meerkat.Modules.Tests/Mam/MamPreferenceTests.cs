using Meerkat.Modules.Mam;
using Meerkat.Modules.Roster;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>What owners want archived (XEP-0441).</summary>
public sealed class MamPreferenceTests
{
    private static readonly MamOptions s_options = new() { Pm = new MamPmOptions(), UserPrefsStore = PreferenceBackend.Rdbms };

    [Theory] // MAM-020, MAM-021, MAM-024
    [InlineData(Ns.Mam)]
    [InlineData(Ns.MamOld)]
    public async Task Preferences_are_set_and_read(string ns)
    {
        await using var server = await MamFixture.StartAsync(s_options);
        await using var alice = await server.ConnectAsync("alice");
        await ExpectAsync($"<iq type='get'><prefs xmlns='{ns}'/></iq>", $"<prefs xmlns='{ns}' default='always'><always/><never/></prefs>");
        await ExpectAsync(
            $"<iq type='set'><prefs xmlns='{ns}' default='never'><never><jid>A@b.test/C</jid><jid>@</jid></never><always><jid>x.test</jid><jid>X.test</jid></always></prefs></iq>",
            $"<prefs xmlns='{ns}' default='never'><always><jid>x.test</jid></always><never><jid>a@b.test/C</jid></never></prefs>");
        await ExpectAsync($"<iq type='get'><prefs xmlns='{ns}'/></iq>", $"<prefs xmlns='{ns}' default='never'><always><jid>x.test</jid></always><never><jid>a@b.test/C</jid></never></prefs>");
        await ExpectAsync($"<iq type='set'><prefs xmlns='{ns}' default='roster'/></iq>", $"<prefs xmlns='{ns}' default='roster'><always/><never/></prefs>");
        foreach (var bad in (string[])["", " default='sometimes'"])
        {
            Assert.Contains("bad-request", (await alice.AskAsync($"<iq type='set'><prefs xmlns='{ns}'{bad}/></iq>")).ToString(), StringComparison.Ordinal);
        }

        async Task ExpectAsync(string iq, string prefs)
        {
            var answer = await alice.AskAsync(iq);
            Assert.True(Xml.XmlElement.ValueEquals(answer.FirstChild!.Value, Xml.XmlElement.Parse(prefs)), answer.ToString());
        }
    }

    [Fact] // MAM-020, MAM-046
    public async Task Without_a_store_there_are_none()
    {
        await using var server = await MamFixture.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        foreach (var type in (string[])["get", "set"])
        {
            Assert.Contains("feature-not-implemented", (await alice.AskAsync($"<iq type='{type}'><prefs xmlns='urn:xmpp:mam:2' default='always'/></iq>")).ToString(), StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, string, string, bool> Decisions => new()
    {
        { "always", "", "", true },
        { "never", "", "", false },
        { "never", "bob@example.test", "", true },
        { "never", "bob@example.test/x", "", true },
        { "never", "bob@example.test/y", "", false },
        { "always", "", "bob@example.test", false },
        { "always", "", "bob@example.test/y", true },
        { "always", "bob@example.test/x", "bob@example.test", true },
        { "always", "bob@example.test", "bob@example.test/x", false },
        { "always", "bob@example.test", "bob@example.test", false },
        { "roster", "", "", false },
        { "roster", "bob@example.test", "", true },
    };

    [Theory] // MAM-022
    [MemberData(nameof(Decisions))]
    public async Task Full_JIDs_go_before_bare_ones_and_those_before_the_default(string standard, string always, string never, bool isArchived)
    {
        await using var server = await MamFixture.StartAsync(s_options);
        await using var alice = await server.ConnectAsync("alice");
        await alice.AskAsync($"<iq type='set'><prefs xmlns='urn:xmpp:mam:2' default='{standard}'><always>{Jid(always)}</always><never>{Jid(never)}</never></prefs></iq>");
        await alice.SendAsync("<message to='bob@example.test/x'><body>b</body></message>");
        Assert.Equal(isArchived, (await alice.QueryAsync()).Results.Count == 1);
        await using var bob = await server.ConnectAsync("bob", "x");
        await bob.SendAsync("<message to='alice@example.test'><body>b</body></message>");
        await bob.ExpectNothingAsync();
        Assert.Equal(isArchived, (await alice.QueryAsync()).Results.Count == 2);

        static string Jid(string jid) => jid.Length == 0 ? "" : $"<jid>{jid}</jid>";
    }

    [Fact] // MAM-022: who may see the account's presence
    public async Task The_roster_decides_where_that_is_wanted()
    {
        await using var server = await MamFixture.StartAsync(s_options, with => with.Module<FixedContactsModule>(new FixedContacts()
            .Add("alice@example.test", "from@example.test", SubscriptionState.From)
            .Add("alice@example.test", "to@example.test", SubscriptionState.To)
            .Add("alice@example.test", "both@example.test", SubscriptionState.Both)));
        await using var alice = await server.ConnectAsync("alice");
        await alice.AskAsync("<iq type='set'><prefs xmlns='urn:xmpp:mam:2' default='roster'/></iq>");
        foreach (var contact in (string[])["from", "to", "both", "none"])
        {
            await alice.SendAsync($"<message to='{contact}@example.test'><body>{contact}</body></message>");
        }

        Assert.Equal(["from", "both"], (await alice.QueryAsync()).Bodies);
    }
}
