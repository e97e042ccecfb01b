using Meerkat.Modules.Caps;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Caps;

/// <summary>The examples of XEP-0115 §5.2 and §5.3 and of XEP-0390 §4.5, and what both call ill-formed.</summary>
public sealed class CapsHashTests
{
    private const string Exodus = """
        <query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' name='Exodus 0.9.1' type='pc'/>
        <feature var='http://jabber.org/protocol/muc'/><feature var='http://jabber.org/protocol/caps'/>
        <feature var='http://jabber.org/protocol/disco#info'/><feature var='http://jabber.org/protocol/disco#items'/></query>
        """;

    private const string Psi = """
        <query xmlns='http://jabber.org/protocol/disco#info'>
        <identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/><identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>
        <feature var='http://jabber.org/protocol/caps'/><feature var='http://jabber.org/protocol/disco#info'/>
        <feature var='http://jabber.org/protocol/disco#items'/><feature var='http://jabber.org/protocol/muc'/>
        <x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>
        <field var='ip_version' type='text-multi'><value>ipv6</value><value>ipv4</value></field><field var='os'><value>Mac</value></field>
        <field var='os_version'><value>10.5.1</value></field><field var='software'><value>Psi</value></field>
        <field var='software_version'><value>0.11</value></field></x></query>
        """;

    private const string Simple = """
        <query xmlns="http://jabber.org/protocol/disco#info">
          <identity category="client" name="BombusMod" type="mobile"/>
          <feature var="http://jabber.org/protocol/si"/>
          <feature var="http://jabber.org/protocol/bytestreams"/>
          <feature var="http://jabber.org/protocol/chatstates"/>
          <feature var="http://jabber.org/protocol/disco#info"/>
          <feature var="http://jabber.org/protocol/disco#items"/>
          <feature var="urn:xmpp:ping"/>
          <feature var="jabber:iq:time"/>
          <feature var="jabber:iq:privacy"/>
          <feature var="jabber:iq:version"/>
          <feature var="http://jabber.org/protocol/rosterx"/>
          <feature var="urn:xmpp:time"/>
          <feature var="jabber:x:oob"/>
          <feature var="http://jabber.org/protocol/ibb"/>
          <feature var="http://jabber.org/protocol/si/profile/file-transfer"/>
          <feature var="urn:xmpp:receipts"/>
          <feature var="jabber:iq:roster"/>
          <feature var="jabber:iq:last"/>
        </query>
        """;

    private const string Complex = """
        <query xmlns="http://jabber.org/protocol/disco#info">
          <identity category="client" name="Tkabber" type="pc" xml:lang="en"/>
          <identity category="client" name="Ткаббер" type="pc" xml:lang="ru"/>
          <feature var="games:board"/>
          <feature var="http://jabber.org/protocol/activity"/>
          <feature var="http://jabber.org/protocol/activity+notify"/>
          <feature var="http://jabber.org/protocol/bytestreams"/>
          <feature var="http://jabber.org/protocol/chatstates"/>
          <feature var="http://jabber.org/protocol/commands"/>
          <feature var="http://jabber.org/protocol/disco#info"/>
          <feature var="http://jabber.org/protocol/disco#items"/>
          <feature var="http://jabber.org/protocol/evil"/>
          <feature var="http://jabber.org/protocol/feature-neg"/>
          <feature var="http://jabber.org/protocol/geoloc"/>
          <feature var="http://jabber.org/protocol/geoloc+notify"/>
          <feature var="http://jabber.org/protocol/ibb"/>
          <feature var="http://jabber.org/protocol/iqibb"/>
          <feature var="http://jabber.org/protocol/mood"/>
          <feature var="http://jabber.org/protocol/mood+notify"/>
          <feature var="http://jabber.org/protocol/rosterx"/>
          <feature var="http://jabber.org/protocol/si"/>
          <feature var="http://jabber.org/protocol/si/profile/file-transfer"/>
          <feature var="http://jabber.org/protocol/tune"/>
          <feature var="http://www.facebook.com/xmpp/messages"/>
          <feature var="http://www.xmpp.org/extensions/xep-0084.html#ns-metadata+notify"/>
          <feature var="jabber:iq:avatar"/>
          <feature var="jabber:iq:browse"/>
          <feature var="jabber:iq:dtcp"/>
          <feature var="jabber:iq:filexfer"/>
          <feature var="jabber:iq:ibb"/>
          <feature var="jabber:iq:inband"/>
          <feature var="jabber:iq:jidlink"/>
          <feature var="jabber:iq:last"/>
          <feature var="jabber:iq:oob"/>
          <feature var="jabber:iq:privacy"/>
          <feature var="jabber:iq:roster"/>
          <feature var="jabber:iq:time"/>
          <feature var="jabber:iq:version"/>
          <feature var="jabber:x:data"/>
          <feature var="jabber:x:event"/>
          <feature var="jabber:x:oob"/>
          <feature var="urn:xmpp:avatar:metadata+notify"/>
          <feature var="urn:xmpp:ping"/>
          <feature var="urn:xmpp:receipts"/>
          <feature var="urn:xmpp:time"/>
          <x xmlns="jabber:x:data" type="result">
            <field type="hidden" var="FORM_TYPE">
              <value>urn:xmpp:dataforms:softwareinfo</value>
            </field>
            <field var="software">
              <value>Tkabber</value>
            </field>
            <field var="software_version">
              <value>0.11.1-svn-20111216-mod (Tcl/Tk 8.6b2)</value>
            </field>
            <field var="os">
              <value>Windows</value>
            </field>
            <field var="os_version">
              <value>XP</value>
            </field>
          </x>
        </query>
        """;

