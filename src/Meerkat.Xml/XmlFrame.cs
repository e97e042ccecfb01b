namespace Meerkat.Xml;

/// <summary>What a stream is made of.</summary>
public enum XmlFrameKind
{
    /// <summary>The start tag of the root element: a stream header.</summary>
    StreamStart,

    /// <summary>A whole child of the root element.</summary>
    Element,

    /// <summary>The end tag of the root element.</summary>
    StreamEnd,
}

/// <summary>One piece of a stream, as <see cref="XmlFramer"/> reports it.</summary>
public readonly struct XmlFrame
{
    /// <summary>A piece: also for transports that are cut into messages already (RFC 7395).</summary>
    /// <param name="kind">Which piece.</param>
    /// <param name="element">The element.</param>
    public XmlFrame(XmlFrameKind kind, XmlElement element)
    {
        Kind = kind;
        Element = element;
    }

    /// <summary>Which piece.</summary>
    public XmlFrameKind Kind { get; }

    /// <summary>The element; of a <see cref="XmlFrameKind.StreamStart"/> the header's name, namespace and attributes without children; default of a
    /// <see cref="XmlFrameKind.StreamEnd"/>.</summary>
    public XmlElement Element { get; }
}
