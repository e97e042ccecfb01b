using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Sessions;

/// <summary>The codec in which a session moves (XEP-0198 §5 across nodes): what goes in comes out.</summary>
public sealed class SessionSnapshotTests
{
    [Fact]
    public void A_snapshot_comes_back_whole()
    {
        var alice = FullJid.Parse("alice@example.test/phone");
        var bob = FullJid.Parse("bob@example.test/desk");
        var message = Message.Create(MessageType.Chat, bob, alice, "m", new XmlBuilder("body", Ns.Client).Text("a < b & 'c'").Build()).Append(new XmlBuilder("stanza-id", Ns.StanzaIds).Attribute("id", "7").Build());
        var iq = Iq.Create(IqType.Get, bob, alice, "i", new XmlBuilder("ping", Ns.Ping).Build());
        var presence = Presence.Create(PresenceType.Available, alice, null, new XmlBuilder("priority", Ns.Client).Text("-3").Build());
        var sent = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var before = new SessionSnapshot(
            alice, "previd", sent, -3, presence, uint.MaxValue, uint.MaxValue - 1, [new(message, sent), new(iq, sent.AddTicks(1)), new(presence, sent)],
            new Dictionary<string, XmlElement> { ["carbons"] = new XmlBuilder("enabled", Ns.Carbons).Build() });

        var after = SessionSnapshot.Decode(XmlElement.Parse(before.Encode().ToString()));

        Assert.Equal((before.Jid, before.ResumptionId, before.Opened, before.Priority, before.Handled, before.Acknowledged), (after.Jid, after.ResumptionId, after.Opened, after.Priority, after.Handled, after.Acknowledged));
        Assert.Equal(before.Presence!.ToString(), after.Presence!.ToString());
        Assert.Equal(before.Waiting.Select(waiting => (waiting.Sent, waiting.Stanza.ToString())), after.Waiting.Select(waiting => (waiting.Sent, waiting.Stanza.ToString())));
        Assert.Equal("<enabled xmlns='urn:xmpp:carbons:2'/>", Assert.Single(after.States).Value.ToString());
        Assert.Null(SessionSnapshot.Decode((before with { Priority = null, Presence = null }).Encode()).Priority);
    }
}
