using System.Buffers;
using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>A message, a presence or an IQ: a header (addresses, type, id) over an immutable element that all recipients share.</summary>
/// <remarks>
/// What differs by recipient is not in the element: <see cref="To"/> and <see cref="From"/> are the header's, and <see cref="Appended"/> holds
/// what the server added (a stanza id, a delay). <see cref="WriteTo"/> puts them together, so that a broadcast shares its payload bytes.
/// Immutable and safe for concurrent use. RFC 6120 §8.
/// </remarks>
public abstract class Stanza
{
    private string? _id;

    private protected Stanza(StanzaHeader header)
    {
        Element = header.Element;
        To = header.To;
        From = header.From;
        HasId = header.HasId;
        Appended = header.Appended;
    }

    private protected Stanza(Stanza other, Jid? from, Jid? to, Appendix? appended)
    {
        Element = other.Element;
        From = from;
        To = to;
        HasId = other.HasId;
        _id = other._id;
        Appended = appended;
    }

    /// <summary>The element as it came: its <c>to</c> and <c>from</c> are superseded by the header's.</summary>
    public XmlElement Element { get; }

    /// <summary>The recipient, or null when the stanza had none.</summary>
    public Jid? To { get; }

    /// <summary>The sender. Stamped by the session for a client's stanza, and never trusted from the wire.</summary>
    public Jid? From { get; }

    /// <summary>Whether there is an <c>id</c>, even an empty one.</summary>
    public bool HasId { get; }

    /// <summary>The <c>id</c>, or null when the stanza has none.</summary>
    public string? Id => HasId ? _id ??= Element.Attribute("id") : null;

    /// <summary><c>xml:lang</c>, or null when the stanza has none.</summary>
    public string? Lang => Element.Attribute("lang", XmlNames.XmlNamespace);

    /// <summary>Whether this is an error: nothing may answer it with an error (RFC 6120 §8.3.1).</summary>
    public abstract bool IsError { get; }

    /// <summary><c>message</c>, <c>presence</c> or <c>iq</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What the server added behind the payload, newest first; null when nothing.</summary>
    public Appendix? Appended { get; }

    /// <summary>The first child of that name, of the element or of what was appended; null when there is none.</summary>
    public XmlElement? Child(string name, string ns)
    {
        if (Element.Child(name, ns) is { } found)
        {
            return found;
        }

        for (var next = Appended; next is not null; next = next.Next)
        {
            if (next.Element.Is(name, ns))
            {
                return next.Element;
            }
        }

        return null;
    }

    /// <summary>Whether there is a child of that name.</summary>
    public bool Has(string name, string ns) => Child(name, ns) is not null;

    /// <summary>The same stanza with other addresses; payload and id are shared.</summary>
    public abstract Stanza Readdress(Jid? from, Jid? to);

    /// <summary>The same stanza with one more element behind its payload.</summary>
    public abstract Stanza Append(XmlElement element);

    /// <summary>The same header over another element, whose own <c>to</c> and <c>from</c> do not matter. What was appended stays.</summary>
    public abstract Stanza WithElement(XmlElement element);

    /// <summary>Writes the stanza for a stream whose default namespace is <paramref name="context"/>.</summary>
    /// <remarks>A content namespace (client, server, component) becomes the stream's own; with an empty context the element declares <c>jabber:client</c> itself (RFC 7395 §3.3.3).</remarks>
    /// <param name="output">Where the bytes go.</param>
    /// <param name="context">Default namespace in scope on that stream; empty when there is none.</param>
    public void WriteTo(IBufferWriter<byte> output, string context) => StanzaWriter.Write(this, output, context);

    /// <summary>The whole stanza as one element in <c>jabber:client</c>: for forwarding, storing and showing.</summary>
    public XmlElement ToElement()
    {
        var buffer = new ArrayBufferWriter<byte>(Element.Raw.Length + 256);
        StanzaWriter.Write(this, buffer, "");
        // The limits were for what the client sent; the server's own addresses and appendix may take it over them.
        return XmlElement.Parse(buffer.WrittenSpan, "", XmlLimits.Unlimited);
    }

    /// <summary>The XML text. For tests and debugging, never for a log.</summary>
    public override string ToString() => ToElement().ToString();

    private protected StanzaHeader HeaderOver(XmlElement element) => new(element, From, To, Appended);

    /// <summary>A list of elements behind a payload, newest first.</summary>
    /// <param name="Element">What was appended.</param>
    /// <param name="Next">What was appended before it.</param>
    public sealed record Appendix(XmlElement Element, Appendix? Next);
}
