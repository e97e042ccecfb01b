using Meerkat.Core.Configuration;

namespace Meerkat.Core.Access;

/// <summary>One pattern of an access class: an item of <c>acl.&lt;class&gt;</c> (CONF-201). All conditions that are given must hold; without any, the domain alone decides.</summary>
/// <remarks>Conditions are kept in lower case (CONF-203); they are compared with the prepared parts of an address.</remarks>
public sealed record AclPattern
{
    /// <summary><c>match</c>: which domains are meant at all. Default <c>current_domain</c>.</summary>
    public AclMatch Match { get; init; } = AclMatch.CurrentDomain;

    /// <summary><c>user</c>: the localpart.</summary>
    [AclCondition]
    public string? User { get; init; }

    /// <summary><c>server</c>: the domain.</summary>
    [AclCondition]
    public string? Server { get; init; }

    /// <summary><c>resource</c>: the resource.</summary>
    [AclCondition]
    public string? Resource { get; init; }

    /// <summary><c>user_regexp</c>: matches somewhere in the localpart.</summary>
    [AclRegex]
    public string? UserRegexp { get; init; }

    /// <summary><c>server_regexp</c>: matches somewhere in the domain.</summary>
    [AclRegex]
    public string? ServerRegexp { get; init; }

    /// <summary><c>resource_regexp</c>: matches somewhere in the resource.</summary>
    [AclRegex]
    public string? ResourceRegexp { get; init; }

    /// <summary><c>user_glob</c>: matches the whole localpart; <c>*</c>, <c>?</c> and <c>[…]</c>.</summary>
    [AclCondition]
    public string? UserGlob { get; init; }

    /// <summary><c>server_glob</c>: matches the whole domain.</summary>
    [AclCondition]
    public string? ServerGlob { get; init; }

    /// <summary><c>resource_glob</c>: matches the whole resource.</summary>
    [AclCondition]
    public string? ResourceGlob { get; init; }
}

/// <summary>Which domains an access pattern is about (CORE-251).</summary>
public enum AclMatch
{
    /// <summary>The domain for which the rule is asked; none when it is asked outside any domain (CORE-252).</summary>
    CurrentDomain,

    /// <summary>Any domain that this server serves.</summary>
    AnyHostedDomain,

    /// <summary>All domains there are.</summary>
    All,

    /// <summary>None: the pattern never matches.</summary>
    None,
}
