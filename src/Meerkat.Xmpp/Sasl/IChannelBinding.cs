namespace Meerkat.Xmpp.Sasl;

/// <summary>What ties a SASL exchange to the TLS channel that it runs in (RFC 5056): the channel's own view of itself, which an attacker in the middle cannot repeat.</summary>
/// <remarks>One instance belongs to one TLS connection and is used by one stream at a time.</remarks>
public interface IChannelBinding
{
    /// <summary>The types that this channel can give, as registered names (<see cref="ChannelBindingType"/>), best first. What is here is advertised (XEP-0440). Empty: no <c>-PLUS</c> mechanism is offered.</summary>
    IReadOnlyList<string> Types { get; }

    /// <summary>The data of one type, or false when the channel does not give that type. It may give one that is not among <see cref="Types"/>, for a client that does not read what is advertised.</summary>
    /// <param name="type">A registered name, compared exactly.</param>
    /// <param name="data">The binding data, without the <c>type:</c> prefix of some libraries.</param>
    bool TryGet(string type, out ReadOnlyMemory<byte> data);
}

/// <summary>Registered names of channel bindings.</summary>
public static class ChannelBindingType
{
    /// <summary>RFC 9266: 32 octets of exported keying material. TLS 1.3, and 1.2 with an extended master secret.</summary>
    public const string Exporter = "tls-exporter";

    /// <summary>RFC 5929 §4: a hash of the server's certificate.</summary>
    public const string ServerEndPoint = "tls-server-end-point";

    /// <summary>RFC 5929 §3: the first Finished message. Up to TLS 1.2 only.</summary>
    public const string Unique = "tls-unique";
}
