using Meerkat.Xmpp.Sasl;
using Xunit;
using static Meerkat.Xmpp.Tests.Sasl.SaslFixture;

namespace Meerkat.Xmpp.Tests.Sasl;

/// <summary>Whole exchanges with known messages. SHA-1 is RFC 5802 §5, SHA-256 is RFC 7677 §3.</summary>
/// <remarks>
/// No RFC has vectors for SHA-224, -384, -512 and for -PLUS. Those were computed with Python 3.11: <c>sp = hashlib.pbkdf2_hmac(h, b'pencil', salt, 4096)</c>,
/// <c>ck = hmac.digest(sp, b'Client Key', h)</c>, <c>sk = hashlib.new(h, ck).digest()</c>, <c>proof = ck XOR hmac.digest(sk, auth, h)</c>,
/// <c>v = hmac.digest(hmac.digest(sp, b'Server Key', h), auth, h)</c>, where <c>auth</c> is the three messages joined with commas.
/// </remarks>
public sealed class ScramVectorTests
{
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    [Theory]
    [InlineData(ScramHash.Sha1, "fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j", "QSXCR+Q6sek8bf92",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")]
    [InlineData(ScramHash.Sha256, Nonce, ServerNonce, "W22ZaJ0SNY7soEsUEjb6gQ==",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    [InlineData(ScramHash.Sha224, Nonce, ServerNonce, "EBESExQVFhcYGRobHB0eHw==",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=6f5ESnqfT2LHV9Z39PB76QpYFQEF31ybFsCfbg==", "v=sQZiombYrZYUB98XPG5odBw6FJZviHuB9Eq53A==")]
    [InlineData(ScramHash.Sha384, Nonce, ServerNonce, "MDEyMzQ1Njc4OTo7PD0+Pw==",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=p/Y3+TJJ2QF9v4cjvmu45TCGicDuxzAisFiUothmz7Gwm52pu/7iwHcnG54rwA2Y",
        "v=f3WehecyXtFT/pEdtyOhc1m6JNygld6fimNN6s4WYiUeBDnICdpkvq3f/054/2WX")]
    [InlineData(ScramHash.Sha512, Nonce, ServerNonce, "QEFCQ0RFRkdISUpLTE1OTw==",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=8mr7o3KT77KPql+M/xlwh5YgLhOfduJ+7gv+ae2FzTV1lFVwB60EtlhICUvDahIucFS0Lh+XdtuXYL9XHxGGMg==",
        "v=K9UrXCtZ7vPd04hCcnBv5dPGG0AjBmX3KZkD+bePW1HMsSJjGDkuWH+4jg26qSYK+EXmlwqKRdrp/Le+NQtfxA==")]
    public async Task An_exchange_matches_the_vector(ScramHash hash, string clientNonce, string serverNonce, string salt, string final, string verifier) =>
        await RunAsync(SaslMechanisms.Scram(hash), "n,,", hash, clientNonce, serverNonce, salt, final, verifier);

    [Theory]
    [InlineData(ScramHash.Sha224, "EBESExQVFhcYGRobHB0eHw==", "/9KE0AdEf40Cv6Veeb54Sg/CYKvj0575E96b1w==", "v=HWOou3dJwetlaqZCqrdK6uFKZJ6HlV4Zac+MjQ==")]
    [InlineData(ScramHash.Sha384, "MDEyMzQ1Njc4OTo7PD0+Pw==", "LJpJBkO+zOTmQ/yc1jVR1bN1gJg5N1iy8VuvuodvqCV4bZA/BgK7SgGzcXcJW1vT",
        "v=ikzq7EbKjEpdvov049wDGvbHw4VcI8BHg90L2ZRV6B3pXQ1+SCPw+5L8Z2vWh98n")]
    [InlineData(ScramHash.Sha512, "QEFCQ0RFRkdISUpLTE1OTw==", "t7avoub4/OONtGMn0eKr98eisDoe9uZ5XrGRE5lxufAlk+WNo1GgyqwQJxZmcv6rGbCIsgyN2QnRswOZz1Pbvw==",
        "v=QtgoK+/PKJ72sxdgGhL9Qv4thmXhustZdsmVfKKO53dboS9Wyv2ddid+eHUG0ejDEfcud1nwIw3lPOk6klGpMg==")]
    public async Task An_exchange_with_channel_binding_matches_the_vector(ScramHash hash, string salt, string proof, string verifier) =>
        await RunAsync(
            SaslMechanisms.Scram(hash, plus: true),
            "p=tls-exporter,,",
            hash,
            Nonce,
            ServerNonce,
            salt,
            $"c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,r={Nonce}{ServerNonce},p={proof}",
            verifier);

    private static async Task RunAsync(string mechanism, string gs2, ScramHash hash, string clientNonce, string serverNonce, string salt, string final, string verifier)
    {
        var keys = ScramKeys.Derive(hash, "pencil", Convert.FromBase64String(salt), 4096);
        var accounts = new Accounts().With("user", new ScramCredentials(4096, [keys]));
        var binding = new FixedBinding((ChannelBindingType.Exporter, [.. Enumerable.Range(0, 32).Select(static i => (byte)i)]));
        var exchange = Start(mechanism, Context(accounts, binding) with { CreateNonce = () => serverNonce });

        var challenge = await exchange.SayAsync($"{gs2}n=user,r={clientNonce}");
        Assert.Equal($"r={clientNonce}{serverNonce},s={salt},i=4096", challenge.DataText());

        var success = await exchange.SayAsync(final);
        Assert.Equal(SaslStepKind.Success, success.Kind);
        Assert.Equal(verifier, success.DataText());
        Assert.Equal("user", success.Username);
    }
}
