using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Xmpp.Sasl;
using Xunit;
using static Meerkat.Xmpp.Tests.Sasl.SaslFixture;

namespace Meerkat.Xmpp.Tests.Sasl;

/// <summary>RFC 4422 appendix A, XEP-0178; CORE-080, CORE-081, AUTH-089..101, AUTH-172.</summary>
public sealed class ExternalExchangeTests
{
    private const string XmppAddr = "1.3.6.1.5.5.7.8.5";
    private static readonly ExternalMapping CommonName = new(new CommonNameStrategy());

    // strategy, addresses in the certificate, CN, authzid -> user or condition
    [Theory]
    [InlineData("standard", "alice@example.org", "CN=x", "", "alice")] // AUTH-090
    [InlineData("standard", "Alice@EXAMPLE.org", "CN=x", "", "alice")]
    [InlineData("standard", "alice@example.org bob@example.org", "CN=x", "", "invalid-authzid")]
    [InlineData("standard", "", "CN=alice", "", "not-authorized")]
    [InlineData("standard", "alice@example.net", "CN=x", "", "not-authorized")] // AUTH-097
    [InlineData("standard", "example.org", "CN=x", "", "not-authorized")] // a server's
    [InlineData("standard", "alice@example.org", "CN=x", "alice@example.org", "alice")] // AUTH-091, as XEP-0178 has it
    [InlineData("standard", "alice@example.org", "CN=x", "bob@example.org", "invalid-authzid")]
    [InlineData("standard", "alice@example.org bob@example.org", "CN=x", "Bob@example.org", "bob")]
    [InlineData("standard", "alice@example.org bob@example.org", "CN=x", "carol@example.org", "not-authorized")]
    [InlineData("standard", "alice@example.org bob@example.net", "CN=x", "bob@example.net", "not-authorized")]
    [InlineData("standard", "", "CN=x", "alice@example.org", "not-authorized")]
    [InlineData("common_name", "", "CN=Alice", "", "alice")] // AUTH-092
    [InlineData("common_name", "", "O=none", "", "not-authorized")]
    [InlineData("common_name", "", "CN=Alice Liddell", "", "not-authorized")]
    [InlineData("common_name", "", "CN=alice", "alice@example.org", "alice")] // AUTH-093
    [InlineData("common_name", "", "CN=alice", "alice@example.net", "invalid-authzid")]
    [InlineData("common_name", "", "CN=alice", "bob@example.org", "invalid-authzid")]
    [InlineData("common_name", "", "O=none", "bob@example.org", "invalid-authzid")]
    [InlineData("prefixed", "", "CN=alice", "", "u-alice-x")] // AUTH-098
    [InlineData("prefixed", "", "CN=alice", "u-alice-x@example.org", "u-alice-x")]
    [InlineData("auth_id", "", "CN=x", "alice@example.org", "alice")] // AUTH-094
    [InlineData("auth_id", "", "CN=x", "alice@example.net", "invalid-authzid")]
    [InlineData("auth_id", "", "CN=x", "example.org", "invalid-authzid")]
    [InlineData("auth_id", "alice@example.org", "CN=alice", "", "not-authorized")] // AUTH-095
    [InlineData("standard common_name", "", "CN=alice", "", "alice")] // AUTH-089: the first that succeeds
    [InlineData("standard common_name", "bob@example.org", "CN=alice", "", "bob")]
    [InlineData("standard common_name", "", "CN=alice", "bob@example.org", "invalid-authzid")] // the error of the last
    [InlineData("common_name standard", "", "CN=alice", "bob@example.org", "not-authorized")]
    public async Task A_certificate_is_mapped_by_the_strategies_in_their_order(string strategies, string addresses, string subject, string authzId, string expected)
    {
        using var certificate = Certificate(subject, addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var accounts = new Accounts();
        var context = Context(accounts, certificate: certificate) with { External = new([.. strategies.Split(' ').Select(Strategy)]) };

        var step = await Start("EXTERNAL", context).SayAsync(authzId);

        Assert.Equal(expected, step.Username ?? step.Condition.ElementName());
        Assert.Equal(step.Username is null ? [] : [$"certificate {expected}"], accounts.Asked);
    }

    [Fact]
    public async Task Without_a_verified_certificate_nobody_is_let_in() =>
        IsFailure(SaslFailure.NotAuthorized, await Start("EXTERNAL", Context(new Accounts())).SayAsync("alice@example.org")); // CORE-081

    [Fact]
    public async Task The_methods_have_the_last_word()
    {
        // AUTH-100
        using var certificate = Certificate("CN=x", "alice@example.org");
        IsFailure(SaslFailure.NotAuthorized, await Start("EXTERNAL", Context(new Accounts { TakesCertificates = false }, certificate: certificate)).SayAsync(""));
    }

    [Fact]
    public async Task An_identity_that_is_no_text_is_malformed()
    {
        using var certificate = Certificate("CN=alice");
        var context = Context(new Accounts(), certificate: certificate) with { External = CommonName };

        IsFailure(SaslFailure.MalformedRequest, await Start("EXTERNAL", context).NextAsync(new byte[] { 0xFF }, default));
        IsFailure(SaslFailure.MalformedRequest, await Start("EXTERNAL", context).SayAsync("a\0b"));
    }

    // AUTH-099: other names of other kinds, and the first CN of several
    [Fact]
    public void Names_are_found_among_other_names()
    {
        using var certificate = Create("CN=first, CN=second", San(static names =>
        {
            names.WriteCharacterString(UniversalTagNumber.IA5String, "example.org", new Asn1Tag(TagClass.ContextSpecific, 2));
            Other(names, "1.3.6.1.4.1.311.20.2.3", "upn@example.org");
            Other(names, XmppAddr, "al\u00efce@example.org");
            Other(names, XmppAddr, "bob@example.org");
        }));

        var names = CertificateNames.Of(certificate);

        Assert.Equal(["al\u00efce@example.org", "bob@example.org"], names.XmppAddresses);
        // X500DistinguishedName writes its text form last to first: what stands first in the encoding counts.
        Assert.Equal(certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false).First().GetSingleElementValue(), names.CommonName);
    }

