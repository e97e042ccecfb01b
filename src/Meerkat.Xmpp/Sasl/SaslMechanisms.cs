namespace Meerkat.Xmpp.Sasl;

/// <summary>The mechanisms that this server has, by their registered names.</summary>
public static class SaslMechanisms
{
    /// <summary>RFC 4616.</summary>
    public const string Plain = "PLAIN";

    /// <summary>RFC 4505.</summary>
    public const string Anonymous = "ANONYMOUS";

    /// <summary>RFC 4422 appendix A.</summary>
    public const string External = "EXTERNAL";

    private const string PlusSuffix = "-PLUS";

    /// <summary>What is offered, and in which order, where <c>sasl_mechanisms</c> is not configured (CORE-064): EXTERNAL is not among them.</summary>
    public static IReadOnlyList<string> DefaultOrder { get; } =
    [
        .. ScramCredentials.AllHashes.Reverse().SelectMany(static h => new[] { Scram(h, plus: true), Scram(h) }),
        Plain,
        Anonymous,
    ];

    /// <summary>The name of a SCRAM mechanism (RFC 5802 §4), such as <c>SCRAM-SHA-256-PLUS</c>.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="plus">Whether it is the variant with channel binding.</param>
    public static string Scram(ScramHash hash, bool plus = false) => (hash, plus) switch
    {
        (ScramHash.Sha1, false) => "SCRAM-SHA-1",
        (ScramHash.Sha224, false) => "SCRAM-SHA-224",
        (ScramHash.Sha256, false) => "SCRAM-SHA-256",
        (ScramHash.Sha384, false) => "SCRAM-SHA-384",
        (ScramHash.Sha512, false) => "SCRAM-SHA-512",
        (_, true) => Scram(hash) + PlusSuffix,
        _ => throw new ArgumentOutOfRangeException(nameof(hash)),
    };

    /// <summary>Reads the name of a SCRAM mechanism.</summary>
    public static bool TryParseScram(string mechanism, out ScramHash hash, out bool plus)
    {
        plus = mechanism.EndsWith(PlusSuffix, StringComparison.Ordinal);
        foreach (var candidate in ScramCredentials.AllHashes)
        {
            if (mechanism == Scram(candidate, plus))
            {
                hash = candidate;
                return true;
            }
        }

        hash = default;
        return false;
    }

    /// <summary>Whether this server has a mechanism of that name, offered or not.</summary>
    public static bool IsKnown(string mechanism) => mechanism is Plain or Anonymous or External || TryParseScram(mechanism, out _, out _);

    /// <summary>Starts an exchange.</summary>
    /// <returns>Null when the mechanism is not offered on this stream: the answer is <see cref="SaslFailure.InvalidMechanism"/> (CORE-068).</returns>
    /// <remarks>EXTERNAL without a verified certificate is not offered either, but is an exchange that fails as <c>not-authorized</c> (CORE-081).</remarks>
    public static SaslExchange? Create(string mechanism, SaslContext context)
    {
        if (!context.Offer.Mechanisms.Contains(mechanism))
        {
            return mechanism is External && context.ClientCertificate is null ? new ExternalExchange(context) : null;
        }

        return mechanism switch
        {
            Plain => new PlainExchange(context),
            Anonymous => new AnonymousExchange(context),
            External => new ExternalExchange(context),
            _ when TryParseScram(mechanism, out var hash, out var plus) => new ScramExchange(hash, plus, context),
            _ => null,
        };
    }
}
