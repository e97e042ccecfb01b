using Meerkat.Core.Configuration;

namespace Meerkat.Core.Tls;

/// <summary>How the other side's certificate is judged (CONF-282).</summary>
public enum TlsVerifyMode
{
    /// <summary>It must be trusted.</summary>
    Peer,

    /// <summary>It may be signed by the other side itself.</summary>
    [ConfigName("selfsigned_peer")]
    SelfSignedPeer,

    /// <summary>A listener asks for none; a client takes any.</summary>
    None,
}
