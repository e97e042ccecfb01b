using Meerkat.Xml;
using Xunit;

namespace Meerkat.Xmpp.Tests.Errors;

/// <summary>CORE §27: what each stanza error looks like on the wire.</summary>
public sealed class StanzaErrorTests
{
    // Id, error, condition, type, legacy code.
    public static TheoryData<string, StanzaError, string, string, string> Rows => new()
    {
        { "CORE-314", StanzaError.BadRequest(), "bad-request", "modify", "400" },
        { "CORE-315", StanzaError.Conflict(), "conflict", "cancel", "409" },
        { "CORE-316", StanzaError.FeatureNotImplemented(), "feature-not-implemented", "cancel", "501" },
        { "CORE-317", StanzaError.Forbidden(), "forbidden", "auth", "403" },
        { "CORE-318", StanzaError.InternalServerError(), "internal-server-error", "wait", "500" },
        { "CORE-319", StanzaError.ItemNotFound(), "item-not-found", "cancel", "404" },
        { "CORE-320", StanzaError.JidMalformed(), "jid-malformed", "modify", "400" },
        { "CORE-321", StanzaError.NotAcceptable(), "not-acceptable", "modify", "406" },
        { "CORE-321, in privacy and blocking", StanzaError.NotAcceptableCancel(), "not-acceptable", "cancel", "406" },
        { "CORE-322", StanzaError.NotAllowed(), "not-allowed", "cancel", "405" },
        { "CORE-323", StanzaError.NotAuthorized(), "not-authorized", "auth", "401" },
        { "CORE-324", StanzaError.RecipientUnavailable(), "recipient-unavailable", "wait", "404" },
        { "CORE-325", StanzaError.RegistrationRequired(), "registration-required", "auth", "407" },
        { "CORE-325", StanzaError.SubscriptionRequired(), "subscription-required", "auth", "407" },
        { "CORE-326", StanzaError.RemoteServerNotFound(), "remote-server-not-found", "cancel", "404" },
        { "CORE-327", StanzaError.RemoteServerTimeout(), "remote-server-timeout", "wait", "504" },
        { "CORE-328", StanzaError.ResourceConstraint(), "resource-constraint", "wait", "500" },
        { "CORE-329", StanzaError.ServiceUnavailable(), "service-unavailable", "cancel", "503" },
        { "CORE-330", StanzaError.UnexpectedRequest(), "unexpected-request", "wait", "400" },
        { "CORE-330, the variant that cancels", StanzaError.UnexpectedRequestCancel(), "unexpected-request", "cancel", "401" },
        { "CORE-331", StanzaError.Gone(), "gone", "modify", "302" },
        { "CORE-331", StanzaError.Redirect(), "redirect", "modify", "302" },
    };

    [Theory]
    [MemberData(nameof(Rows), DisableDiscoveryEnumeration = true)]
    public void A_condition_has_its_type_and_its_legacy_code(string id, StanzaError error, string condition, string type, string code)
    {
        var element = error.ToElement();

        Assert.True(element.Is("error", Ns.Client), id);
        Assert.Equal((type, code), (element.Attribute("type"), element.Attribute("code")));
        Assert.True(Assert.Single(element.Children).Is(condition, Ns.StanzaErrors), id);
    }

    [Fact] // CORE-332, CORE-351, RFC 6120 §8.3
    public void An_answer_keeps_the_id_and_the_payload_swaps_the_addresses_and_tells_in_words()
    {
        var stanza = Read("<message xmlns='jabber:client' id='1' type='chat'><body>b</body><x xmlns='urn:x'/></message>");
        var answer = StanzaReplies.ErrorFor(stanza, StanzaError.Forbidden("Not you."))!;

        Assert.Equal(("bob@b.example", "alice@a.example/r"), (answer.From!.ToString(), answer.To!.ToString()));
        Assert.True(XmlElement.ValueEquals(
            XmlElement.Parse($"<message xmlns='jabber:client' id='1' type='error' from='bob@b.example' to='alice@a.example/r'><error code='403' type='auth'><forbidden xmlns='{Ns.StanzaErrors}'/><text xmlns='{Ns.StanzaErrors}' xml:lang='en'>Not you.</text></error><body>b</body><x xmlns='urn:x'/></message>", ""),
            answer.ToElement()), answer.ToString());
    }

    [Theory] // CORE-332, RFC 6120 §8.3.1
    [InlineData("<message xmlns='jabber:client' type='error'/>")]
    [InlineData("<presence xmlns='jabber:client' type='error'/>")]
    [InlineData("<iq xmlns='jabber:client' type='error'/>")]
    [InlineData("<iq xmlns='jabber:client' type='result'/>")]
    public void Neither_an_error_nor_a_result_is_answered_with_an_error(string stanza) => Assert.Null(StanzaReplies.ErrorFor(Read(stanza), StanzaError.BadRequest()));

    [Fact] // CORE-333
    public void What_a_block_denies_says_so()
    {
        var error = (StanzaError.NotAcceptableCancel() with { Application = new XmlBuilder("blocked", Ns.BlockingErrors).Build() }).ToElement();

        Assert.NotNull(error.Child("not-acceptable", Ns.StanzaErrors));
        Assert.NotNull(error.Child("blocked", Ns.BlockingErrors));
    }

    private static Stanza Read(string xml) => StanzaReader.Read(XmlElement.Parse(xml, ""), Jid.Parse("alice@a.example/r"), Jid.Parse("bob@b.example"))!;
}
