using Meerkat.Xmpp;

namespace Meerkat.Admin.GraphQL;

/// <summary>Who a request is from.</summary>
public enum ApiRole
{
    /// <summary>Nobody: there were no credentials.</summary>
    Nobody,

    /// <summary>An account.</summary>
    User,

    /// <summary>The administrator of a domain.</summary>
    DomainAdmin,

    /// <summary>The administrator of the server.</summary>
    Admin,
}

/// <summary>How a request came.</summary>
public enum ApiTransport
{
    /// <summary>Over HTTP.</summary>
    Http,

    /// <summary>Over HTTP, for a stream of events.</summary>
    ServerSentEvents,

    /// <summary>From the command line, over the local socket.</summary>
    Control,
}

/// <summary>Who a request is from, and how it came. Immutable.</summary>
/// <param name="Role">What it may do.</param>
/// <param name="Transport">How it came.</param>
/// <param name="Jid">The account; null unless it is one's.</param>
/// <param name="Domain">The domain of the account, or of the domain's administrator; null for others.</param>
public sealed record ApiCaller(ApiRole Role, ApiTransport Transport, BareJid? Jid = null, string? Domain = null);
