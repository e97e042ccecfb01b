using Meerkat.Core.Configuration;

namespace Meerkat.Core.Accounts;

/// <summary>How passwords are stored: <c>[auth.password]</c> (CONF-107 to CONF-109, AUTH-032 to AUTH-038).</summary>
public sealed record PasswordOptions
{
    /// <summary><c>format</c>: default <c>scram</c>.</summary>
    public PasswordFormat Format { get; init; } = PasswordFormat.Scram;

    /// <summary><c>hash</c>: for which hashes SCRAM keys are stored and offered. Default all. No effect with the format <c>plain</c> (AUTH-031).</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<PasswordHash> Hash { get; init; } = [PasswordHash.Sha, PasswordHash.Sha224, PasswordHash.Sha256, PasswordHash.Sha384, PasswordHash.Sha512];

    /// <summary><c>scram_iterations</c>: rounds of new passwords. Default 10 000 (CONF-109).</summary>
    [AtLeast(1)]
    public int ScramIterations { get; init; } = 10_000;
}

/// <summary>What is stored of a password (CONF-107).</summary>
public enum PasswordFormat
{
    /// <summary>SCRAM keys only.</summary>
    Scram,

    /// <summary>The password itself.</summary>
    Plain,
}

/// <summary>Hashes of SCRAM (CONF-108).</summary>
public enum PasswordHash
{
    /// <summary>SHA-1.</summary>
    Sha,

    /// <summary>SHA-224.</summary>
    Sha224,

    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-384.</summary>
    Sha384,

    /// <summary>SHA-512.</summary>
    Sha512,
}

/// <summary><c>[auth.anonymous]</c> (AUTH-056 to AUTH-063).</summary>
public sealed record AnonymousAuthOptions
{
    /// <summary><c>protocol</c>: default <c>sasl_anon</c>.</summary>
    public AnonymousProtocol Protocol { get; init; } = AnonymousProtocol.SaslAnon;

    /// <summary><c>allow_multiple_connections</c>: whether a name that is in use may log in again by <c>login_anon</c>. Default false.</summary>
    public bool AllowMultipleConnections { get; init; }

    /// <summary><c>backend</c>: where the table of anonymous sessions lives. Default <c>mnesia</c>.</summary>
    public TransientBackend Backend { get; init; } = TransientBackend.Mnesia;
}

/// <summary>How anonymous users come in (AUTH-056).</summary>
public enum AnonymousProtocol
{
    /// <summary>By SASL ANONYMOUS, under a name of the server's choice.</summary>
    SaslAnon,

    /// <summary>By any name that is free, with any password.</summary>
    LoginAnon,

    /// <summary>Either way.</summary>
    Both,
}

/// <summary><c>[auth.dummy]</c> (AUTH-123).</summary>
public sealed record DummyAuthOptions
{
    /// <summary><c>base_time</c>: in milliseconds, the shortest time that a log-in takes. Default 50.</summary>
    [AtLeast(0), Unit(TimeUnit.Milliseconds)]
    public TimeSpan BaseTime { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary><c>variance</c>: in milliseconds, up to which a random time is added. Default 450.</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan Variance { get; init; } = TimeSpan.FromMilliseconds(450);
}

/// <summary><c>[auth.http]</c>: the pool <c>http</c>/<c>auth</c> knows the accounts (AUTH-074 to AUTH-088).</summary>
public sealed record HttpAuthOptions
{
    /// <summary><c>basic_auth</c>: how this server signs in to the service: <c>user:password</c>. Null, the default, is not at all (CONF-114).</summary>
    [NonEmpty, Secret]
    public string? BasicAuth { get; init; }
}

/// <summary><c>[auth.internal]</c>: takes no keys (AUTH-044).</summary>
public sealed record InternalAuthOptions;

/// <summary><c>[auth.pki]</c>: takes no keys (AUTH-122).</summary>
public sealed record PkiAuthOptions;

/// <summary><c>[auth.rdbms]</c> (AUTH-048 to AUTH-055).</summary>
public sealed record RdbmsAuthOptions;
