using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Xmpp.Tests.Sasl;

/// <summary>AUTH-032..043 and the vectors AUTH-174..179.</summary>
public sealed class ScramCredentialsTests
{
    private const string Sha1 = "===SHA1===AAECAwQFBgcICQoLDA0ODw==|hLVpPo2GrQzGBZUtZ2d6JeLKcDQ=|Q2/7AMXtc1v+EDwUV0OS9fgNMoc=";
    private const string Sha224 = "==SHA224==EBESExQVFhcYGRobHB0eHw==|d2HCZDbNQI6CMWYHjzqQ/wLdFV9ZfYfObqc6tg==|bFA6VdeRfzMZ71yRIl8Q7XCR3+hFpemwleThtQ==";
    private const string Sha256 = "==SHA256==ICEiIyQlJicoKSorLC0uLw==|g1F3j5nSCF2tXhUxKud4M27qubnXiRylRLDAJum5u3k=|xcIplNpFUQ1zL2Z36DvkjHiI4UdBsd3cOJU2JS5HX1k=";
    private const string Sha384 = "==SHA384==MDEyMzQ1Njc4OTo7PD0+Pw==|3EmQO0uZq1KYdRqapHrxTxNFzyLvRC4B56VJ/2cW+Bd7VahKgGd7ekrYZ8egtHq1|kqWaoy+8bj1XrHxqgGDUrpF6C9TlmjlnipsSEPmbNqus5q886rd/UNKclasJNxYY";
    private const string Sha512 = "==SHA512==QEFCQ0RFRkdISUpLTE1OTw==|tXbw5TtbCluObc9QpSBGyOjCHfLZI9TI1WYyX4RQLzOqj2bMI1yhrR7/I4HbvkKP25l6rqeUhLmbrwfVJFXqRQ=="
        + "|hX4f045vDXIEXDY6XOGhvhXQu5cGkd6Tc2dnLcZVqMXu9SjywgwNIlhQ9tbTamPCzXFGxziByJHADnAOkWy+BA==";

