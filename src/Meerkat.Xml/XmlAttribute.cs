namespace Meerkat.Xml;

/// <summary>One attribute of an <see cref="XmlElement"/>: a small value that points into its tree.</summary>
public readonly struct XmlAttribute
{
    private readonly XmlTree _tree;
    private readonly int _attribute;

    internal XmlAttribute(XmlTree tree, int attribute)
    {
        _tree = tree;
        _attribute = attribute;
    }

    /// <summary>Local name.</summary>
    public string Name => XmlNames.Text(_tree.AttributeLocalName(_attribute));

    /// <summary>Namespace; "" for none, as of every attribute without a prefix.</summary>
    public string Namespace => _tree.Namespace(_tree.Word(_attribute, XmlTree.NamespaceId));

    /// <summary>Value, decoded and normalised (XML 1.0 §3.3.3).</summary>
    public string Value => XmlText.Attribute(RawValue);

    /// <summary>Name as written, prefix included.</summary>
    public ReadOnlySpan<byte> RawName => _tree.AttributeQualifiedName(_attribute);

    /// <summary>What stands between the quotes.</summary>
    public ReadOnlySpan<byte> RawValue => _tree.AttributeValue(_attribute);

    /// <summary>The attribute as it stands: <c>name='value'</c>.</summary>
    public ReadOnlySpan<byte> Raw => _tree.AttributeRaw(_attribute);

    /// <summary>Whether the attribute has this local name and namespace. Allocates nothing.</summary>
    public bool Is(string name, string ns) => XmlNames.AreEqual(_tree.AttributeLocalName(_attribute), name) && Namespace == ns;
}
