using Meerkat.Core.Accounts;

namespace Meerkat.Core.Streams;

/// <summary>What a listener lays down for its streams.</summary>
public sealed record ClientProfile
{
    /// <summary>Access rule that a full JID has to pass to open a session (CORE-117).</summary>
    public string Access { get; init; } = "all";

    /// <summary>Whether the session feature of RFC 3921 is offered (CORE-112). Sessions open at bind either way (CORE-354).</summary>
    public bool OffersSession { get; init; } = true;

    /// <summary>Methods that may authenticate on this listener; null for all (AUTH-005).</summary>
    public IReadOnlyCollection<AuthMethod>? AllowedAuthMethods { get; init; }

    /// <summary>Whether nothing but STARTTLS goes before TLS is active (CORE-059).</summary>
    public bool RequiresTls { get; init; }

    /// <summary>How long each step of negotiation may take; null for ever (CORE-013).</summary>
    public TimeSpan? StateTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
