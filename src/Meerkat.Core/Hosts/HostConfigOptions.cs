using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Access;
using Meerkat.Core.Accounts;
using Meerkat.Core.Configuration;

namespace Meerkat.Core.Hosts;

/// <summary>What one host has otherwise than the rest: a <c>[[host_config]]</c> table (CONF-038). Null means that the host has what all have.</summary>
public sealed record HostConfigOptions : IValidatableObject
{
    /// <summary>Where the table stands.</summary>
    public ConfigPosition Position { get; init; }

    /// <summary><c>host</c>: the host or host type meant: one of <c>general.hosts</c> or <c>general.host_types</c>.</summary>
    [Domain]
    public string? Host { get; init; }

    /// <summary><c>host_type</c>: a synonym of <c>host</c>.</summary>
    [NonEmpty]
    public string? HostType { get; init; }

    /// <summary><c>general</c>: overrides (CONF-039).</summary>
    public HostGeneralOptions? General { get; init; }

    /// <summary><c>auth</c>: replaces the section entirely (CONF-040).</summary>
    public AuthOptions? Auth { get; init; }

    /// <summary><c>modules</c>: replaces the section entirely (CONF-041).</summary>
    public IReadOnlyDictionary<string, ConfigTable>? Modules { get; init; }

    /// <summary><c>acl</c>: patterns that are added to those of the same class (CONF-043).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<AclPattern>>? Acl { get; init; }

    /// <summary><c>access</c>: clauses that are added to those of the same rule (CONF-044).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<AccessClause>>? Access { get; init; }

    /// <summary><c>outgoing_pools</c>: pools that take the place of those of the same type and tag (CONF-045).</summary>
    public OutgoingPoolsOptions? OutgoingPools { get; init; }

    /// <summary>The host meant, by either key.</summary>
    public string Name => Host ?? HostType ?? "";

    /// <summary>Exactly one of the two keys names the host.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((Host is null) == (HostType is null))
        {
            yield return new ConfigRule("needs exactly one of the keys \"host\" and \"host_type\"", nameof(Host), "missing_mandatory_keys");
        }
    }
}
