namespace Meerkat.Xmpp.Sasl;

/// <summary>What the authentication methods of a host type can do together (AUTH-016, AUTH-021..031): true where one of them can.</summary>
public sealed record SaslSupport
{
    /// <summary>Some method checks passwords.</summary>
    public bool Plain { get; init; }

    /// <summary>The hashes for which some method has keys: with passwords stored as SCRAM those of <c>password.hash</c>, else all (AUTH-031). Empty: no SCRAM.</summary>
    public IReadOnlyCollection<ScramHash> ScramHashes { get; init; } = [];

    /// <summary>Anonymous users are let in.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Some method takes a certificate for proof.</summary>
    public bool External { get; init; }
}

/// <summary>What a stream advertises: the <c>mechanisms</c> feature and the <c>sasl-channel-binding</c> of XEP-0440.</summary>
/// <param name="Mechanisms">Names, in the order in which they are sent. Empty: the feature is left out (CORE-062).</param>
/// <param name="ChannelBindings">Types, best first. Empty: the feature is left out; it is there exactly when a <c>-PLUS</c> mechanism is (CORE-060).</param>
public sealed record SaslOffer(IReadOnlyList<string> Mechanisms, IReadOnlyList<string> ChannelBindings)
{
    /// <summary>Nothing can be chosen.</summary>
    public static SaslOffer None { get; } = new([], []);

    /// <summary>Works out what to advertise (CORE-064, CORE-065).</summary>
    /// <param name="configured">The host type's list, in its order: <see cref="SaslMechanisms.DefaultOrder"/> where none is configured. Names that are not mechanisms of ours are passed over.</param>
    /// <param name="support">What the host type's methods can do.</param>
    /// <param name="channelBinding">The TLS channel's; null without TLS, or where there is none.</param>
    /// <param name="hasVerifiedCertificate">The client showed a certificate and it was verified.</param>
    public static SaslOffer For(IEnumerable<string> configured, SaslSupport support, IChannelBinding? channelBinding, bool hasVerifiedCertificate)
    {
        var bindings = channelBinding?.Types ?? [];
        var plusOffered = false;
        var mechanisms = new List<string>();
        foreach (var name in configured.Distinct())
        {
            var isScram = SaslMechanisms.TryParseScram(name, out var hash, out var plus);
            var offered = name switch
            {
                SaslMechanisms.Plain => support.Plain, // also without TLS, where TLS is not required (CORE-067)
                SaslMechanisms.Anonymous => support.Anonymous,
                SaslMechanisms.External => support.External && hasVerifiedCertificate,
                _ => isScram && support.ScramHashes.Contains(hash) && (!plus || bindings.Count > 0),
            };
            if (offered)
            {
                mechanisms.Add(name);
                plusOffered |= plus;
            }
        }

        return new(mechanisms, plusOffered ? bindings : []);
    }

    /// <summary>Whether the variant with channel binding of this hash is offered.</summary>
    public bool OffersPlus(ScramHash hash) => Mechanisms.Contains(SaslMechanisms.Scram(hash, plus: true));
}
