using Meerkat.Xmpp.Sasl;
using Xunit;
using static Meerkat.Xmpp.Tests.Sasl.SaslFixture;

namespace Meerkat.Xmpp.Tests.Sasl;

/// <summary>CORE-060..068, AUTH-031.</summary>
public sealed class SaslOfferTests
{
    private static readonly FixedBinding Tls = new((ChannelBindingType.Exporter, [1]), (ChannelBindingType.ServerEndPoint, [2]));

    // CORE-064
    [Fact]
    public void The_default_order_is_strongest_first_with_binding_before_without() =>
        Assert.Equal(
            "SCRAM-SHA-512-PLUS SCRAM-SHA-512 SCRAM-SHA-384-PLUS SCRAM-SHA-384 SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-224-PLUS SCRAM-SHA-224 SCRAM-SHA-1-PLUS SCRAM-SHA-1 PLAIN ANONYMOUS",
            Offered(SaslMechanisms.DefaultOrder, Everything, Tls, true));

    [Fact]
    public void Without_tls_no_mechanism_with_binding_is_offered_and_no_binding_is_named()
    {
        var offer = SaslOffer.For(SaslMechanisms.DefaultOrder, Everything, null, false);

        Assert.Equal("SCRAM-SHA-512 SCRAM-SHA-384 SCRAM-SHA-256 SCRAM-SHA-224 SCRAM-SHA-1 PLAIN ANONYMOUS", string.Join(' ', offer.Mechanisms));
        Assert.Empty(offer.ChannelBindings);
    }

    [Fact]
    public void A_channel_that_gives_no_binding_is_as_none() =>
        Assert.Equal("PLAIN", Offered(["SCRAM-SHA-1-PLUS", "PLAIN"], Everything, new FixedBinding(), false));

    // CORE-060, XEP-0440
    [Fact]
    public void Bindings_are_named_exactly_when_a_mechanism_uses_them()
    {
        Assert.Equal(["tls-exporter", "tls-server-end-point"], SaslOffer.For(["SCRAM-SHA-1-PLUS", "PLAIN"], Everything, Tls, false).ChannelBindings);
        Assert.Empty(SaslOffer.For(["SCRAM-SHA-1", "PLAIN"], Everything, Tls, false).ChannelBindings);
        Assert.Empty(SaslOffer.For(["SCRAM-SHA-1-PLUS"], Everything with { ScramHashes = [ScramHash.Sha256] }, Tls, false).ChannelBindings);
    }

    [Fact]
    public void A_configured_list_gives_set_and_order() =>
        Assert.Equal("PLAIN SCRAM-SHA-1 SCRAM-SHA-256-PLUS", Offered(["PLAIN", "X-OAUTH", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "PLAIN", "SCRAM-MD5"], Everything, Tls, true));

    // CORE-065, AUTH-031
    [Theory]
    [InlineData("scram", "SCRAM-SHA-256-PLUS SCRAM-SHA-256")]
    [InlineData("plain", "PLAIN")]
    [InlineData("anonymous", "ANONYMOUS")]
    [InlineData("external", "EXTERNAL")]
    [InlineData("", "")] // AUTH-002, CORE-062
    public void Only_what_some_method_can_do_is_offered(string can, string expected)
    {
        var support = new SaslSupport
        {
            ScramHashes = can is "scram" ? [ScramHash.Sha256] : [],
            Plain = can is "plain",
            Anonymous = can is "anonymous",
            External = can is "external",
        };

        Assert.Equal(expected, Offered([.. SaslMechanisms.DefaultOrder, "EXTERNAL"], support, Tls, true));
    }

    [Fact]
    public void External_needs_a_verified_certificate_and_to_be_configured()
    {
        Assert.Equal("EXTERNAL", Offered(["EXTERNAL"], Everything, null, true));
        Assert.Equal("", Offered(["EXTERNAL"], Everything, null, false));
        Assert.DoesNotContain("EXTERNAL", Offered(SaslMechanisms.DefaultOrder, Everything, Tls, true));
    }

    // CORE-068
    [Fact]
    public void What_is_not_offered_cannot_be_chosen()
    {
        var context = Context(new Accounts(), configured: ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"]);

        Assert.NotNull(SaslMechanisms.Create("SCRAM-SHA-1", context));
        Assert.All(["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "PLAIN", "scram-sha-1", "X-OAUTH", "", "SCRAM-SHA-"], name => Assert.Null(SaslMechanisms.Create(name, context)));
    }

    [Fact]
    public void Names_of_scram_mechanisms_are_read_back()
    {
        foreach (var hash in ScramCredentials.AllHashes)
        {
            Assert.True(SaslMechanisms.TryParseScram(SaslMechanisms.Scram(hash), out var read, out var plus));
            Assert.Equal((hash, false), (read, plus));
            Assert.True(SaslMechanisms.TryParseScram(SaslMechanisms.Scram(hash, plus: true), out read, out plus));
            Assert.Equal((hash, true), (read, plus));
        }

        Assert.False(SaslMechanisms.TryParseScram("SCRAM-SHA-1-PLUS-PLUS", out _, out _));
    }

    private static string Offered(IEnumerable<string> configured, SaslSupport support, IChannelBinding? binding, bool certificate) =>
        string.Join(' ', SaslOffer.For(configured, support, binding, certificate).Mechanisms);
}
