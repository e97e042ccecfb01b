using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>Which addresses an IQ handler serves.</summary>
public enum IqTarget
{
    /// <summary>The domain itself.</summary>
    Domain,

    /// <summary>The requester's own account; others get <c>forbidden</c>.</summary>
    OwnAccount,

    /// <summary>Any local account's bare JID, whoever asks: the handler decides.</summary>
    Account,
}

/// <summary>Answers an IQ request.</summary>
public delegate ValueTask<IqReply> IqHandler(IqRequest request, CancellationToken ct);

/// <summary>An IQ get or set that a handler answers.</summary>
/// <param name="host">Host type that serves it.</param>
/// <param name="iq">The stanza.</param>
/// <param name="payload">Its first child.</param>
/// <param name="origin">The local session that sent it; null when it came from elsewhere.</param>
public sealed class IqRequest(HostType host, Iq iq, XmlElement payload, Session? origin)
{
    /// <summary>Host type that serves it.</summary>
    public HostType Host { get; } = host;

    /// <summary>The stanza.</summary>
    public Iq Iq { get; } = iq;

    /// <summary>Its first child.</summary>
    public XmlElement Payload { get; } = payload;

    /// <summary>The local session that sent it; null when it came from a service, a component or another server.</summary>
    public Session? Origin { get; } = origin;

    /// <summary>Get or set.</summary>
    public IqType Type => Iq.Type;

    /// <summary>The requester.</summary>
    public Jid From => Iq.From!;

    /// <summary>The address asked: a domain or an account.</summary>
    public Jid To => Iq.To!;

    /// <summary>The account asked; for a request to a domain, the domain's own address.</summary>
    public BareJid Account => Iq.To!.Bare;

    /// <summary>Whether the requester asks its own account.</summary>
    public bool IsOwn => Iq.From!.Bare.Equals(Iq.To!.Bare);
}

/// <summary>What a handler answers.</summary>
public readonly record struct IqReply
{
    private IqReply(XmlElement? payload, StanzaError? error, bool isDeferred)
    {
        Payload = payload;
        Failure = error;
        IsDeferred = isDeferred;
    }

    /// <summary>Payload of the result; null for an empty one.</summary>
    public XmlElement? Payload { get; }

    /// <summary>The error; null for a result.</summary>
    public StanzaError? Failure { get; }

    /// <summary>The handler has answered, or will, by itself.</summary>
    public bool IsDeferred { get; }

    /// <summary>Runs after the answer was sent; null for nothing.</summary>
    public Func<ValueTask>? Afterwards { get; init; }

    /// <summary>The handler has answered, or will, by itself.</summary>
    public static IqReply Deferred { get; } = new(null, null, true);

    /// <summary>A result.</summary>
    public static IqReply Result(XmlElement? payload = null) => new(payload, null, false);

    /// <summary>An error; the request's payload goes back with it.</summary>
    public static IqReply Error(StanzaError error) => new(null, error, false);
}
