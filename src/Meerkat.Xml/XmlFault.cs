namespace Meerkat.Xml;

/// <summary>Why a document or a stream was refused.</summary>
public enum XmlFault
{
    /// <summary>Not well-formed XML 1.0 with namespaces.</summary>
    NotWellFormed,

    /// <summary>Well-formed, but outside the restricted XML of RFC 6120 §11.1: a DTD, a processing instruction, a comment, or an entity other than the five predefined ones.</summary>
    Restricted,

    /// <summary>Not UTF-8.</summary>
    BadEncoding,

    /// <summary>An element is larger than <c>XmlLimits.MaxElementBytes</c>.</summary>
    TooBig,

    /// <summary>Elements are nested deeper than <c>XmlLimits.MaxDepth</c>.</summary>
    TooDeep,

    /// <summary>An element has more attributes than <c>XmlLimits.MaxAttributes</c>.</summary>
    TooManyAttributes,

    /// <summary>A name is longer than <c>XmlLimits.MaxNameBytes</c>.</summary>
    NameTooLong,
}