    public static TheoryData<ScramHash, string> Vectors { get; } = new()
    {
        { ScramHash.Sha1, Sha1 },
        { ScramHash.Sha224, Sha224 },
        { ScramHash.Sha256, Sha256 },
        { ScramHash.Sha384, Sha384 },
        { ScramHash.Sha512, Sha512 },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Keys_of_the_known_password_are_the_known_ones(ScramHash hash, string segment)
    {
        var salt = Convert.FromBase64String(segment[10..segment.IndexOf('|', StringComparison.Ordinal)]);
        var keys = ScramKeys.Derive(hash, "Open-Sesame-42", salt, 4096);

        Assert.Equal($"==MULTI_SCRAM==,4096,{segment}", new ScramCredentials(4096, [keys]).Serialise());
        Assert.True(keys.Verify("Open-Sesame-42"));
        Assert.False(keys.Verify("open-sesame-42"));
    }

    [Fact]
    public void The_text_of_all_hashes_is_read_and_written_unchanged()
    {
        var text = $"==MULTI_SCRAM==,4096,{Sha1},{Sha224},{Sha256},{Sha384},{Sha512}";

        Assert.True(ScramCredentials.TryParse(text, out var credentials));
        Assert.Equal(text, credentials.Serialise());
        Assert.Equal(4096, credentials.Iterations);
        Assert.Equal(ScramCredentials.AllHashes, credentials.Keys.Select(static k => k.Hash));
        Assert.True(credentials.VerifyPassword("Open-Sesame-42"));
        Assert.False(credentials.VerifyPassword("Open-Sesame-43"));
    }

    // AUTH-035: SHA-384 would take it, but SHA-224 is asked, whatever stands first in the text.
    [Fact]
    public void A_password_is_checked_against_the_first_hash_present()
    {
        var other = ScramKeys.Derive(ScramHash.Sha224, "another", new byte[16], 4096);
        var known = ScramKeys.Derive(ScramHash.Sha384, "Open-Sesame-42", new byte[16], 4096);
        var credentials = new ScramCredentials(4096, [known, other]);

        Assert.True(credentials.VerifyPassword("another"));
        Assert.False(credentials.VerifyPassword("Open-Sesame-42"));
        Assert.Null(credentials.For(ScramHash.Sha1));
        Assert.Same(known, credentials.For(ScramHash.Sha384));
    }

    // AUTH-040
    [Fact]
    public void The_legacy_form_is_read_and_written_as_the_new_one()
    {
        Assert.True(ScramCredentials.TryParse("==SCRAM==,hLVpPo2GrQzGBZUtZ2d6JeLKcDQ=,Q2/7AMXtc1v+EDwUV0OS9fgNMoc=,AAECAwQFBgcICQoLDA0ODw==,4096", out var credentials));
        Assert.Equal($"==MULTI_SCRAM==,4096,{Sha1}", credentials.Serialise());
    }

    // AUTH-041
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Open-Sesame-42")]
    [InlineData("==MULTI_SCRAM==")]
    [InlineData("==MULTI_SCRAM==,4096")]
    [InlineData("==MULTI_SCRAM==,0," + Sha1)]
    [InlineData("==MULTI_SCRAM==,-1," + Sha1)]
    [InlineData("==MULTI_SCRAM==,many," + Sha1)]
    [InlineData("==MULTI_SCRAM==,4096," + Sha1 + "," + Sha1)]
    [InlineData("==MULTI_SCRAM==,4096," + Sha1 + ",")]
    [InlineData("==MULTI_SCRAM==,4096,===MD5====AAECAwQFBgcICQoLDA0ODw==|hLVpPo2GrQzGBZUtZ2d6JeLKcDQ=|Q2/7AMXtc1v+EDwUV0OS9fgNMoc=")]
    [InlineData("==MULTI_SCRAM==,4096,==SHA256==AAECAwQFBgcICQoLDA0ODw==|hLVpPo2GrQzGBZUtZ2d6JeLKcDQ=|Q2/7AMXtc1v+EDwUV0OS9fgNMoc=")] // keys of SHA-1's length
    [InlineData("==MULTI_SCRAM==,4096,===SHA1===|hLVpPo2GrQzGBZUtZ2d6JeLKcDQ=|Q2/7AMXtc1v+EDwUV0OS9fgNMoc=")] // no salt
    [InlineData("==MULTI_SCRAM==,4096,===SHA1===AAECAw==|hLVpPo2GrQzGBZUtZ2d6JeLKcDQ=")]
    [InlineData("==MULTI_SCRAM==,4096,===SHA1===*|hLVpPo2GrQzGBZUtZ2d6JeLKcDQ=|Q2/7AMXtc1v+EDwUV0OS9fgNMoc=")]
    [InlineData("==SCRAM==,hLVpPo2GrQzGBZUtZ2d6JeLKcDQ=,Q2/7AMXtc1v+EDwUV0OS9fgNMoc=,AAECAwQFBgcICQoLDA0ODw==")]
    [InlineData("==SCRAM==,AAAA,Q2/7AMXtc1v+EDwUV0OS9fgNMoc=,AAECAwQFBgcICQoLDA0ODw==,4096")]
    public void Text_that_is_neither_form_is_no_password(string? text) => Assert.False(ScramCredentials.TryParse(text, out _));

    [Fact]
    public void A_new_password_gets_a_salt_of_its_own_for_every_hash()
    {
        // AUTH-032, AUTH-034
        var credentials = ScramCredentials.Create("secret", ScramCredentials.AllHashes, 3);

        Assert.All(credentials.Keys, static k => Assert.Equal((ScramKeys.SaltSize, 3), (k.Salt.Length, k.Iterations)));
        Assert.Equal(5, credentials.Keys.Select(static k => Convert.ToHexString(k.Salt.Span)).Distinct().Count());
        Assert.All(credentials.Keys, static k => Assert.True(k.Verify("secret")));
        Assert.True(ScramCredentials.TryParse(credentials.Serialise(), out var read));
        Assert.Equal(credentials.Serialise(), read.Serialise());
        Assert.Equal(10_000, ScramCredentials.DefaultIterations);
    }

    // AUTH-033: resourceprep folds compatibility forms and refuses control characters.
    [Fact]
    public void Passwords_are_normalised_with_resourceprep()
    {
        var credentials = ScramCredentials.Create("\u2168-pa\u00ADss", [ScramHash.Sha256], 1);

        Assert.True(credentials.VerifyPassword("IX-pass"));
        Assert.False(credentials.VerifyPassword("ix-pass"));
        Assert.False(credentials.VerifyPassword("IX-pass\u0007"));
        Assert.False(ScramCredentials.TryCreate("bell\u0007", [ScramHash.Sha256], 1, out _));
        Assert.Throws<ArgumentException>(static () => ScramCredentials.Create("bell\u0007", [ScramHash.Sha256], 1));
    }

    // AUTH-060: the password of anonymous users who log in by SCRAM.
    [Fact]
    public void The_empty_password_has_keys_too() => Assert.True(ScramKeys.Derive(ScramHash.Sha1, "", new byte[16], 1).Verify(""));

    [Fact]
    public void Keys_that_do_not_belong_together_are_refused()
    {
        var one = ScramKeys.Derive(ScramHash.Sha1, "secret", new byte[16], 1);

        Assert.Throws<ArgumentException>(() => new ScramCredentials(1, []));
        Assert.Throws<ArgumentException>(() => new ScramCredentials(1, [one, one]));
        Assert.Throws<ArgumentException>(() => new ScramCredentials(2, [one]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => ScramKeys.Derive(ScramHash.Sha1, "secret", new byte[16], 0));
        Assert.Throws<ArgumentException>(static () => ScramKeys.Derive(ScramHash.Sha1, "secret", [], 1));
    }
}