    [Theory] // CAP-001, CAP-002
    [InlineData("V1", "sha-1", "QgayPKawpkPSDYmwT/WM94uAlu0=", Exodus)]
    [InlineData("V1", "sha-1", "q07IKJEyjvHSyhy//CH0CxmKi8w=", Psi)]
    [InlineData("V2", "sha-256", "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=", Simple)]
    [InlineData("V2", "sha-256", "u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=", Complex)]
    [InlineData("V2", "sha3-256", "XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=", Complex)]
    public void The_examples_of_the_specifications_verify(string version, string algorithm, string value, string query)
    {
        Assert.SkipUnless(algorithm != "sha3-256" || System.Security.Cryptography.SHA3_256.IsSupported, "no SHA-3 on this machine");
        var info = Read(query);
        var hash = new CapsHash(Enum.Parse<CapsVersion>(version), algorithm, value, "n");

        Assert.True(hash.Verifies(info, null));
        Assert.False((hash with { Value = value[1..] + "A" }).Verifies(info, null));
        Assert.Equal(value, CapsHash.Of(info, hash.Version, algorithm, "uri").Value);
    }

    [Theory] // XEP-0115 §5.4 steps 3.3 to 3.5, and the character that joins the parts
    [InlineData("<identity category='client' type='pc' name='a'/><identity category='client' type='pc' name='a'/>")]
    [InlineData("<feature var='a'/><feature var='a'/>")]
    [InlineData("<feature var='a&lt;b'/>")]
    [InlineData("<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>a</value></field></x><x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>a</value></field></x>")]
    [InlineData("<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>a</value><value>b</value></field></x>")]
    public void What_is_ill_formed_has_no_verification_string(string content) => Assert.Null(VerificationString.Make(Read($"<query xmlns='{Ns.DiscoInfo}'>{content}</query>")));

    [Fact] // XEP-0115 §5.4 step 3.6
    public void A_form_that_does_not_say_what_it_is_counts_for_nothing() => Assert.Equal(
        VerificationString.Make(Read($"<query xmlns='{Ns.DiscoInfo}'><feature var='a'/></query>")),
        VerificationString.Make(Read($"<query xmlns='{Ns.DiscoInfo}'><feature var='a'/><x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='text-single'><value>t</value></field></x></query>")));

    [Theory] // XEP-0390 §4.1
    [InlineData("<x xmlns='jabber:x:data' type='result'><field var='a'><value>b</value></field></x>")]
    [InlineData("<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>t</value></field><reported><field var='a' type='text-single'/></reported></x>")]
    public void A_form_that_is_not_one_of_service_discovery_cannot_be_hashed(string form) =>
        Assert.Null(HashInput.Make(Read($"<query xmlns='{Ns.DiscoInfo}'>{form}</query>"), null));

    [Fact] // XEP-0390 §4.1: anything else in the answer ends it
    public void An_answer_with_other_elements_is_none() => Assert.Null(DiscoInfo.Read(XmlElement.Parse($"<query xmlns='{Ns.DiscoInfo}'><feature var='a'/><b xmlns='other'/></query>")));

    [Fact] // XEP-0390 §4.1
    public void An_identity_without_a_language_has_that_of_the_answer() => Assert.Equal(
        HashInput.Make(Read($"<query xmlns='{Ns.DiscoInfo}'><identity category='c' type='t' xml:lang='en'/></query>"), null),
        HashInput.Make(Read($"<query xmlns='{Ns.DiscoInfo}'><identity category='c' type='t'/></query>"), "en"));

    [Fact] // RFC 4790 §9.3: octets, not UTF-16 units
    public void Strings_are_sorted_by_octets() => Assert.Equal(["a", "\uE000", "\U00010000"], new[] { "\U00010000", "\uE000", "a" }.Order(Octets.Order));

    [Fact] // The cache is bounded, and what is asked for stays
    public void Only_so_many_hashes_are_known_and_the_used_ones_stay()
    {
        var known = new VerifiedFeatures();
        var used = new CapsHash(CapsVersion.V1, "sha-1", "used", "n");
        known.Add(used, ["f"]);
        for (var i = 0; i < 3 * VerifiedFeatures.Capacity; i++)
        {
            known.Add(new CapsHash(CapsVersion.V1, "sha-1", $"{i}", "n"), ["x"]);
            Assert.NotNull(known.Find(used));
        }

        Assert.InRange(known.Count, 1, VerifiedFeatures.Capacity + 1);
        Assert.Null(known.Find(new CapsHash(CapsVersion.V1, "sha-1", "0", "n")));
    }

    private static DiscoInfo Read(string query) => DiscoInfo.Read(XmlElement.Parse(query)) ?? throw new InvalidOperationException("not read");
}
