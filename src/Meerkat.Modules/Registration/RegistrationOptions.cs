using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Registration;

/// <summary>Options of <c>mod_register</c>: a <c>[modules.mod_register]</c> table (CONF-272). How often a source may register is <c>general.registration_timeout</c>.</summary>
public sealed record RegistrationOptions
{
    /// <summary><c>access</c>: the access rule that a new account's address, and a requester who is logged in, must pass. Default <c>all</c>.</summary>
    [NonEmpty]
    public string Access { get; init; } = "all";

    /// <summary><c>welcome_message</c>: what a new account gets from its domain; null for nothing.</summary>
    public WelcomeMessageOptions? WelcomeMessage { get; init; }

    /// <summary><c>registration_watchers</c>: addresses that are told of each registration.</summary>
    [Jid]
    public IReadOnlyList<string> RegistrationWatchers { get; init; } = [];

    /// <summary><c>password_strength</c>: the least entropy of a password, in bits (AUTH-140). Default 0: any password will do.</summary>
    [AtLeast(0)]
    public int PasswordStrength { get; init; }

    /// <summary><c>ip_access</c>: from where accounts may be registered; the first entry that holds the peer's address decides, and where none does it is allowed (AUTH-139).</summary>
    public IReadOnlyList<IpAccessOptions> IpAccess { get; init; } = [];
}

/// <summary>The message to a new account: the <c>welcome_message</c> table (AUTH-143).</summary>
public sealed record WelcomeMessageOptions
{
    /// <summary><c>subject</c>. Default empty.</summary>
    public string Subject { get; init; } = "";

    /// <summary><c>body</c>. Default empty.</summary>
    public string Body { get; init; } = "";
}

/// <summary>One item of <c>ip_access</c>.</summary>
public sealed record IpAccessOptions
{
    /// <summary><c>address</c>: an IP address, or a range as <c>192.168.0.0/16</c>.</summary>
    [IpRange]
    public required string Address { get; init; }

    /// <summary><c>policy</c>: what holds for those addresses.</summary>
    public required IpPolicy Policy { get; init; }
}

/// <summary>What holds for a range of addresses.</summary>
public enum IpPolicy
{
    /// <summary>Accounts may be registered from there.</summary>
    Allow,

    /// <summary>They may not.</summary>
    Deny,
}

/// <summary>An IP address, or a range of them in CIDR notation.</summary>
public sealed class IpRangeAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "an IP address, or a range such as \"192.168.0.0/16\"";

    /// <inheritdoc/>
    public override string? Accept(string value) => IpRange.TryParse(value, out _) ? value : null;
}
