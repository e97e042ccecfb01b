using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Xmpp.Sasl;

/// <summary>What an exchange needs to know about the stream that it runs on.</summary>
/// <param name="Domain">The domain of the stream (its <c>to</c>), prepared.</param>
/// <param name="Credentials">Where accounts are asked for.</param>
/// <param name="Offer">What was advertised on this stream: only that can be chosen (CORE-068), and a client that says that it saw less is refused (CORE-079).</param>
public sealed record SaslContext(string Domain, ISaslCredentials Credentials, SaslOffer Offer)
{
    /// <summary>The TLS channel's binding data; null without TLS or where the transport gives none (BOSH, WebSocket).</summary>
    public IChannelBinding? ChannelBinding { get; init; }

    /// <summary>The client's certificate if it sent one <b>and</b> it was verified (CORE-065, CORE-081); else null.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>How EXTERNAL finds a user in a certificate (AUTH-089).</summary>
    public ExternalMapping External { get; init; } = ExternalMapping.Default;

    /// <summary>What is shown for accounts that do not exist.</summary>
    public ScramDecoy Decoy { get; init; } = ScramDecoy.Process;

    /// <summary>Makes the server's part of a SCRAM nonce: 16 random octets in base64 (CORE-076). Test vectors need theirs.</summary>
    internal Func<string> CreateNonce { get; init; } = static () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
}
