namespace Meerkat.Xmpp.Sasl;

/// <summary>Whom a certificate was mapped to, or why to nobody.</summary>
/// <param name="Username">The localpart, not yet prepared; null when there is none.</param>
/// <param name="Condition">The failure when <paramref name="Username"/> is null: <c>not-authorized</c> or <c>invalid-authzid</c>.</param>
public readonly record struct ExternalIdentity(string? Username, SaslFailure Condition)
{
    /// <summary>The certificate does not say who that is.</summary>
    public static ExternalIdentity NotAuthorized { get; } = new(null, SaslFailure.NotAuthorized);

    /// <summary>The certificate does not allow the authorization identity that was asked for.</summary>
    public static ExternalIdentity InvalidAuthzid { get; } = new(null, SaslFailure.InvalidAuthzid);

    /// <summary>The certificate is this user's.</summary>
    public static ExternalIdentity Of(string username) => new(username, default);
}

/// <summary>One way to find a user in a certificate: an entry of <c>auth.sasl_external</c> (AUTH-090..096). Pure, safe for concurrent use.</summary>
public interface IExternalStrategy
{
    /// <summary>Maps a certificate to a user.</summary>
    /// <param name="names">The names in the certificate, which was verified.</param>
    /// <param name="authzId">The authorization identity that the client gave, or null; never empty.</param>
    /// <param name="domain">The domain of the stream, prepared.</param>
    ExternalIdentity Map(CertificateNames names, string? authzId, string domain);
}

/// <summary>The ordered strategies of a host type: the first that succeeds wins, the last one's error is reported (AUTH-089).</summary>
/// <param name="strategies">At least one.</param>
public sealed class ExternalMapping(params IReadOnlyList<IExternalStrategy> strategies)
{
    /// <summary>What holds where <c>sasl_external</c> is not configured: <see cref="StandardStrategy"/> alone.</summary>
    public static ExternalMapping Default { get; } = new(new StandardStrategy());

    /// <inheritdoc cref="IExternalStrategy.Map"/>
    public ExternalIdentity Map(CertificateNames names, string? authzId, string domain)
    {
        var result = ExternalIdentity.NotAuthorized;
        foreach (var strategy in strategies)
        {
            result = strategy.Map(names, authzId, domain);
            if (result.Username is not null)
            {
                break;
            }
        }

        return result;
    }
}

/// <summary><c>standard</c>: the certificate's XMPP addresses (AUTH-090, AUTH-091, AUTH-097; XEP-0178 §2).</summary>
public sealed class StandardStrategy : IExternalStrategy
{
    /// <inheritdoc/>
    public ExternalIdentity Map(CertificateNames names, string? authzId, string domain)
    {
        switch (names.XmppAddresses, authzId)
        {
            case ([], _):
                return ExternalIdentity.NotAuthorized;

            case ([var only], null):
                return OnDomain(only, domain);

            // The reference refuses every authorization identity here; XEP-0178 lets the one that matches pass.
            case ([var only], _):
                return Same(only, authzId) ? OnDomain(only, domain) : ExternalIdentity.InvalidAuthzid;

            case (_, null):
                return ExternalIdentity.InvalidAuthzid; // it must say which

            default:
                return names.XmppAddresses.Any(address => Same(address, authzId)) ? OnDomain(authzId, domain) : ExternalIdentity.NotAuthorized;
        }
    }

    private static bool Same(string one, string other) =>
        Jid.TryParse(one, out var a) && Jid.TryParse(other, out var b) && a.Bare.Equals(b.Bare);

    private static ExternalIdentity OnDomain(string address, string domain) =>
        Jid.TryParse(address, out var jid) && jid.Local is { } local && jid.Domain == domain ? ExternalIdentity.Of(local) : ExternalIdentity.NotAuthorized;
}

/// <summary><c>common_name</c>: the certificate's first common name is the localpart (AUTH-092, AUTH-093, AUTH-098).</summary>
/// <param name="prefix">Put before the common name; "" for nothing.</param>
/// <param name="suffix">Put behind it; "" for nothing.</param>
public sealed class CommonNameStrategy(string prefix = "", string suffix = "") : IExternalStrategy
{
    /// <inheritdoc/>
    public ExternalIdentity Map(CertificateNames names, string? authzId, string domain)
    {
        var username = names.CommonName is { Length: > 0 } commonName && Stringprep.TryNodeprep(prefix + commonName + suffix, out var prepared) ? prepared : null;
        if (authzId is null)
        {
            return username is null ? ExternalIdentity.NotAuthorized : ExternalIdentity.Of(username);
        }

        return username is not null && Jid.TryParse(authzId, out var jid) && jid.Domain == domain && jid.Local == username
            ? ExternalIdentity.Of(username)
            : ExternalIdentity.InvalidAuthzid;
    }
}

/// <summary><c>auth_id</c>: whoever holds a verified certificate is who they say they are; its content is not compared (AUTH-094, AUTH-095).</summary>
public sealed class AuthIdStrategy : IExternalStrategy
{
    /// <inheritdoc/>
    public ExternalIdentity Map(CertificateNames names, string? authzId, string domain)
    {
        if (authzId is null)
        {
            return ExternalIdentity.NotAuthorized;
        }

        return Jid.TryParse(authzId, out var jid) && jid.Local is { } local && jid.Domain == domain
            ? ExternalIdentity.Of(local)
            : ExternalIdentity.InvalidAuthzid;
    }
}
