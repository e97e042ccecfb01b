using Meerkat.Modules.Caps;
using Meerkat.Modules.Disco;
using Meerkat.Modules.Presences;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Caps;

public sealed class CapsTests
{
    private const string Info = "http://jabber.org/protocol/disco#info";
    private const string Exodus = "QgayPKawpkPSDYmwT/WM94uAlu0=";
    private const string ExodusCaps = $"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='exodus' ver='{Exodus}'/>";

    // Its XEP-0115 hash is Exodus (XEP-0115 §5.2).
    private const string ExodusInfo = """
        <identity category='client' name='Exodus 0.9.1' type='pc'/><feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>
        <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>
        """;

    private static readonly string[] s_exodusFeatures =
        ["http://jabber.org/protocol/caps", "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items", "http://jabber.org/protocol/muc"];

    [Fact] // CAP-001, XEP-0115 §6.3, XEP-0390 §6
    public async Task The_server_announces_its_hashes_and_answers_for_them_as_for_itself()
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = server.Open();
        var features = await alice.OpenStreamAsync();
        var first = features.Child("c", "http://jabber.org/protocol/caps")!.Value;
        var second = features.Child("c", "urn:xmpp:caps")!.Value.Child("hash", "urn:xmpp:hashes:2")!.Value;
        Assert.Equal(("sha-1", "sha-256"), (first.Attribute("hash"), second.Attribute("algo")));
        await alice.DropAsync();

        await using var bob = await server.ConnectAsync("bob");
        var own = (await bob.AskAsync($"<iq type='get' to='{server.Domain}'><query xmlns='{Info}'/></iq>")).Child("query", Info)!.Value;
        var info = Read(own);
        foreach (var (node, hash) in new[]
        {
            ($"{first.Attribute("node")}#{first.Attribute("ver")}", new CapsHash(CapsVersion.V1, "sha-1", first.Attribute("ver")!, "")),
            ($"urn:xmpp:caps#sha-256.{second.Text}", new CapsHash(CapsVersion.V2, "sha-256", second.Text, "")),
        })
        {
            var answer = (await bob.AskAsync($"<iq type='get' to='{server.Domain}'><query xmlns='{Info}' node='{node}'/></iq>")).Child("query", Info)!.Value;
            Assert.Equal(node, answer.Attribute("node"));
            Assert.Equal(info.Features, Read(answer).Features);
            Assert.True(hash.Verifies(Read(answer), null));
        }

