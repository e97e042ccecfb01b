using System.Buffers;
using System.Text;

namespace Meerkat.Xml;

/// <content>Writing an element where other namespaces are in scope.</content>
public readonly partial struct XmlElement
{
    /// <summary>Writes the element so that it means the same where <paramref name="context"/> is the default namespace in scope and no prefix is declared.</summary>
    /// <remarks>A copy of <see cref="Raw"/> when that means the same there already, which is nearly always; else the start tag gets the declarations that it lacks.</remarks>
    public void WriteTo(IBufferWriter<byte> output, string context)
    {
        var flags = _tree.Word(_node, XmlTree.Children) & (XmlTree.UsesOuterDefault | XmlTree.UsesOuterPrefix);
        if (flags == 0 || (flags == XmlTree.UsesOuterDefault && _tree.OuterDefault(_node) == context))
        {
            output.Write(Raw);
            return;
        }

        WriteCompleted(output, context);
    }

    /// <summary>Whether its own start tag declares namespaces, that of the default namespace included.</summary>
    public bool HasDeclarations => _tree.DeclarationCount(_node) > 0;

    /// <summary>Writes the declarations <c> xmlns:p='..'</c> of this element's own start tag, as they stand, each with a space before it; never that of the default namespace.
    /// Usually nothing.</summary>
    /// <remarks>For who writes another start tag around <see cref="InnerRaw"/>. It also needs <see cref="DefaultNamespace"/> to be in scope there.</remarks>
    public void WritePrefixDeclarations(IBufferWriter<byte> output)
    {
        var declaration = _tree.FirstDeclaration(_node);
        for (var left = _tree.DeclarationCount(_node); left > 0; left--, declaration += XmlTree.AttributeWords)
        {
            if (!_tree.DeclaredPrefix(declaration).IsEmpty)
            {
                output.Write(" "u8);
                output.Write(_tree.AttributeRaw(declaration));
            }
        }
    }

    /// <summary>The element as self-contained XML; "" for <c>default</c>.</summary>
    public override string ToString()
    {
        if (IsDefault)
        {
            return "";
        }

        using var output = new PooledBuffer();
        WriteTo(output, "");
        return Encoding.UTF8.GetString(output.Written);
    }

    /// <summary>The element as self-contained XML, in UTF-8.</summary>
    public byte[] ToUtf8()
    {
        using var output = new PooledBuffer();
        WriteTo(output, "");
        return output.Written.ToArray();
    }

    /// <summary>Writes <c> xmlns:p='ns'</c>, or <c> xmlns='ns'</c> for an empty prefix.</summary>
    internal static void WriteDeclaration(IBufferWriter<byte> output, ReadOnlySpan<byte> prefix, string ns)
    {
        output.Write(prefix.IsEmpty ? " xmlns"u8 : " xmlns:"u8);
        output.Write(prefix);
        output.Write("='"u8);
        XmlEscape.WriteAttribute(output, ns);
        output.Write("'"u8);
    }

    private void WriteCompleted(IBufferWriter<byte> output, string context)
    {
        var name = _tree.QualifiedName(_node);
        output.Write("<"u8);
        output.Write(name);
        if (_tree.Has(_node, XmlTree.UsesOuterDefault) && _tree.OuterDefault(_node) is var outer && outer != context)
        {
            WriteDeclaration(output, default, outer);
        }

        WriteOuterPrefixes(output);
        output.Write(Raw[(1 + name.Length)..]);
    }

    /// <summary>Declares the prefixes that come from elements around this one.</summary>
    private void WriteOuterPrefixes(IBufferWriter<byte> output)
    {
        if (!_tree.Has(_node, XmlTree.UsesOuterPrefix))
        {
            return;
        }

        foreach (var declaration in _tree.OuterPrefixDeclarations(_node))
        {
            output.Write(" "u8);
            output.Write(_tree.AttributeRaw(declaration));
        }
    }
}
