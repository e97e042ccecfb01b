using System.Text;
using System.Xml;

namespace Meerkat.Xml.Tests;

/// <summary>What <see cref="XmlReader"/> makes of a document.</summary>
internal sealed class XmlReaderOracle
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>The tree as text; null if the document was refused.</summary>
    internal string? Tree { get; private set; }

    /// <summary>Whether it saw a comment or a processing instruction.</summary>
    internal bool SawRestricted { get; private set; }

    internal static XmlReaderOracle Read(byte[] document)
    {
        var oracle = new XmlReaderOracle();
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(document), Settings);
            oracle.Tree = oracle.ReadTree(reader);
        }
        catch (XmlException)
        {
        }

        return oracle;
    }

    /// <summary>The same text for a tree of ours.</summary>
    internal static string Describe(XmlElement element)
    {
        var text = new StringBuilder();
        Describe(element, text);
        return text.ToString();
    }

    private static void Describe(XmlElement element, StringBuilder text)
    {
        Node(text, element.Name, element.Namespace, element.Attributes.Select(a => (a.Name, a.Namespace, a.Value)), element.Text);
        foreach (var child in element.Children)
        {
            Describe(child, text);
        }

        text.Append(')');
    }

    private static void Node(StringBuilder text, string name, string ns, IEnumerable<(string Name, string Namespace, string Value)> attributes, string content)
    {
        text.Append('(').Append('{').Append(ns).Append('}').Append(name);
        foreach (var attribute in attributes.Order())
        {
            text.Append(" {").Append(attribute.Namespace).Append('}').Append(attribute.Name).Append("=\"").Append(attribute.Value).Append('"');
        }

        text.Append(" \"").Append(content).Append('"');
    }

    private string ReadTree(XmlReader reader)
    {
        var open = new Stack<Element>();
        var document = new StringBuilder();
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    var element = new Element(reader.LocalName, reader.NamespaceURI);
                    var isEmpty = reader.IsEmptyElement;
                    while (reader.MoveToNextAttribute())
                    {
                        if (reader.NamespaceURI != XmlNames.XmlnsNamespace)
                        {
                            element.Attributes.Add((reader.LocalName, reader.NamespaceURI, reader.Value));
                        }
                    }

                    open.Push(element);
                    if (isEmpty)
                    {
                        Close(open, document);
                    }

                    break;
                case XmlNodeType.EndElement:
                    Close(open, document);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    if (open.TryPeek(out var around))
                    {
                        around.Text.Append(reader.Value);
                    }

                    break;
                case XmlNodeType.Comment or XmlNodeType.ProcessingInstruction:
                    SawRestricted = true;
                    break;
            }
        }

        return document.ToString();
    }

    private static void Close(Stack<Element> open, StringBuilder document)
    {
        var closed = open.Pop();
        var text = open.TryPeek(out var parent) ? parent.Children : document;
        Node(text, closed.Name, closed.Namespace, closed.Attributes, closed.Text.ToString());
        text.Append(closed.Children).Append(')');
    }

    private sealed record Element(string Name, string Namespace)
    {
        internal List<(string Name, string Namespace, string Value)> Attributes { get; } = [];

        internal StringBuilder Text { get; } = new();

        internal StringBuilder Children { get; } = new();
    }
}
