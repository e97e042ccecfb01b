using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>An account that is kept.</summary>
/// <param name="Jid">Its address; has a localpart.</param>
/// <param name="CreatedAt">When it was registered, in UTC, to the millisecond.</param>
public sealed record Account(BareJid Jid, DateTimeOffset CreatedAt);

/// <summary>Which accounts of a domain to list (AUTH-053).</summary>
public sealed record AccountListing
{
    /// <summary>All of them.</summary>
    public static AccountListing All { get; } = new();

    /// <summary>Only localparts that begin with this, prepared (nodeprep); empty for all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>At most so many; null for no limit.</summary>
    public int? Limit { get; init; }

    /// <summary>How many to pass over first.</summary>
    public int Offset { get; init; }
}
