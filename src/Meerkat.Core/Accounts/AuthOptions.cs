using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Core.Accounts;

/// <summary>Who may log in, and how: the <c>[auth]</c> section (CONF-102 to CONF-119). That of a host replaces the whole of it (AUTH-003).</summary>
public sealed record AuthOptions : IValidatableObject
{
    /// <summary><c>methods</c>: the methods in the order in which they are asked; null means all that have a section, by alphabet (AUTH-001).</summary>
    [Unique]
    public IReadOnlyList<AuthMethod>? Methods { get; init; }

    /// <summary><c>sasl_mechanisms</c>: what may be offered. Default: all SCRAM, plain, anonymous, oauth (CONF-103).</summary>
    public IReadOnlyList<SaslMechanismName> SaslMechanisms { get; init; } =
    [
        SaslMechanismName.ScramSha512Plus, SaslMechanismName.ScramSha512, SaslMechanismName.ScramSha384Plus, SaslMechanismName.ScramSha384,
        SaslMechanismName.ScramSha256Plus, SaslMechanismName.ScramSha256, SaslMechanismName.ScramSha224Plus, SaslMechanismName.ScramSha224,
        SaslMechanismName.ScramSha1Plus, SaslMechanismName.ScramSha1, SaslMechanismName.Plain, SaslMechanismName.Anonymous, SaslMechanismName.Oauth,
    ];

    /// <summary><c>sasl_external</c>: how a client's certificate names its account; tried in order. Default <c>standard</c> (AUTH-089).</summary>
    public IReadOnlyList<CertificateMapping> SaslExternal { get; init; } = [CertificateMapping.Standard];

    /// <summary><c>sasl_external_common_name</c>: what is put around a certificate's common name (AUTH-098).</summary>
    public CommonNameOptions SaslExternalCommonName { get; init; } = new();

    /// <summary><c>max_users_per_domain</c>: how many accounts a domain may hold; null is <c>"infinity"</c>, the default (CONF-106).</summary>
    [AtLeast(1), InfinityAllowed]
    public int? MaxUsersPerDomain { get; init; }

    /// <summary><c>password</c>: how passwords are stored.</summary>
    public PasswordOptions Password { get; init; } = new();

    /// <summary><c>anonymous</c>: accounts that last as long as their session; null when there is no such section.</summary>
    public AnonymousAuthOptions? Anonymous { get; init; }

    /// <summary><c>dummy</c>: everybody may log in; for load tests. Null when there is no such section.</summary>
    public DummyAuthOptions? Dummy { get; init; }

    /// <summary><c>http</c>: accounts that a web service knows; null when there is no such section.</summary>
    public HttpAuthOptions? Http { get; init; }

    /// <summary><c>internal</c>: accounts in the embedded store; null when there is no such section.</summary>
    public InternalAuthOptions? Internal { get; init; }

    /// <summary><c>jwt</c>: tokens that somebody else has signed; null when there is no such section.</summary>
    public JwtAuthOptions? Jwt { get; init; }

    /// <summary><c>pki</c>: everybody with a valid certificate; null when there is no such section.</summary>
    public PkiAuthOptions? Pki { get; init; }

    /// <summary><c>rdbms</c>: accounts in the pool <c>rdbms</c>/<c>default</c>; null when there is no such section.</summary>
    public RdbmsAuthOptions? Rdbms { get; init; }

    /// <summary>The methods that are asked, in order (AUTH-001). Empty is valid: then nobody can log in (AUTH-002).</summary>
    public IReadOnlyList<AuthMethod> ActiveMethods => Methods ?? [.. Sections().Where(s => s.Section is not null).Select(s => s.Method)];

    /// <summary>CONF-024.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from method in Methods ?? []
        where Sections().Any(s => s.Method == method && s.Section is null)
        select new ConfigRule($"names \"{ConfigNaming.Snake(method.ToString())}\", which has no section; write [auth.{ConfigNaming.Snake(method.ToString())}]", nameof(Methods), "missing_section_for_auth_method");

