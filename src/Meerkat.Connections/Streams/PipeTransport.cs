using System.Buffers;
using System.IO.Pipelines;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Connections.Streams;

/// <summary>A stream over a pair of pipes, framed by RFC 6120: TCP, TLS, or memory in tests.</summary>
/// <param name="pipe">The pipes.</param>
/// <param name="facts">Facts of the connection.</param>
/// <param name="canStartTls">Whether TLS can start here.</param>
/// <param name="abort">Ends the connection below the pipes; null when they are all there is.</param>
public sealed class PipeTransport(IDuplexPipe pipe, TransportFacts facts, bool canStartTls, Action? abort = null) : ITransport
{
    // Of the output. Who writes has it until what he wrote is flushed: a pipe that is completed under its writer gives his memory back, to be another connection's.
    private const int Idle = 0;
    private const int Busy = 1;
    private const int EndsBehindFlush = 2;
    private const int Ended = 3;

    private readonly NetworkTraffic _traffic = NetworkTraffic.Of(facts.Kind);
    private int _finished;
    private int _output;

    /// <inheritdoc/>
    public TransportFacts Facts => facts;

    /// <inheritdoc/>
    public bool CanStartTls => canStartTls;

    /// <inheritdoc/>
    public int Unflushed => (int)Math.Min(int.MaxValue, pipe.Output.UnflushedBytes);

    /// <summary>What is counted of connections like this one.</summary>
    internal NetworkTraffic Traffic => _traffic;

    /// <summary>The receiving side.</summary>
    internal PipeReader Input => pipe.Input;

    /// <summary>Whether our direction has ended: the reader need not read on.</summary>
    internal bool IsFinished => Volatile.Read(ref _finished) != 0;

    /// <inheritdoc/>
    /// <remarks>A header need not make the content namespace its default: its stanzas then name it themselves (RFC 6120 §4.8.2).</remarks>
    public bool IsStreamHeader(XmlElement header, string defaultNamespace) =>
        header.Is("stream", Ns.Stream) && defaultNamespace is Ns.Client or "" or Ns.Stream;

    /// <inheritdoc/>
    public void WriteHeader(StreamHeader header) => Write(header, static (output, header) => header.WriteTo(output));

    /// <inheritdoc/>
    public void Write(Stanza stanza) => Write(stanza, static (output, stanza) => stanza.WriteTo(output, Ns.Client));

    /// <inheritdoc/>
    public void Write(XmlElement element) => Write(element, WriteElement);

    /// <inheritdoc/>
    public void WriteEnd() => Write(0, static (output, _) => output.Write("</stream:stream>"u8));

    /// <inheritdoc/>
    public ValueTask<bool> FlushAsync(CancellationToken ct)
    {
        _traffic.Sent(pipe.Output.UnflushedBytes);
        Interlocked.CompareExchange(ref _output, Busy, Idle);
        ValueTask<FlushResult> flushing;
        try
        {
            flushing = pipe.Output.FlushAsync(ct);
        }
        catch
        {
            Flushed();
            throw;
        }

        if (!flushing.IsCompletedSuccessfully)
        {
            return FlushedAsync(flushing);
        }

        var arrives = Arrives(flushing.Result);
        Flushed();
        return new ValueTask<bool>(arrives);
    }

    /// <inheritdoc/>
    public void Finish()
    {
        if (Interlocked.Exchange(ref _finished, 1) == 0)
        {
            EndOutput();
            pipe.Input.CancelPendingRead();
        }
    }

    /// <inheritdoc/>
    public void Abort()
    {
        Volatile.Write(ref _finished, 1);
        abort?.Invoke();
        pipe.Input.CancelPendingRead();
    }

    private static void WriteElement(PipeWriter output, XmlElement element)
    {
        if (!element.IsIn(Ns.Stream))
        {
            element.WriteTo(output, Ns.Client);
            return;
        }

        // RFC 6120 §4.8.5: the elements of the stream itself carry its prefix.
        output.Write("<stream:"u8);
        XmlEscape.WriteText(output, element.Name);
        output.Write(">"u8);
        foreach (var child in element.Children)
        {
            child.WriteTo(output, Ns.Client);
        }

        output.Write("</stream:"u8);
        XmlEscape.WriteText(output, element.Name);
        output.Write(">"u8);
    }

    // Nothing is written behind an end that somebody has asked for.
    private void Write<T>(T what, Action<PipeWriter, T> write)
    {
        var state = Interlocked.CompareExchange(ref _output, Busy, Idle);
        if (state is EndsBehindFlush)
        {
            Flushed();
        }

        if (state is EndsBehindFlush or Ended)
        {
            throw new InvalidOperationException("The output has ended.");
        }

        try
        {
            write(pipe.Output, what);
        }
        catch
        {
            Flushed();
            throw;
        }
    }

    // The rest of what was written goes out with the end, and TLS writes one thing at a time: a write that is under way comes first.
    private void EndOutput()
    {
        while (Interlocked.CompareExchange(ref _output, Ended, Idle) is var state && state != Idle)
        {
            if (state != Busy || Interlocked.CompareExchange(ref _output, EndsBehindFlush, Busy) == Busy)
            {
                return;
            }
        }

        pipe.Output.Complete();
    }

    // Whoever takes the bytes has gone: they, and all that come behind them, lead nowhere.
    private static bool Arrives(FlushResult flushed) => !flushed.IsCompleted && !flushed.IsCanceled;

    private async ValueTask<bool> FlushedAsync(ValueTask<FlushResult> flushing)
    {
        try
        {
            return Arrives(await flushing);
        }
        finally
        {
            Flushed();
        }
    }

    private void Flushed()
    {
        if (Interlocked.CompareExchange(ref _output, Idle, Busy) == EndsBehindFlush)
        {
            _output = Ended;
            pipe.Output.Complete();
        }
    }
}
