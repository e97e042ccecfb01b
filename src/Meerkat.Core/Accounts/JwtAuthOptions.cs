using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Core.Accounts;

/// <summary>JSON Web Tokens instead of passwords: <c>[auth.jwt]</c> (AUTH-116 to AUTH-121).</summary>
public sealed record JwtAuthOptions
{
    /// <summary><c>secret</c>: what signatures are checked with.</summary>
    public required JwtSecretOptions Secret { get; init; }

    /// <summary><c>algorithm</c>: by which tokens are signed; others are refused, whatever a token says of itself.</summary>
    public required JwtAlgorithm Algorithm { get; init; }

    /// <summary><c>username_key</c>: the claim that names the account, by its localpart.</summary>
    [NonEmpty]
    public required string UsernameKey { get; init; }
}

/// <summary>What signatures are checked with: a shared secret for HS algorithms, a public key as PEM for others. One of the three (AUTH-116).</summary>
public sealed record JwtSecretOptions : IValidatableObject
{
    /// <summary><c>value</c>: it stands here.</summary>
    [NonEmpty, Secret]
    public string? Value { get; init; }

    /// <summary><c>file</c>: it is in a file, which is read at the start. White space at its end does not count.</summary>
    [NonEmpty]
    public string? File { get; init; }

    /// <summary><c>env</c>: it is in a variable of the environment, which is read at each log-in.</summary>
    [NonEmpty]
    public string? Env { get; init; }

    /// <summary>One, and no more.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (new[] { Value, File, Env }.Count(source => source is not null) != 1)
        {
            yield return new ConfigRule("wants one of value, file and env", nameof(Value), "missing_or_more_than_one_secret");
        }
    }
}

/// <summary>How tokens are signed (RFC 7518 §3.1). The reference writes 386 where 384 is meant.</summary>
public enum JwtAlgorithm
{
    /// <summary>HMAC with SHA-256.</summary>
    [ConfigName("HS256")]
    HS256,

    /// <summary>HMAC with SHA-384.</summary>
    [ConfigName("HS384")]
    HS384,

    /// <summary>HMAC with SHA-384, as the reference writes it.</summary>
    [ConfigName("HS386")]
    HS386,

    /// <summary>HMAC with SHA-512.</summary>
    [ConfigName("HS512")]
    HS512,

    /// <summary>RSA (PKCS #1) with SHA-256.</summary>
    [ConfigName("RS256")]
    RS256,

    /// <summary>RSA (PKCS #1) with SHA-384.</summary>
    [ConfigName("RS384")]
    RS384,

    /// <summary>RSA (PKCS #1) with SHA-384, as the reference writes it.</summary>
    [ConfigName("RS386")]
    RS386,

    /// <summary>RSA (PKCS #1) with SHA-512.</summary>
    [ConfigName("RS512")]
    RS512,

    /// <summary>ECDSA (P-256) with SHA-256.</summary>
    [ConfigName("ES256")]
    ES256,

    /// <summary>ECDSA (P-384) with SHA-384.</summary>
    [ConfigName("ES384")]
    ES384,

    /// <summary>ECDSA (P-384) with SHA-384, as the reference writes it.</summary>
    [ConfigName("ES386")]
    ES386,

    /// <summary>ECDSA (P-521) with SHA-512.</summary>
    [ConfigName("ES512")]
    ES512,
}
