namespace Meerkat.Xml;

/// <summary>What was read is not XML, or not XML that we accept. Thrown by the framer and by <see cref="XmlElement"/>'s parsing only.</summary>
public sealed class XmlFormatException : Exception
{
    /// <summary>Nothing is known but that it is wrong.</summary>
    public XmlFormatException()
        : this(XmlFault.NotWellFormed, 0, "not well-formed")
    {
    }

    /// <summary>Not well-formed, for the given reason.</summary>
    public XmlFormatException(string message)
        : this(XmlFault.NotWellFormed, 0, message)
    {
    }

    /// <summary>Not well-formed, for the given reason and cause.</summary>
    public XmlFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The fault, where it is, and in words (which never repeat what the peer sent).</summary>
    public XmlFormatException(XmlFault fault, long offset, string message)
        : base($"{message} (byte {offset})")
    {
        Fault = fault;
        Offset = offset;
    }

    /// <summary>Why it was refused.</summary>
    public XmlFault Fault { get; }

    /// <summary>Where: bytes from the start of the document or stream, from 0. Exact for a character that must not be there, else the start of the tag or element concerned.</summary>
    public long Offset { get; }
}