    [Fact]
    public void An_extension_that_is_no_list_of_names_counts_as_none()
    {
        foreach (var nonsense in new byte[][] { [], [0x30], [0x04, 0x00], [0x30, 0x02, 0xA0, 0x00], [0x30, 0x04, 0xA0, 0x02, 0x06, 0x05] })
        {
            using var certificate = Create("CN=x", new X509Extension("2.5.29.17", nonsense, critical: false));
            Assert.Empty(CertificateNames.Of(certificate).XmppAddresses);
        }
    }

    private static IExternalStrategy Strategy(string name) => name switch
    {
        "standard" => new StandardStrategy(),
        "common_name" => new CommonNameStrategy(),
        "prefixed" => new CommonNameStrategy("u-", "-x"),
        _ => new AuthIdStrategy(),
    };

    private static X509Certificate2 Certificate(string subject, params string[] addresses) => Create(subject, addresses is []
        ? null
        : San(names =>
        {
            foreach (var address in addresses)
            {
                Other(names, XmppAddr, address);
            }
        }));

    private static X509Certificate2 Create(string subject, X509Extension? extension)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
    }

    private static X509Extension San(Action<AsnWriter> write)
    {
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            write(names);
        }

        return new X509Extension("2.5.29.17", names.Encode(), critical: false);
    }

    private static void Other(AsnWriter names, string type, string value)
    {
        var zero = new Asn1Tag(TagClass.ContextSpecific, 0);
        using (names.PushSequence(zero))
        {
            names.WriteObjectIdentifier(type);
            using (names.PushSequence(zero))
            {
                names.WriteCharacterString(UniversalTagNumber.UTF8String, value);
            }
        }
    }
}
