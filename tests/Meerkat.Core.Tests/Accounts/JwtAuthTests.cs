using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Meerkat.Core.Accounts;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Core.Tests.Accounts;

/// <summary>Tokens instead of passwords (AUTH-116 to AUTH-121; a forged JWT).</summary>
public sealed class JwtAuthTests
{
    private const string Secret = "a secret of some length, shared with the issuer";

    private static readonly BareJid s_alice = BareJid.Parse("alice@example.test");
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RSA s_rsa = RSA.Create(2048);
    private static readonly ECDsa s_curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private readonly FakeTimeProvider _time = new(s_now);

    private static long Now => s_now.ToUnixTimeSeconds();

    [Theory]
    [InlineData(JwtAlgorithm.HS256, "HS256")]
    [InlineData(JwtAlgorithm.HS384, "HS384")]
    [InlineData(JwtAlgorithm.HS386, "HS384")] // AUTH-117
    [InlineData(JwtAlgorithm.HS512, "HS512")]
    [InlineData(JwtAlgorithm.RS256, "RS256")]
    [InlineData(JwtAlgorithm.RS386, "RS384")]
    [InlineData(JwtAlgorithm.RS512, "RS512")]
    [InlineData(JwtAlgorithm.ES256, "ES256")]
    public async Task A_token_of_the_algorithm_lets_its_user_in_and_nobody_else(JwtAlgorithm algorithm, string name)
    {
        var method = Method(algorithm);
        var token = Sign(name, new { user = "alice", exp = Now + 1 });
        Assert.True(await CheckAsync(method, s_alice, token));
        Assert.False(await CheckAsync(method, BareJid.Parse("bob@example.test"), token));
        var at = token.LastIndexOf('.') + 5;
        Assert.False(await CheckAsync(method, s_alice, string.Concat(token.AsSpan(0, at), token[at] == 'A' ? "B" : "A", token.AsSpan(at + 1))));
        Assert.False(await CheckAsync(method, s_alice, $"{token[..token.LastIndexOf('.')]}."));
    }

    // AUTH-119, RFC 8725 §3.1
    [Fact]
    public async Task What_a_token_says_of_its_algorithm_decides_nothing()
    {
        var claims = new { user = "alice" };
        Assert.False(await CheckAsync(Method(JwtAlgorithm.HS256), s_alice, Sign("none", claims)));
        Assert.False(await CheckAsync(Method(JwtAlgorithm.HS256), s_alice, Sign("HS512", claims)));
        Assert.False(await CheckAsync(Method(JwtAlgorithm.HS256), s_alice, Sign("RS256", claims)));

        // The public key, which everybody has, is no shared secret.
        Assert.False(await CheckAsync(Method(JwtAlgorithm.RS256), s_alice, Sign("HS256", claims, s_rsa.ExportSubjectPublicKeyInfoPem())));
        Assert.False(await CheckAsync(Method(JwtAlgorithm.HS256), s_alice, Sign("HS256", claims, "another secret")));
        Assert.False(await CheckAsync(Method(JwtAlgorithm.HS256), s_alice, Sign("HS256", claims, crit: true)));
    }

