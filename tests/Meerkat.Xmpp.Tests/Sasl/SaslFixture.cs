using System.Security.Cryptography.X509Certificates;
using System.Text;
using Meerkat.Xmpp.Sasl;
using Xunit;

namespace Meerkat.Xmpp.Tests.Sasl;

/// <summary>Accounts in memory. Counts what is asked, so that a test sees which path was taken.</summary>
internal sealed class Accounts : ISaslCredentials
{
    private readonly Dictionary<string, ScramCredentials> _stored = [];

    public List<string> Asked { get; } = [];

    public bool LetsAnonymousIn { get; init; } = true;

    public bool TakesCertificates { get; init; } = true;

    public Accounts With(string username, ScramCredentials credentials)
    {
        _stored[username] = credentials;
        return this;
    }

    public Accounts With(string username, string password, params ScramHash[] hashes) =>
        With(username, ScramCredentials.Create(password, hashes is [] ? ScramCredentials.AllHashes : hashes, 2));

    public ValueTask<ScramKeys?> FindScramAsync(string username, ScramHash hash, CancellationToken ct)
    {
        Asked.Add($"scram {username}");
        return new(_stored.GetValueOrDefault(username)?.For(hash));
    }

    public ValueTask<bool> CheckPasswordAsync(string username, string password, CancellationToken ct)
    {
        Asked.Add($"password {username}");
        return new(_stored.GetValueOrDefault(username)?.VerifyPassword(password) ?? false);
    }

    public ValueTask<bool> AuthoriseCertificateAsync(string username, X509Certificate2 certificate, CancellationToken ct)
    {
        Asked.Add($"certificate {username}");
        return new(TakesCertificates);
    }

    public ValueTask<bool> AuthoriseAnonymousAsync(string username, CancellationToken ct)
    {
        Asked.Add($"anonymous {username}");
        return new(LetsAnonymousIn);
    }
}

/// <summary>Binding data that a test chose.</summary>
internal sealed class FixedBinding(params (string Type, byte[] Data)[] bindings) : IChannelBinding
{
    public IReadOnlyList<string> Types => [.. bindings.Select(b => b.Type)];

    public bool TryGet(string type, out ReadOnlyMemory<byte> data)
    {
        data = bindings.FirstOrDefault(b => b.Type == type).Data;
        return bindings.Any(b => b.Type == type);
    }
}

internal static class SaslFixture
{
    public const string Domain = "example.org";

    /// <summary>Everything on, so that the offer depends on the channel binding alone.</summary>
    public static SaslSupport Everything { get; } = new() { Plain = true, ScramHashes = ScramCredentials.AllHashes, Anonymous = true, External = true };

    public static SaslContext Context(Accounts accounts, IChannelBinding? binding = null, X509Certificate2? certificate = null, IEnumerable<string>? configured = null) =>
        new(Domain, accounts, SaslOffer.For(configured ?? [.. SaslMechanisms.DefaultOrder, SaslMechanisms.External], Everything, binding, certificate is not null))
        {
            ChannelBinding = binding,
            ClientCertificate = certificate,
        };

    public static SaslExchange Start(string mechanism, SaslContext context)
    {
        var exchange = SaslMechanisms.Create(mechanism, context);
        Assert.NotNull(exchange);
        return exchange;
    }

    public static async Task<SaslStep> SayAsync(this SaslExchange exchange, string message) =>
        await exchange.NextAsync(Encoding.UTF8.GetBytes(message), TestContext.Current.CancellationToken);

    public static string DataText(this SaslStep step)
    {
        Assert.NotNull(step.Data);
        return Encoding.UTF8.GetString(step.Data.Value.Span);
    }

    public static void IsFailure(SaslFailure expected, SaslStep step)
    {
        Assert.Equal((SaslStepKind.Failure, expected), (step.Kind, step.Condition));
        Assert.Null(step.Username);
    }

    /// <summary>A whole SCRAM login as a right client does it (RFC 5802 §3), by the framework's own functions where it has the hash; <paramref name="tamper"/> changes the final message before it is sent.</summary>
    public static async Task<(SaslStep First, SaslStep Last)> LoginAsync(
        SaslExchange exchange, ScramHash hash, string user, string password, string gs2 = "n,,", byte[]? binding = null, Func<string, string>? tamper = null)
    {
        var bare = $"n={user},r=fyko+d2lbbFgONRv9qkxdawL";
        var challenge = await exchange.SayAsync(gs2 + bare);
        if (challenge.Kind is not SaslStepKind.Challenge)
        {
            return (challenge, challenge);
        }

        var serverFirst = challenge.DataText();
        var parts = serverFirst.Split(',');
        var salted = hash.Hi(Encoding.UTF8.GetBytes(password), Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..]));
        var clientKey = hash.Hmac(salted, "Client Key"u8);
        var withoutProof = $"c={Convert.ToBase64String([.. Encoding.UTF8.GetBytes(gs2), .. binding ?? []])},{parts[0]}";
        var signature = hash.Hmac(hash.H(clientKey), Encoding.UTF8.GetBytes($"{bare},{serverFirst},{withoutProof}"));
        var proof = clientKey.Zip(signature, static (a, b) => (byte)(a ^ b)).ToArray();
        var final = $"{withoutProof},p={Convert.ToBase64String(proof)}";
        return (challenge, await exchange.SayAsync(tamper?.Invoke(final) ?? final));
    }
}
