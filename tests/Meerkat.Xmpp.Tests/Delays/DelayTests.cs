using Meerkat.Xml;
using Meerkat.Xmpp.Delays;
using Xunit;

namespace Meerkat.Xmpp.Tests.Delays;

/// <summary>XEP-0203 §2.</summary>
public sealed class DelayTests
{
    [Fact]
    public void A_delay_is_written_in_UTC_and_read_back()
    {
        var delay = new Delay(new DateTimeOffset(2002, 9, 11, 1, 8, 25, TimeSpan.FromHours(2)), Jid.Parse("capulet.com"), "Offline Storage");
        var expected = XmlElement.Parse("<delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'>Offline Storage</delay>");
        Assert.True(XmlElement.ValueEquals(expected, delay.ToXml()), delay.ToXml().ToString());
        Assert.True(Delay.TryRead(delay.ToXml(), out var read));
        Assert.Equal(delay, read);
    }

    [Fact]
    public void Only_the_stamp_must_be_there()
    {
        Assert.True(Delay.TryRead(XmlElement.Parse("<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>"), out var delay));
        Assert.Null(delay.From);
        Assert.Null(delay.Reason);
        Assert.False(Delay.TryRead(XmlElement.Parse("<delay xmlns='urn:xmpp:delay' from='capulet.com'/>"), out _));
        Assert.False(Delay.TryRead(XmlElement.Parse("<delay xmlns='urn:xmpp:delay' stamp='20020910T23:08:25'/>"), out _));
        Assert.False(Delay.TryRead(XmlElement.Parse("<x xmlns='jabber:x:delay' stamp='2002-09-10T23:08:25Z'/>"), out _));
    }

    [Fact]
    public void The_first_valid_delay_of_a_stanza_is_found()
    {
        var stanza = XmlElement.Parse(
            "<message xmlns='jabber:client'><body>x</body><delay xmlns='urn:xmpp:delay' stamp='?'/>" +
            "<delay xmlns='urn:xmpp:delay' from='@' stamp='2002-09-10T23:08:25Z'/></message>");
        Assert.Equal(new Delay(new DateTimeOffset(2002, 9, 10, 23, 8, 25, TimeSpan.Zero)), Delay.Find(stanza));
        Assert.Null(Delay.Find(XmlElement.Parse("<message xmlns='jabber:client'/>")));
    }
}