        var other = await bob.AskAsync($"<iq type='get' to='{server.Domain}'><query xmlns='{Info}' node='{first.Attribute("node")}#other'/></iq>");
        Assert.NotNull(other.Child("error")?.Child("item-not-found", "urn:ietf:params:xml:ns:xmpp-stanzas"));
    }

    [Fact] // CAP-001
    public async Task Only_the_configured_protocols_are_announced()
    {
        await using var server = await StartAsync(new CapsOptions { Versions = [CapsVersion.V2] });
        await using var alice = server.Open();

        var features = await alice.OpenStreamAsync();

        Assert.Null(features.Child("c", "http://jabber.org/protocol/caps"));
        Assert.NotNull(features.Child("c", "urn:xmpp:caps"));
        Assert.DoesNotContain("http://jabber.org/protocol/caps", server.Host.Features);
    }

    [Fact] // CAP-002, CAP-003
    public async Task A_client_is_asked_for_a_hash_that_nobody_proved_before_and_only_then()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<presence>{ExodusCaps}</presence>");
        await AnswerAsync(alice, $"exodus#{Exodus}", ExodusInfo);
        Assert.Equal(s_exodusFeatures, await LearnedAsync(server, alice));

        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync($"<presence>{ExodusCaps}</presence>");
        await bob.ExpectNothingAsync();
        Assert.Equal(s_exodusFeatures, await LearnedAsync(server, bob));
    }

    [Theory] // CAP-002: a lie, an error, an answer that is none
    [InlineData("<iq type='result' id='{0}' to='example.test'><query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:lies'/></query></iq>")]
    [InlineData("<iq type='error' id='{0}' to='example.test'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")]
    [InlineData("<iq type='result' id='{0}' to='example.test'/>")]
    public async Task What_is_not_proved_does_not_count_and_the_next_client_is_asked(string answer)
    {
        await using var server = await StartAsync();
        await using var mallory = await server.ConnectAsync("mallory");
        await mallory.SendAsync($"<presence>{ExodusCaps}</presence>");
        var question = await QuestionAsync(mallory);
        await mallory.SendAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, answer, question.Attribute("id")));
        await mallory.ExpectNothingAsync();
        Assert.Null(await FeaturesAsync(server, mallory));

        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<presence>{ExodusCaps}</presence>");
        await AnswerAsync(alice, $"exodus#{Exodus}", ExodusInfo);
        Assert.Equal(s_exodusFeatures, await LearnedAsync(server, alice));
    }

    [Fact] // CAP-002: the next protocol is tried
    public async Task A_client_that_does_not_prove_one_hash_is_asked_for_the_next()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"""
            <presence>{ExodusCaps}<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='unheard-of'>AA==</hash>
            <hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{Second()}</hash></c></presence>
            """);
        await AnswerAsync(alice, $"exodus#{Exodus}", "<feature var='urn:xmpp:lies'/>");
        await AnswerAsync(alice, $"urn:xmpp:caps#sha-256.{Second()}", ExodusInfo);

        Assert.Equal(s_exodusFeatures, await LearnedAsync(server, alice));
    }

    [Fact] // CAP-002, iq_response_timeout
    public async Task A_client_that_does_not_answer_in_time_is_asked_for_the_next()
    {
        await using var server = await StartAsync(new CapsOptions { IqResponseTimeout = TimeSpan.FromSeconds(7) });
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<presence>{ExodusCaps}<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{Second()}</hash></c></presence>");
        await QuestionAsync(alice);
        await alice.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(8));
        await AnswerAsync(alice, $"urn:xmpp:caps#sha-256.{Second()}", ExodusInfo);

        Assert.Equal(s_exodusFeatures, await LearnedAsync(server, alice));
    }

    [Theory] // CAP-002: legacy format, unsupported function, SHA-1 in XEP-0390 (XEP-0414)
    [InlineData("<c xmlns='http://jabber.org/protocol/caps' node='exodus' ver='0.9'/>")]
    [InlineData("<c xmlns='http://jabber.org/protocol/caps' hash='crc' node='exodus' ver='0.9'/>")]
    [InlineData("<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>AA==</hash></c>")]
    [InlineData("<x xmlns='http://jabber.org/protocol/muc#user'/>" + ExodusCaps)]
    public async Task What_cannot_be_checked_is_not_asked_for(string payload)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await alice.BecomeAvailableAsync($"<presence>{payload}</presence>");
        await alice.ExpectNothingAsync();
    }

    [Fact] // CAP-003: what is sent to one is not broadcast
    public async Task Directed_presence_announces_nothing()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<presence to='bob@example.test'>{ExodusCaps}</presence>");
        await alice.ExpectNothingAsync();
    }

    [Theory] // CAP-003
    [InlineData("<presence type='unavailable'/>")]
    [InlineData("<presence/>")]
    public async Task Features_are_forgotten_with_the_presence_that_announced_them(string presence)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<presence>{ExodusCaps}</presence>");
        await AnswerAsync(alice, $"exodus#{Exodus}", ExodusInfo);
        Assert.NotNull(await LearnedAsync(server, alice));

        await alice.SendAsync(presence);
        await alice.AskAsync($"<iq type='get' to='{server.Domain}'><query xmlns='{Info}'/></iq>");

        Assert.Null(await FeaturesAsync(server, alice));
    }

    [Fact] // A session may move: its record survives its codec
    public void The_record_of_a_session_has_a_codec()
    {
        var state = new CapsState([new CapsHash(CapsVersion.V2, "sha-256", "v&<", "n'")], ["a", "b<"]);
        var again = CapsState.Decode(state.Encode());
        Assert.Equal(state.Hashes, again.Hashes);
        Assert.Equal(state.Features, again.Features);
        Assert.Null(CapsState.Decode((state with { Features = null }).Encode()).Features);
    }

    private static string Second() =>
        CapsHash.Of(Read(XmlElement.Parse($"<query xmlns='{Info}'>{ExodusInfo}</query>")), CapsVersion.V2, "sha-256", "").Value;

    private static Task<TestServer> StartAsync(CapsOptions? options = null) =>
        TestServer.StartAsync(with => with.Module<PresenceModule>().Module<CapsModule>(options));

    private static Task<XmlElement> QuestionAsync(TestClient client) => client.ReceiveAsync(element => element.Name == "iq" && element.Attribute("type") == "get");

    private static async Task AnswerAsync(TestClient client, string node, string content)
    {
        var question = await QuestionAsync(client);
        Assert.Equal((client.Jid, "example.test"), (question.Attribute("to"), question.Attribute("from")));
        Assert.Equal(node, question.Child("query", Info)!.Value.Attribute("node"));
        await client.SendAsync($"<iq type='result' id='{question.Attribute("id")}' to='example.test'><query xmlns='{Info}' node='{node}'>{content}</query></iq>");
    }

    // The answer is weighed beside the stream: what is expected comes soon, and only a test that fails waits long.
    private static async Task<IReadOnlyList<string>?> LearnedAsync(TestServer server, TestClient client)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        IReadOnlyList<string>? features;
        while ((features = await FeaturesAsync(server, client)) is null && patience.Elapsed < TimeSpan.FromSeconds(15))
        {
            await Task.Yield();
        }

        return features;
    }

    private static async Task<IReadOnlyList<string>?> FeaturesAsync(TestServer server, TestClient client)
    {
        var session = await server.Context.Sessions.FindAsync(FullJid.Parse(client.Jid), CancellationToken.None) ?? throw new InvalidOperationException("not bound");
        return ((ICapabilities)server.Host.Modules["mod_caps"]).FeaturesOf(session);
    }

    private static DiscoInfo Read(XmlElement query) => DiscoInfo.Read(query) ?? throw new InvalidOperationException($"{query}");
}
