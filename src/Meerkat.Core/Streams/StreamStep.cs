using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Streams;

/// <summary>What a connection does after an element was handled.</summary>
public enum StreamStep
{
    /// <summary>Reads on.</summary>
    Continue,

    /// <summary>Expects a new stream header on the same transport: authentication succeeded (RFC 6120 §6.4.6).</summary>
    Restart,

    /// <summary>Throws away what it has read, starts TLS, and expects a new stream header (RFC 6120 §5.4.3.3).</summary>
    StartTls,

    /// <summary>Reads no more.</summary>
    Close,
}

/// <summary>Answers an IQ of a client that has not authenticated.</summary>
public delegate ValueTask<IqReply> StreamIqHandler(StreamIqRequest request, CancellationToken ct);

/// <summary>An IQ of a client that has not authenticated.</summary>
/// <param name="Stream">Its stream.</param>
/// <param name="Iq">The stanza, without a sender.</param>
/// <param name="Payload">Its first child.</param>
public sealed record StreamIqRequest(ClientStream Stream, Iq Iq, XmlElement Payload);

/// <summary>Handles a top-level element that is no stanza.</summary>
public delegate ValueTask<StreamStep> NonzaHandler(NonzaContext context, CancellationToken ct);

/// <summary>A top-level element that is no stanza.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Session">The bound session; null before a resource is bound.</param>
/// <param name="Element">The element.</param>
public sealed record NonzaContext(ClientStream Stream, Session? Session, XmlElement Element);
