using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Connections.Http;

/// <summary>REST for the server's administrator: a <c>[[listen.http.handlers.mongoose_admin_api]]</c> table (HTP-HND-04, RST-GEN-01). The reference has it until 6.5.</summary>
public sealed record AdminApiHandlerOptions : HttpHandlerOptions, IValidatableObject
{
    /// <summary><c>username</c>: of the administrator; null, with <c>password</c> null too, lets everybody in who can reach the listener.</summary>
    [NonEmpty]
    public string? Username { get; init; }

    /// <summary><c>password</c>: of the administrator.</summary>
    [NonEmpty, Secret]
    public string? Password { get; init; }

    /// <summary><c>tokens</c>: programs that are the administrator, by a token (<c>Authorization: Bearer</c>). Ours. With one, nobody comes in without credentials. Default none.</summary>
    public IReadOnlyList<ApiTokenOptions> Tokens { get; init; } = [];

    /// <summary><c>handlers</c>: the parts that are served; null, the default, is all (RST-GEN-02).</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<AdminApiPart>? Handlers { get; init; }

    /// <summary>Name and password belong together.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Username is null != Password is null)
        {
            yield return new ConfigRule("wants both username and password, or neither", nameof(Username), "missing_credentials") { Position = Position };
        }
    }
}

/// <summary>Parts of the administrator's REST interface.</summary>
public enum AdminApiPart
{
    /// <summary>Rosters.</summary>
    [ConfigName("contacts")]
    Contacts,

    /// <summary>Accounts.</summary>
    [ConfigName("users")]
    Users,

    /// <summary>Sessions.</summary>
    [ConfigName("sessions")]
    Sessions,

    /// <summary>Messages, sent and archived.</summary>
    [ConfigName("messages")]
    Messages,

    /// <summary>Stanzas.</summary>
    [ConfigName("stanzas")]
    Stanzas,

    /// <summary>Light rooms.</summary>
    [ConfigName("muc_light")]
    MucLight,

    /// <summary>Rooms.</summary>
    [ConfigName("muc")]
    Muc,

    /// <summary>The bins of inboxes.</summary>
    [ConfigName("inbox")]
    Inbox,

    /// <summary>Domains.</summary>
    [ConfigName("domain")]
    Domain,

    /// <summary>Metrics.</summary>
    [ConfigName("metrics")]
    Metrics,
}

/// <summary>REST for users: a <c>[[listen.http.handlers.mongoose_client_api]]</c> table (HTP-HND-05, RST-GEN-01). The reference has it until 6.5.</summary>
public sealed record ClientApiHandlerOptions : HttpHandlerOptions
{
    /// <summary>Where the documentation stands, at the root of the listener.</summary>
    public const string DocsPath = "/api-docs";

    /// <summary><c>handlers</c>: the parts that are served; null, the default, is all (RST-GEN-02).</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<ClientApiPart>? Handlers { get; init; }

    /// <summary><c>docs</c>: whether <c>/api-docs</c> of the listener shows what there is. Default true.</summary>
    public bool Docs { get; init; } = true;
}

/// <summary>Parts of the users' REST interface.</summary>
public enum ClientApiPart
{
    /// <summary>A stream of messages.</summary>
    [ConfigName("sse")]
    Events,

    /// <summary>Messages, sent and archived.</summary>
    [ConfigName("messages")]
    Messages,

    /// <summary>The roster.</summary>
    [ConfigName("contacts")]
    Contacts,

    /// <summary>Light rooms.</summary>
    [ConfigName("rooms")]
    Rooms,

    /// <summary>Their configuration.</summary>
    [ConfigName("rooms_config")]
    RoomsConfig,

    /// <summary>Their occupants.</summary>
    [ConfigName("rooms_users")]
    RoomsUsers,

    /// <summary>Their messages.</summary>
    [ConfigName("rooms_messages")]
    RoomsMessages,
}
