using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Connections.Http;

/// <summary>GraphQL: a <c>[[listen.http.handlers.mongoose_graphql_handler]]</c> table (CONF-096).</summary>
public sealed record GraphQLHandlerOptions : HttpHandlerOptions, IValidatableObject
{
    /// <summary><c>schema_endpoint</c>: whose schema is served.</summary>
    public required GraphQLSchemaEndpoint SchemaEndpoint { get; init; }

    /// <summary><c>username</c>: of the administrator; null, without a password too, lets everybody in who can reach the listener. Only for <c>admin</c>.</summary>
    [NonEmpty]
    public string? Username { get; init; }

    /// <summary><c>password</c>: of the administrator.</summary>
    [NonEmpty, Secret]
    public string? Password { get; init; }

    /// <summary><c>password_file</c>: a file whose content is the password, in place of <c>password</c>; a relative path starts in the data folder. A file that is not there is made at the start, with a
    /// password that nobody could guess, for its owner alone to read. Ours.</summary>
    [NonEmpty]
    public string? PasswordFile { get; init; }

    /// <summary><c>tokens</c>: programs that are the administrator, by a token (<c>Authorization: Bearer</c>). Ours. With one, nobody comes in without credentials. Only for <c>admin</c>. Default none.</summary>
    public IReadOnlyList<ApiTokenOptions> Tokens { get; init; } = [];

    /// <summary><c>allowed_categories</c>: the categories that are served; null, the default, is all.</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<GraphQLCategory>? AllowedCategories { get; init; }

    /// <summary><c>introspection</c>: whether the schema may be asked for. Ours. Default true.</summary>
    public bool Introspection { get; init; } = true;

    /// <summary><c>loopback_only</c>: others than this machine get 403. A proxy on this machine lets its own clients in. Ours. Default false; the built-in configuration says true where there is no TLS.</summary>
    public bool LoopbackOnly { get; init; }

    /// <summary><c>sse_idle_timeout</c>: in milliseconds, after which a stream of events ends on which none came; null is <c>"infinity"</c>. Default 3 600 000.</summary>
    [AtLeast(1), InfinityAllowed, Unit(TimeUnit.Milliseconds)]
    public TimeSpan? SseIdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Name and password belong together, and to the administrator.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Username is null != (Password is null && PasswordFile is null))
        {
            yield return new ConfigRule("wants both username and password, or neither", nameof(Username), "missing_credentials") { Position = Position };
        }

        if (Password is not null && PasswordFile is not null)
        {
            yield return new ConfigRule("cannot stand beside password", nameof(PasswordFile), "credentials_not_allowed") { Position = Position };
        }

        if (Tokens.Count > 0 && SchemaEndpoint is not GraphQLSchemaEndpoint.Admin)
        {
            yield return new ConfigRule("are for schema_endpoint = \"admin\" alone", nameof(Tokens), "credentials_not_allowed") { Position = Position };
        }

        if (Username is not null && SchemaEndpoint is not GraphQLSchemaEndpoint.Admin)
        {
            yield return new ConfigRule("is for schema_endpoint = \"admin\" alone", nameof(Username), "credentials_not_allowed") { Position = Position };
        }
    }
}

/// <summary>Whose schema a GraphQL handler serves.</summary>
public enum GraphQLSchemaEndpoint
{
    /// <summary>The server's administrator's.</summary>
    Admin,

    /// <summary>The administrator's, for the administrator of a domain.</summary>
    DomainAdmin,

    /// <summary>The users'.</summary>
    User,
}

/// <summary>Categories of GraphQL, as <c>allowed_categories</c> names them.</summary>
public enum GraphQLCategory
{
    /// <summary>checkAuth.</summary>
    [ConfigName("checkAuth")]
    CheckAuth,

    /// <summary>account.</summary>
    [ConfigName("account")]
    Account,

    /// <summary>domain.</summary>
    [ConfigName("domain")]
    Domain,

    /// <summary>last.</summary>
    [ConfigName("last")]
    Last,

    /// <summary>monitor: ours.</summary>
    [ConfigName("monitor")]
    Monitor,

    /// <summary>muc.</summary>
    [ConfigName("muc")]
    Muc,

    /// <summary>muc_light.</summary>
    [ConfigName("muc_light")]
    MucLight,

    /// <summary>session.</summary>
    [ConfigName("session")]
    Session,

    /// <summary>stanza.</summary>
    [ConfigName("stanza")]
    Stanza,

    /// <summary>roster.</summary>
    [ConfigName("roster")]
    Roster,

    /// <summary>vcard.</summary>
    [ConfigName("vcard")]
    VCard,

    /// <summary>private.</summary>
    [ConfigName("private")]
    Private,

    /// <summary>metric.</summary>
    [ConfigName("metric")]
    Metric,

    /// <summary>stat.</summary>
    [ConfigName("stat")]
    Stat,

    /// <summary>gdpr.</summary>
    [ConfigName("gdpr")]
    Gdpr,

    /// <summary>mnesia.</summary>
    [ConfigName("mnesia")]
    Mnesia,

    /// <summary>server.</summary>
    [ConfigName("server")]
    Server,

    /// <summary>inbox.</summary>
    [ConfigName("inbox")]
    Inbox,

    /// <summary>http_upload.</summary>
    [ConfigName("http_upload")]
    HttpUploadSnake,

    /// <summary>httpUpload.</summary>
    [ConfigName("httpUpload")]
    HttpUpload,

    /// <summary>offline.</summary>
    [ConfigName("offline")]
    Offline,

    /// <summary>token.</summary>
    [ConfigName("token")]
    Token,

    /// <summary>cluster. Ours.</summary>
    [ConfigName("cluster")]
    Cluster,

    /// <summary>cets.</summary>
    [ConfigName("cets")]
    Cets,

    /// <summary>broadcast.</summary>
    [ConfigName("broadcast")]
    Broadcast,

    /// <summary>blocklist.</summary>
    [ConfigName("blocklist")]
    Blocklist,

    /// <summary>externalServices.</summary>
    [ConfigName("externalServices")]
    ExternalServices,
}
