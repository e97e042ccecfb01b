using System.Diagnostics.CodeAnalysis;

namespace Meerkat.Xml;

/// <summary>Writes a new element once, in the form in which parsed ones are.</summary>
/// <remarks>
/// Single use, not thread-safe. Text is escaped, and characters that XML 1.0 does not allow become U+FFFD. Names are the program's own and are not escaped: a name that is none, or an
/// attribute given twice, makes <see cref="Build"/> throw. The root's namespace is not declared in its start tag but remembered as the context, so that the element is written without
/// a declaration where that namespace is the default already.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Build gives the rented array back; one that is never built leaves it to the garbage collector.")]
public sealed class XmlBuilder
{
    private readonly PooledBuffer _output = new();
    private readonly List<Open> _open = [];
    private readonly string _context;
    private bool _inTag;
    private bool _isBuilt;

    /// <summary>Starts an element; "" is no namespace.</summary>
    public XmlBuilder(string name, string ns)
    {
        _context = ns;
        Start(name, ns);
    }

    private readonly record struct Open(string Name, string Namespace);

    /// <summary>An attribute of the element that was started last. Null is left out.</summary>
    /// <exception cref="InvalidOperationException">The element has content already.</exception>
    public XmlBuilder Attribute(string name, string? value)
    {
        if (!_inTag)
        {
            throw new InvalidOperationException("An attribute must come before the content.");
        }

        if (value is not null)
        {
            _output.Append(" "u8);
            _output.Append(name);
            _output.Append("='"u8);
            XmlEscape.WriteAttribute(_output, value);
            _output.Append("'"u8);
        }

        return this;
    }

    /// <summary>The language of the element's text: <c>xml:lang</c>. Null is left out.</summary>
    public XmlBuilder Lang(string? value) => Attribute("xml:lang", value);

    /// <summary>Starts a child element.</summary>
    /// <param name="name">Local name.</param>
    /// <param name="ns">Namespace; null for that of the element around it.</param>
    public XmlBuilder Start(string name, string? ns = null)
    {
        var around = _open.Count == 0 ? _context : _open[^1].Namespace;
        if (_open.Count > 0)
        {
            CloseTag();
        }
        else if (_output.Length > 0)
        {
            throw new InvalidOperationException("The root element has ended.");
        }

        _output.Append("<"u8);
        _output.Append(name);
        if (ns is not null && ns != around)
        {
            XmlElement.WriteDeclaration(_output, default, ns);
        }

        _open.Add(new(name, ns ?? around));
        _inTag = true;
        return this;
    }

    /// <summary>Ends the element that was started last.</summary>
    public XmlBuilder End()
    {
        var open = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        if (_inTag)
        {
            _output.Append("/>"u8);
            _inTag = false;
            return this;
        }

        _output.Append("</"u8);
        _output.Append(open.Name);
        _output.Append(">"u8);
        return this;
    }

    /// <summary>A whole child element in the namespace of the element around it, with text or empty.</summary>
    public XmlBuilder Element(string name, string? text = null) => Start(name).Text(text).End();

    /// <summary>A whole child element with text, or empty if that is null.</summary>
    public XmlBuilder Element(string name, string ns, string? text) => Start(name, ns).Text(text).End();

    /// <summary>Character data. Null or "" is nothing.</summary>
    public XmlBuilder Text(string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            CloseTag();
            XmlEscape.WriteText(_output, text);
        }

        return this;
    }

    /// <summary>An element that exists already.</summary>
    public XmlBuilder Add(XmlElement child)
    {
        CloseTag();
        child.WriteTo(_output, _open[^1].Namespace);
        return this;
    }

    /// <summary>Elements that exist already.</summary>
    public XmlBuilder Add(IEnumerable<XmlElement> children)
    {
        foreach (var child in children)
        {
            Add(child);
        }

        return this;
    }

    /// <summary>Ends what is open and gives the root element. The builder is spent then.</summary>
    /// <exception cref="XmlFormatException">A name is none, or an attribute was given twice.</exception>
    public XmlElement Build()
    {
        ObjectDisposedException.ThrowIf(_isBuilt, this);
        while (_open.Count > 0)
        {
            End();
        }

        _isBuilt = true;
        try
        {
            return new(XmlDocument.ParseOwn(_output.Written, _context), 0);
        }
        finally
        {
            _output.Dispose();
        }
    }

    private void CloseTag()
    {
        if (_open.Count == 0)
        {
            throw new InvalidOperationException("The root element has ended.");
        }

        if (_inTag)
        {
            _output.Append(">"u8);
            _inTag = false;
        }
    }
}
