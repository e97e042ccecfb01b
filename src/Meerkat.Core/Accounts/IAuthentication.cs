using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>Who may log in to a host type, and how: what streams and routing ask of its authentication methods. Safe for concurrent use.</summary>
public interface IAuthentication
{
    /// <summary>How EXTERNAL finds a user in a certificate (AUTH-089).</summary>
    ExternalMapping External { get; }

    /// <summary>What a stream advertises (CORE-064, CORE-065).</summary>
    /// <param name="channelBinding">The channel bindings of its TLS connection; null without TLS.</param>
    /// <param name="hasVerifiedCertificate">Whether the client has a certificate that passed verification.</param>
    SaslOffer Offer(IChannelBinding? channelBinding, bool hasVerifiedCertificate);

    /// <summary>Starts one attempt to log in.</summary>
    /// <param name="domain">The domain of the stream.</param>
    /// <param name="allowedMethods">Names of the methods that may let the user in; null for all (AUTH-005).</param>
    LoginAttempt StartLogin(string domain, IReadOnlySet<string>? allowedMethods);

    /// <summary>Whether the account exists in a method that stores accounts (AUTH-011, CORE-155).</summary>
    ValueTask<bool> ExistsStoredAsync(BareJid account, CancellationToken ct);
}
