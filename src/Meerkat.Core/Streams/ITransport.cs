using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Streams;

/// <summary>What a stream writes to: TCP, a WebSocket, an in-memory pipe. One writer at a time: the <see cref="Outbox"/>.</summary>
/// <remarks>The writing methods put bytes into a buffer and never wait; <see cref="FlushAsync"/> does.</remarks>
public interface ITransport
{
    /// <summary>Who is at the other end, and how it is reached.</summary>
    TransportFacts Facts { get; }

    /// <summary>Whether <c>starttls</c> can still be offered here.</summary>
    bool CanStartTls { get; }

    /// <summary>Whether the header opens a stream of this kind: right name and namespaces (CORE-027, CORE-270).</summary>
    bool IsStreamHeader(XmlElement header, string defaultNamespace);

    /// <summary>Writes our own stream header.</summary>
    void WriteHeader(StreamHeader header);

    /// <summary>Writes a stanza.</summary>
    void Write(Stanza stanza);

    /// <summary>Writes an element that is no stanza.</summary>
    void Write(XmlElement element);

    /// <summary>Writes the end of the stream.</summary>
    void WriteEnd();

    /// <summary>Hands what was written to the operating system. Waits while the peer is slower than we are.</summary>
    /// <returns>False when the connection is gone: nothing that is written arrives any more.</returns>
    ValueTask<bool> FlushAsync(CancellationToken ct);

    /// <summary>Bytes written and not yet flushed.</summary>
    int Unflushed { get; }

    /// <summary>How long a flush may take before the peer counts as gone (CORE-011); infinite where the transport watches over that itself.</summary>
    TimeSpan SendTimeout => Outbox.SendTimeout;

    /// <summary>Stanzas that were written and certainly never reached the peer, in order; they are the caller's from now on. The stream is over.</summary>
    IReadOnlyList<Stanza> TakeUnsent() => [];

    /// <summary>Ends our direction after what was flushed has left; the reader sees the end when the peer closes, or a short while later.</summary>
    void Finish();

    /// <summary>Ends the transport at once. Whoever reads from it sees the end. Idempotent, from any thread.</summary>
    void Abort();
}

/// <summary>Our stream header (CORE-018).</summary>
/// <param name="From">The domain that is served.</param>
/// <param name="To">The client's address, once it is known.</param>
/// <param name="Id">A fresh random id.</param>
/// <param name="Lang">Language of the stream.</param>
public sealed record StreamHeader(string From, string? To, string Id, string Lang)
{
    /// <summary>Writes it as RFC 6120 has it: an XML declaration and the start tag of a stream of clients.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        output.Write("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='"u8);
        output.Write(Encoding.ASCII.GetBytes(Id));
        output.Write("' from='"u8);
        XmlEscape.WriteAttribute(output, From);
        if (To is not null)
        {
            output.Write("' to='"u8);
            XmlEscape.WriteAttribute(output, To);
        }

        output.Write("' xml:lang='"u8);
        XmlEscape.WriteAttribute(output, Lang);
        output.Write("'>"u8);
    }
}

/// <summary>Facts of a connection.</summary>
/// <param name="Kind"><c>tcp</c>, <c>tls</c>, <c>websocket</c> or <c>memory</c>, as shown to administrators.</param>
/// <param name="Remote">Address of the peer: the one that the PROXY header told where there was one (CORE-007); null when it has none.</param>
/// <param name="IsEncrypted">Whether TLS is active.</param>
public sealed record TransportFacts(string Kind, IPEndPoint? Remote, bool IsEncrypted)
{
    /// <summary>Channel bindings of the TLS connection; null without TLS.</summary>
    public IChannelBinding? ChannelBinding { get; init; }

    /// <summary>The client's certificate, if it has one that passed verification; else null.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>TLS version and cipher suite, for administrators; null without TLS.</summary>
    public string? TlsDescription { get; init; }
}
