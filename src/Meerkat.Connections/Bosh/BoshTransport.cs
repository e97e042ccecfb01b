using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Connections.Bosh;

/// <summary>A stream over BOSH: what is written waits in the session until a request is there to take it.</summary>
/// <param name="session">The session.</param>
/// <param name="facts">Facts of the connection on which the session began.</param>
internal sealed class BoshTransport(BoshSession session, TransportFacts facts) : ITransport
{
    /// <inheritdoc/>
    public TransportFacts Facts => facts;

    /// <inheritdoc/>
    public bool CanStartTls => false; // XEP-0206 §4

    /// <inheritdoc/>
    public int Unflushed => session.Waiting;

    /// <inheritdoc/>
    public TimeSpan SendTimeout => Timeout.InfiniteTimeSpan; // a client may pause; how long it may be away is the session's to watch

    /// <inheritdoc/>
    public bool IsStreamHeader(XmlElement header, string defaultNamespace) => header.Is("open", Ns.Framing);

    /// <inheritdoc/>
    public void WriteHeader(StreamHeader header)
    {
        // XEP-0206 §3: there is none; the session's first answer has what a client needs of it.
    }

    /// <inheritdoc/>
    public void Write(Stanza stanza) => session.Write(stanza, stanza.Element.Raw.Length);

    /// <inheritdoc/>
    public void Write(XmlElement element) => session.Write(element, element.Raw.Length);

    /// <inheritdoc/>
    public void WriteEnd() => session.WriteEnd();

    /// <inheritdoc/>
    public ValueTask<bool> FlushAsync(CancellationToken ct)
    {
        var waiting = session.FlushAsync();
        return waiting.IsCompletedSuccessfully ? new ValueTask<bool>(true) : WaitAsync(waiting);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Stanza> TakeUnsent() => session.TakeUnsent();

    /// <inheritdoc/>
    public void Finish() => session.Lose();

    /// <inheritdoc/>
    public void Abort() => session.End(BoshCondition.PolicyViolation);

    // Of what no request fetches any more TakeUnsent knows.
    private static async ValueTask<bool> WaitAsync(ValueTask waiting)
    {
        await waiting;
        return true;
    }
}
