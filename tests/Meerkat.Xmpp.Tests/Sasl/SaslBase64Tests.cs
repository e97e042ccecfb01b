using CsCheck;
using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Xmpp.Tests.Sasl;

/// <summary>CORE-072.</summary>
public sealed class SaslBase64Tests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("=", "")]
    [InlineData("YWxpY2U=", "alice")]
    [InlineData("YWxpY2U", "alice")] // no padding
    [InlineData(" YWx\r\n\tpY2U= \n", "alice")]
    [InlineData("YW-xp*Y2U=", "alice")]
    [InlineData("YWxpY2U=YQ==", "alice")] // padding is the end
    [InlineData("YWxpYw==", "alic")]
    [InlineData("Y", "")]
    public void Payloads_are_decoded_leniently(string text, string expected) => Assert.Equal(System.Text.Encoding.ASCII.GetBytes(expected), SaslBase64.Decode(text));

    [Fact]
    public void What_is_encoded_is_decoded() => Gen.Byte.Array.Sample(static bytes => SaslBase64.Decode(SaslBase64.Encode(bytes)).SequenceEqual(bytes), iter: 500, threads: 1);

    [Fact]
    public void Nothing_fails_to_decode() => Gen.String.Sample(static text => SaslBase64.Decode(text).Length <= text.Length, iter: 500, threads: 1);

    [Fact]
    public void Every_condition_has_its_element_name()
    {
        // RFC 6120 §6.5
        string[] names =
        [
            "aborted", "account-disabled", "credentials-expired", "encryption-required", "incorrect-encoding", "invalid-authzid",
            "invalid-mechanism", "malformed-request", "mechanism-too-weak", "not-authorized", "temporary-auth-failure",
        ];
        Assert.Equal(names, Enum.GetValues<SaslFailure>().Select(static f => f.ElementName()));
    }
}
