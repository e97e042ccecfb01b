using System.Buffers;
using System.Net.WebSockets;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Connections.WebSockets;

/// <summary>A stream over a WebSocket (RFC 7395): each element is a message of its own, and says its namespace itself.</summary>
/// <param name="socket">The WebSocket.</param>
/// <param name="facts">Facts of the connection.</param>
public sealed class WebSocketTransport(WebSocket socket, TransportFacts facts) : ITransport, IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly List<int> _ends = [];
    private readonly CancellationTokenSource _aborted = new();
    private readonly NetworkTraffic _traffic = NetworkTraffic.Of(facts.Kind);
    private int _finished;

    /// <inheritdoc/>
    public TransportFacts Facts => facts;

    /// <inheritdoc/>
    public bool CanStartTls => false; // RFC 7395 §3.9

    /// <inheritdoc/>
    public int Unflushed => _buffer.WrittenCount;

    /// <summary>What is counted of WebSockets.</summary>
    internal NetworkTraffic Traffic => _traffic;

    /// <summary>Cancelled when the transport is over: the reader need not wait any more.</summary>
    internal CancellationToken Aborted => _aborted.Token;

    /// <summary>Whether our side has sent everything that it will.</summary>
    internal bool IsFinished => Volatile.Read(ref _finished) != 0;

    /// <inheritdoc/>
    public bool IsStreamHeader(XmlElement header, string defaultNamespace) => header.Is("open", Ns.Framing);

    /// <inheritdoc/>
    public void WriteHeader(StreamHeader header) => WriteMessage(new XmlBuilder("open", Ns.Framing)
        .Attribute("from", header.From)
        .Attribute("to", header.To)
        .Attribute("id", header.Id)
        .Attribute("version", "1.0")
        .Lang(header.Lang)
        .Build());

    /// <inheritdoc/>
    public void Write(Stanza stanza)
    {
        stanza.WriteTo(_buffer, "");
        _ends.Add(_buffer.WrittenCount);
    }

    /// <inheritdoc/>
    public void Write(XmlElement element) => WriteMessage(element);

    /// <inheritdoc/>
    public void WriteEnd() => WriteMessage(new XmlBuilder("close", Ns.Framing).Build());

    /// <inheritdoc/>
    public async ValueTask<bool> FlushAsync(CancellationToken ct)
    {
        _traffic.Sent(_buffer.WrittenCount);
        var start = 0;
        foreach (var end in _ends)
        {
            await socket.SendAsync(_buffer.WrittenMemory[start..end], WebSocketMessageType.Text, endOfMessage: true, ct);
            start = end;
        }

        _ends.Clear();
        _buffer.ResetWrittenCount();
        return true;
    }

    /// <inheritdoc/>
    public void Finish()
    {
        Volatile.Write(ref _finished, 1);
        _aborted.CancelAfter(TimeSpan.FromSeconds(2)); // the peer gets a moment to close its side
    }

    /// <inheritdoc/>
    public void Abort()
    {
        Volatile.Write(ref _finished, 1);
        _aborted.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _aborted.Dispose();

    private void WriteMessage(XmlElement element)
    {
        element.WriteTo(_buffer, "");
        _ends.Add(_buffer.WrittenCount);
    }
}