    // By alphabet, which is the order of AUTH-001.
    private IEnumerable<(AuthMethod Method, object? Section)> Sections() =>
        [(AuthMethod.Anonymous, Anonymous), (AuthMethod.Dummy, Dummy), (AuthMethod.Http, Http), (AuthMethod.Internal, Internal), (AuthMethod.Jwt, Jwt), (AuthMethod.Pki, Pki), (AuthMethod.Rdbms, Rdbms)];
}

/// <summary>Ways to decide who may log in (AUTH-001).</summary>
public enum AuthMethod
{
    /// <summary><c>anonymous</c>.</summary>
    Anonymous,

    /// <summary><c>dummy</c>.</summary>
    Dummy,

    /// <summary>A program that is asked.</summary>
    [NotAvailable("authentication by a program is not built yet")]
    External,

    /// <summary><c>http</c>: a web service that is asked.</summary>
    Http,

    /// <summary><c>internal</c>: the embedded store.</summary>
    Internal,

    /// <summary><c>jwt</c>: JSON Web Tokens.</summary>
    Jwt,

    /// <summary>A directory.</summary>
    [NotAvailable("authentication by LDAP is not built yet")]
    Ldap,

    /// <summary><c>pki</c>: certificates.</summary>
    Pki,

    /// <summary><c>rdbms</c>: a SQL database.</summary>
    Rdbms,
}

/// <summary>SASL mechanisms as <c>auth.sasl_mechanisms</c> writes them (CONF-103).</summary>
public enum SaslMechanismName
{
    /// <summary>SCRAM-SHA-512-PLUS.</summary>
    ScramSha512Plus,

    /// <summary>SCRAM-SHA-512.</summary>
    ScramSha512,

    /// <summary>SCRAM-SHA-384-PLUS.</summary>
    ScramSha384Plus,

    /// <summary>SCRAM-SHA-384.</summary>
    ScramSha384,

    /// <summary>SCRAM-SHA-256-PLUS.</summary>
    ScramSha256Plus,

    /// <summary>SCRAM-SHA-256.</summary>
    ScramSha256,

    /// <summary>SCRAM-SHA-224-PLUS.</summary>
    ScramSha224Plus,

    /// <summary>SCRAM-SHA-224.</summary>
    ScramSha224,

    /// <summary>SCRAM-SHA-1-PLUS.</summary>
    ScramSha1Plus,

    /// <summary>SCRAM-SHA-1.</summary>
    ScramSha1,

    /// <summary>PLAIN.</summary>
    Plain,

    /// <summary>ANONYMOUS; offered only where the method <c>anonymous</c> is active.</summary>
    Anonymous,

    /// <summary>X-OAUTH; offered only where <c>mod_auth_token</c> is (AUTH-030).</summary>
    Oauth,

    /// <summary>EXTERNAL; offered only to clients with a certificate.</summary>
    External,

    /// <summary>DIGEST-MD5.</summary>
    [NotAvailable("DIGEST-MD5 is obsolete (RFC 6331)")]
    Digest,
}

/// <summary>How a certificate names an account (AUTH-090 to AUTH-095).</summary>
public enum CertificateMapping
{
    /// <summary>By its XMPP address.</summary>
    Standard,

    /// <summary>By its common name.</summary>
    CommonName,

    /// <summary>Not at all: the client says who it is.</summary>
    AuthId,
}

/// <summary><c>[auth.sasl_external_common_name]</c> (CONF-105).</summary>
public sealed record CommonNameOptions
{
    /// <summary><c>prefix</c>: put before the common name. Default empty.</summary>
    [Localpart]
    public string Prefix { get; init; } = "";

    /// <summary><c>suffix</c>: put after it. Default empty.</summary>
    [Localpart]
    public string Suffix { get; init; } = "";
}