    // AUTH-119, AUTH-120
    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"user":1}""", false)]
    [InlineData("""{"user":"ALICE"}""", false)]
    [InlineData("""{"user":"alice"}""", true)]
    [InlineData("""{"user":"alice","exp":1893456000}""", false)] // this very moment
    [InlineData("""{"user":"alice","exp":1893456000.5}""", true)]
    [InlineData("""{"user":"alice","exp":"later"}""", false)]
    [InlineData("""{"user":"alice","nbf":1893456001}""", false)]
    [InlineData("""{"user":"alice","nbf":1893456000,"iat":1893456000,"exp":1893456060}""", true)]
    [InlineData("""{"user":"alice","iat":1893456001}""", false)]
    [InlineData("""["user","alice"]""", false)]
    public async Task Claims_have_to_hold(string claims, bool isRight) =>
        Assert.Equal(isRight, await CheckAsync(Method(JwtAlgorithm.HS256), s_alice, Sign("HS256", JsonDocument.Parse(claims).RootElement)));

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("!.e30.e30")]
    [InlineData("eyJhbGciOiJcdWQ4MDAifQ.e30.e30")] // {"alg":"\\ud800"}, which is no text
    [InlineData("eyJcdWQ4MDAiOjF9.e30.e30")] // {"\\ud800":1}
    public async Task What_is_no_token_lets_nobody_in(string token)
    {
        Assert.False(await CheckAsync(Method(JwtAlgorithm.HS256), s_alice, token));
        Assert.False(await CheckAsync(Method(JwtAlgorithm.HS256), s_alice, new string('.', 1_000_000)));
    }

    // AUTH-116
    [Fact]
    public async Task The_key_stands_in_the_configuration_a_file_or_the_environment()
    {
        var token = Sign("HS256", new { user = "alice" });
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, Secret + "\n", TestContext.Current.CancellationToken);
        Assert.True(await CheckAsync(Method(JwtAlgorithm.HS256, new JwtSecretOptions { File = path }), s_alice, token));
        File.Delete(path);
        Assert.Throws<FileNotFoundException>(() => Method(JwtAlgorithm.HS256, new JwtSecretOptions { File = path }));
        Assert.Throws<ArgumentException>(() => Method(JwtAlgorithm.RS256, new JwtSecretOptions { Value = "no PEM" }));

        const string Variable = "MEERKAT_TEST_JWT";
        var late = Method(JwtAlgorithm.HS256, new JwtSecretOptions { Env = Variable });
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await CheckAsync(late, s_alice, token));
        Environment.SetEnvironmentVariable(Variable, Secret);
        Assert.True(await CheckAsync(late, s_alice, token));
        Environment.SetEnvironmentVariable(Variable, null);
    }

    // AUTH-121, CORE-155
    [Fact]
    public async Task Everybody_exists_and_nobody_is_made()
    {
        var chain = new ChainFixture(new AuthOptions(), Method(JwtAlgorithm.HS256)).Chain;
        Assert.Equal(Existence.Yes, await chain.ExistsAsync(s_alice, CancellationToken.None));
        Assert.True(await chain.StartLogin("example.test").CheckPasswordAsync("alice", Sign("HS256", new { user = "alice" }), CancellationToken.None));
        Assert.Equal(AccountResult.NotAllowed, await chain.Accounts.SetPasswordAsync(s_alice, "p", CancellationToken.None));
        Assert.Empty(await chain.ListAsync("example.test", new AccountListing(), CancellationToken.None));
    }

    private static async Task<bool> CheckAsync(JwtAuthMethod method, BareJid account, string token) => await method.CheckPasswordAsync(account, token, CancellationToken.None);

    private JwtAuthMethod Method(JwtAlgorithm algorithm, JwtSecretOptions? secret = null)
    {
        var key = algorithm.ToString()[..2] switch
        {
            "RS" => s_rsa.ExportSubjectPublicKeyInfoPem(),
            "ES" => s_curve.ExportSubjectPublicKeyInfoPem(),
            _ => Secret,
        };
        return new JwtAuthMethod(new JwtAuthOptions { Algorithm = algorithm, Secret = secret ?? new JwtSecretOptions { Value = key }, UsernameKey = "user" }, _time, NullLogger.Instance);
    }

    private static string Sign(string algorithm, object claims, string? secret = null, bool crit = false)
    {
        object header = crit ? new { alg = algorithm, crit = new[] { "x" } } : new { alg = algorithm, typ = "JWT" };
        var signed = $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header))}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var key = Encoding.UTF8.GetBytes(secret ?? Secret);
        var hash = algorithm switch
        {
            [.., '2', '5', '6'] => HashAlgorithmName.SHA256,
            [.., '3', '8', '4'] => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        var signature = algorithm[..2] switch
        {
            "HS" => algorithm == "HS256" ? HMACSHA256.HashData(key, bytes) : algorithm == "HS384" ? HMACSHA384.HashData(key, bytes) : HMACSHA512.HashData(key, bytes),
            "RS" => s_rsa.SignData(bytes, hash, RSASignaturePadding.Pkcs1),
            "ES" => s_curve.SignData(bytes, hash),
            _ => [],
        };
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}
