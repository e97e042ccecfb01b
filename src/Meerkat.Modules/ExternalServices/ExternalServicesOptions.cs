using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Modules.ExternalServices;

/// <summary>Options of <c>mod_extdisco</c>: a <c>[modules.mod_extdisco]</c> table (CONF-237).</summary>
public sealed record ExternalServicesOptions
{
    /// <summary><c>service</c>: the services that clients are told of, in this order. Default: none.</summary>
    public IReadOnlyList<ExternalServiceOptions> Service { get; init; } = [];
}

/// <summary>One service: a <c>[[modules.mod_extdisco.service]]</c> table.</summary>
public sealed record ExternalServiceOptions : IValidatableObject
{
    /// <summary><c>type</c>: what it is, such as <c>stun</c> or <c>turn</c>.</summary>
    [NonEmpty]
    public required string Type { get; init; }

    /// <summary><c>host</c>: its address.</summary>
    [NonEmpty]
    public required string Host { get; init; }

    /// <summary><c>port</c>: null leaves it out.</summary>
    [Range(0, 65535)]
    public int? Port { get; init; }

    /// <summary><c>transport</c>: null leaves it out.</summary>
    public ExternalServiceTransport? Transport { get; init; }

    /// <summary><c>username</c>: the same for everybody; null for none.</summary>
    [NonEmpty]
    public string? Username { get; init; }

    /// <summary><c>password</c>: the same for everybody; null for none.</summary>
    [NonEmpty, Secret]
    public string? Password { get; init; }

    /// <summary><c>secret</c>: shared with the service, which makes user names and passwords that each requester gets for himself and that end after an hour (coturn's <c>static-auth-secret</c>); null for none.</summary>
    [NonEmpty, Secret]
    public string? Secret { get; init; }

    /// <summary>Either one password for all or a secret (EXT-003).</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Secret is not null && (Username is not null || Password is not null))
        {
            yield return new ConfigRule("makes user name and password itself: remove \"username\" and \"password\"", nameof(Secret), "secret_excludes_credentials");
        }
    }
}

/// <summary>Transports of external services.</summary>
public enum ExternalServiceTransport
{
    /// <summary>UDP.</summary>
    Udp,

    /// <summary>TCP.</summary>
    Tcp,
}
