using Meerkat.Xmpp;

namespace Meerkat.Core.Tracing;

/// <summary>One element as it passed over a client's stream.</summary>
/// <param name="Stream">Names the stream: the same for all that passes over one connection, and of no other.</param>
/// <param name="Jid">Whose stream it is, the full address once a resource is bound; null before the log-in.</param>
/// <param name="Time">When it passed.</param>
/// <param name="IsFromClient">Whether the client sent it; else the server did.</param>
/// <param name="Xml">The element, or the tag that opens or closes the stream. What is secret in it is left out, and what is longer than <see cref="TrafficWatch.MaxLength"/> is cut.</param>
public sealed record TracedElement(string Stream, Jid? Jid, DateTimeOffset Time, bool IsFromClient, string Xml);
