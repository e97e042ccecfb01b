using System.Buffers;
using System.Text;

namespace Meerkat.Xml;

/// <summary>An element of an immutable tree of UTF-8 XML: a small value that points into the tree, in the manner of <c>JsonElement</c>.</summary>
/// <remarks>
/// Names, attributes and text are found in the bytes when asked for; text is decoded then, every time. The tree lives as long as an element of it is held: keep a part of something
/// large by <see cref="Detach"/>. A tree is self-contained, except that an unprefixed element may take its namespace from the place where it stood; <see cref="WriteTo"/> minds that.
/// Safe for concurrent use. Every member but <see cref="IsDefault"/> and <see cref="ToString"/> wants an element that is not <c>default</c>.
/// Building and changing is in XmlElement.Editing.cs, writing in XmlElement.Writing.cs.
/// </remarks>
public readonly partial struct XmlElement
{
    private readonly XmlTree _tree;
    private readonly int _node;

    internal XmlElement(XmlTree tree, int node)
    {
        _tree = tree;
        _node = node;
    }

    /// <summary>Whether this is <c>default</c>: no element at all.</summary>
    public bool IsDefault => _tree is null;

    /// <summary>What all elements of one tree have in common, compared by reference: a key for what is known of a tree as long as anybody holds it.</summary>
    public object Tree => _tree;

    /// <summary>Local name. The registered instance if there is one (<see cref="XmlNames.Register"/>), else a new string.</summary>
    public string Name => XmlNames.Text(_tree.LocalName(_node));

    /// <summary>Namespace; "" for none. The registered instance if there is one.</summary>
    public string Namespace => _tree.NamespaceOf(_node);

    /// <summary>The default namespace in scope for the content, which need not be this element's own.</summary>
    public string DefaultNamespace => _tree.InnerDefault(_node);

    /// <summary>The attributes in document order, without namespace declarations.</summary>
    public XmlAttributeList Attributes => new(_tree, _node);

    /// <summary>The child elements in document order.</summary>
    public XmlChildList Children => new(_tree, _node);

    /// <summary>The first child element, or null.</summary>
    public XmlElement? FirstChild => _tree.ChildCount(_node) == 0 ? null : new XmlElement(_tree, _tree.FirstChild(_node));

    /// <summary>The character data that stands directly in this element, CDATA included, joined and decoded; "" when there is none.</summary>
    public string Text => _tree.ChildCount(_node) == 0 ? XmlText.Content(InnerRaw) : TextAroundChildren();

    /// <summary>The bytes as they stand, from the start tag to the end tag.</summary>
    public ReadOnlySpan<byte> Raw => _tree.Span(_tree.Word(_node, XmlTree.Start), _tree.Word(_node, XmlTree.End));

    /// <summary>The bytes between start tag and end tag; empty for an empty-element tag.</summary>
    public ReadOnlySpan<byte> InnerRaw => _tree.Span(_tree.Word(_node, XmlTree.ContentStart), _tree.Word(_node, XmlTree.ContentEnd));

    /// <summary>Whether the element has this local name and namespace. Allocates nothing.</summary>
    public bool Is(string name, string ns) => XmlNames.AreEqual(_tree.LocalName(_node), name) && _tree.NamespaceOf(_node) == ns;

    /// <summary>Whether the element is in this namespace.</summary>
    public bool IsIn(string ns) => _tree.NamespaceOf(_node) == ns;

    /// <summary>The value of an attribute without a namespace, decoded and normalised (XML 1.0 §3.3.3); null if it is not there.</summary>
    public string? Attribute(string name)
    {
        var attribute = _tree.FindAttribute(_node, name);
        return attribute < 0 ? null : XmlText.Attribute(_tree.AttributeValue(attribute));
    }

    /// <summary>The value of an attribute in a namespace, such as <c>("lang", XmlNames.XmlNamespace)</c>; null if it is not there.</summary>
    public string? Attribute(string name, string ns)
    {
        foreach (var attribute in Attributes)
        {
            if (attribute.Is(name, ns))
            {
                return attribute.Value;
            }
        }

        return null;
    }

    /// <summary>The first child element of this name and namespace, or null.</summary>
    public XmlElement? Child(string name, string ns)
    {
        foreach (var child in Children)
        {
            if (child.Is(name, ns))
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>The first child element of this local name in this element's own namespace, or null.</summary>
    public XmlElement? Child(string name) => Child(name, Namespace);

    /// <summary>The text of the first child element of this local name in this element's own namespace; null if there is none.</summary>
    public string? ChildText(string name) => Child(name)?.Text;

    /// <summary>Whether two elements mean the same: name, namespace, attributes in any order, text, and children in order. Prefixes, quotes and references do not matter.</summary>
    public static bool ValueEquals(XmlElement a, XmlElement b)
    {
        if (a.IsDefault || b.IsDefault)
        {
            return a.IsDefault && b.IsDefault;
        }

        if (!a._tree.LocalName(a._node).SequenceEqual(b._tree.LocalName(b._node)) || a.Namespace != b.Namespace
            || a.Attributes.Count != b.Attributes.Count || a.Children.Count != b.Children.Count || a.Text != b.Text)
        {
            return false;
        }

        foreach (var attribute in a.Attributes)
        {
            if (b.Attribute(attribute.Name, attribute.Namespace) != attribute.Value)
            {
                return false;
            }
        }

        var others = b.Children.GetEnumerator();
        foreach (var child in a.Children)
        {
            if (!others.MoveNext() || !ValueEquals(child, others.Current))
            {
                return false;
            }
        }

        return true;
    }

    private string TextAroundChildren()
    {
        var raw = InnerRaw;
        var rented = ArrayPool<byte>.Shared.Rent(raw.Length);
        var length = 0;
        var from = _tree.Word(_node, XmlTree.ContentStart);
        foreach (var child in Children)
        {
            length += XmlText.DecodeContent(_tree.Span(from, _tree.Word(child._node, XmlTree.Start)), rented.AsSpan(length));
            from = _tree.Word(child._node, XmlTree.End);
        }

        length += XmlText.DecodeContent(_tree.Span(from, _tree.Word(_node, XmlTree.ContentEnd)), rented.AsSpan(length));
        var text = length == 0 ? "" : Encoding.UTF8.GetString(rented, 0, length);
        ArrayPool<byte>.Shared.Return(rented);
        return text;
    }
}
