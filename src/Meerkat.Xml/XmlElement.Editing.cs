using System.Buffers;
using System.Text;

namespace Meerkat.Xml;

/// <content>Parsing, and making new elements out of old ones.</content>
public readonly partial struct XmlElement
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Parses one document.</summary>
    /// <param name="xml">The XML; a declaration and white space around the element are tolerated.</param>
    /// <param name="context">The default namespace of an element that does not declare one.</param>
    /// <exception cref="XmlFormatException">It is not XML that we accept, or beyond the default limits.</exception>
    public static XmlElement Parse(string xml, string context = "")
    {
        byte[] utf8;
        try
        {
            utf8 = StrictUtf8.GetBytes(xml);
        }
        catch (EncoderFallbackException unpaired)
        {
            throw new XmlFormatException(XmlFault.BadEncoding, unpaired.Index, "a lone surrogate");
        }

        return Parse(utf8, context);
    }

    /// <summary>Parses one document.</summary>
    /// <param name="utf8">The XML in UTF-8, without a byte order mark; a declaration and white space around the element are tolerated.</param>
    /// <param name="context">The default namespace of an element that does not declare one.</param>
    /// <param name="limits">What is allowed; null for <see cref="XmlLimits.Default"/>.</param>
    /// <exception cref="XmlFormatException">It is not XML that we accept, or beyond the limits.</exception>
    public static XmlElement Parse(ReadOnlySpan<byte> utf8, string context = "", XmlLimits? limits = null) => new(XmlDocument.Parse(utf8, context, limits ?? XmlLimits.Default), 0);

    /// <summary>Parses one document; false, and <c>default</c>, where <see cref="Parse(ReadOnlySpan{byte}, string, XmlLimits?)"/> would throw.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out XmlElement element, string context = "", XmlLimits? limits = null)
    {
        try
        {
            element = Parse(utf8, context, limits);
            return true;
        }
        catch (XmlFormatException)
        {
            element = default;
            return false;
        }
    }

    /// <summary>The same element in a tree of its own, so that it does not keep the whole alive that it was part of. The root of a tree is returned as it is.</summary>
    public XmlElement Detach()
    {
        if (_node == 0)
        {
            return this;
        }

        var context = _tree.OuterDefault(_node);
        if (!_tree.Has(_node, XmlTree.UsesOuterPrefix))
        {
            return Own(Raw, context);
        }

        using var output = new PooledBuffer();
        WriteTo(output, context);
        return Own(output.Written, context);
    }

    /// <summary>The same start tag around these children, and no text.</summary>
    public XmlElement WithChildren(IEnumerable<XmlElement> children)
    {
        using var output = new PooledBuffer();
        WriteStart(output, null);
        output.Write(">"u8);
        var inner = DefaultNamespace;
        foreach (var child in children)
        {
            child.WriteTo(output, inner);
        }

        return Finish(output);
    }

    /// <summary>The same element with one more child behind its content.</summary>
    public XmlElement With(XmlElement child)
    {
        using var output = new PooledBuffer();
        WriteStart(output, null);
        output.Write(">"u8);
        output.Write(InnerRaw);
        child.WriteTo(output, DefaultNamespace);
        return Finish(output);
    }

    /// <summary>The same element without the children that match; text and the other children stay as they are. Returns this element when nothing matches.</summary>
    public XmlElement Without(Func<XmlElement, bool> child)
    {
        using var output = new PooledBuffer();
        var from = _tree.Word(_node, XmlTree.ContentStart);
        var found = false;
        foreach (var candidate in Children)
        {
            if (!child(candidate))
            {
                continue;
            }

            if (!found)
            {
                WriteStart(output, null);
                output.Write(">"u8);
                found = true;
            }

            output.Write(_tree.Span(from, _tree.Word(candidate._node, XmlTree.Start)));
            from = _tree.Word(candidate._node, XmlTree.End);
        }

        if (!found)
        {
            return this;
        }

        output.Write(_tree.Span(from, _tree.Word(_node, XmlTree.ContentEnd)));
        return Finish(output);
    }

    /// <summary>The same element with an attribute (without a namespace) set, or removed if the value is null. Returns this element when there is nothing to remove.</summary>
    public XmlElement WithAttribute(string name, string? value)
    {
        if (value is null && _tree.FindAttribute(_node, name) < 0)
        {
            return this;
        }

        using var output = new PooledBuffer();
        WriteStart(output, name);
        if (value is not null)
        {
            output.Write(" "u8);
            Encoding.UTF8.GetBytes(name, output);
            output.Write("='"u8);
            XmlEscape.WriteAttribute(output, value);
            output.Write("'"u8);
        }

        if (InnerRaw.IsEmpty)
        {
            output.Write("/>"u8);
            return Own(output.Written, _tree.OuterDefault(_node));
        }

        output.Write(">"u8);
        output.Write(InnerRaw);
        return Finish(output);
    }

    private static XmlElement Own(ReadOnlySpan<byte> utf8, string context) => new(XmlDocument.ParseOwn(utf8, context), 0);

    /// <summary>Writes the start tag up to where another attribute could stand, without one attribute, and with the prefixes that come from outside.</summary>
    private void WriteStart(IBufferWriter<byte> output, string? without)
    {
        output.Write("<"u8);
        output.Write(_tree.QualifiedName(_node));
        WriteOuterPrefixes(output);
        var left = without is null ? -1 : _tree.FindAttribute(_node, without);
        var end = _tree.FirstChild(_node);
        for (var attribute = XmlTree.FirstAttribute(_node); attribute < end; attribute += XmlTree.AttributeWords)
        {
            if (attribute != left)
            {
                output.Write(" "u8);
                output.Write(_tree.AttributeRaw(attribute));
            }
        }
    }

    private XmlElement Finish(PooledBuffer output)
    {
        output.Write("</"u8);
        output.Write(_tree.QualifiedName(_node));
        output.Write(">"u8);
        return Own(output.Written, _tree.OuterDefault(_node));
    }
}
