using System.Runtime.CompilerServices;

namespace Meerkat.Xml;

/// <summary>The bytes of one element and an index over them. Immutable; shared by every <see cref="XmlElement"/> in it.</summary>
/// <remarks>
/// The index is a sequence of records in document order. An element takes <see cref="ElementWords"/> words, followed by its attributes and then its namespace declarations, of
/// <see cref="AttributeWords"/> words each, followed by its child elements. A node is named by the place of its record; the root is node 0.
/// </remarks>
internal sealed class XmlTree
{
    internal const int ElementWords = 9;
    internal const int AttributeWords = 5;

    // Words of an element. Offsets are into Bytes.
    internal const int Start = 0;         // of '<'
    internal const int NameLengths = 1;   // prefix << 16 | whole name; of an attribute too
    internal const int NamespaceId = 2;   // of an attribute too (a declaration: what it binds)
    internal const int ContentStart = 3;  // behind the start tag
    internal const int ContentEnd = 4;    // the end tag; an empty-element tag has ContentStart = ContentEnd = End
    internal const int End = 5;
    internal const int Next = 6;          // the place behind the last descendant
    internal const int Counts = 7;        // declarations << 16 | attributes
    internal const int Children = 8;      // child elements << 2 | flags

    // Words of an attribute that differ.
    internal const int NameStart = 0;
    internal const int ValueStart = 3;
    internal const int ValueLength = 4;

    /// <summary>The element or a descendant takes its namespace from a default declared outside the element, or from there being none.</summary>
    internal const int UsesOuterDefault = 1;

    /// <summary>The element or a descendant uses a prefix that is declared outside the element.</summary>
    internal const int UsesOuterPrefix = 2;

    /// <summary>The namespace id that stands for <see cref="Context"/>. Ids from 0 are of <see cref="XmlNames"/>, those below this one are in <see cref="_namespaces"/>.</summary>
    internal const int ContextId = -1;

    private readonly string[]? _namespaces;

    internal XmlTree(byte[] bytes, int[] index, string context, string[]? namespaces)
    {
        Bytes = bytes;
        Index = index;
        Context = context;
        _namespaces = namespaces;
    }

    internal byte[] Bytes { get; }

    internal int[] Index { get; }

    /// <summary>The default namespace that the root inherited from where it stood: the one thing about a tree that its bytes do not say. No prefix is ever inherited.</summary>
    internal string Context { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Word(int node, int word) => Index[node + word];

    internal ReadOnlySpan<byte> Span(int start, int end) => Bytes.AsSpan(start, end - start);

    internal bool Has(int node, int flag) => (Index[node + Children] & flag) != 0;

    internal int ChildCount(int node) => Index[node + Children] >> 2;

    internal int AttributeCount(int node) => Index[node + Counts] & 0xFFFF;

    internal int DeclarationCount(int node) => Index[node + Counts] >> 16;

    internal static int FirstAttribute(int node) => node + ElementWords;

    internal int FirstDeclaration(int node) => node + ElementWords + (AttributeCount(node) * AttributeWords);

    internal int FirstChild(int node) => node + ElementWords + ((AttributeCount(node) + DeclarationCount(node)) * AttributeWords);

    /// <summary>The namespace with that id.</summary>
    internal string Namespace(int id) => id >= 0 ? XmlNames.Table.Texts[id] : id == ContextId ? Context : _namespaces![-2 - id];

    internal string NamespaceOf(int node) => Namespace(Index[node + NamespaceId]);

    /// <summary>Name as written, prefix included.</summary>
    internal ReadOnlySpan<byte> QualifiedName(int node) => Bytes.AsSpan(Index[node + Start] + 1, Index[node + NameLengths] & 0xFFFF);

    internal ReadOnlySpan<byte> LocalName(int node) => Local(Index[node + Start] + 1, Index[node + NameLengths]);

    internal ReadOnlySpan<byte> Prefix(int node) => Bytes.AsSpan(Index[node + Start] + 1, Index[node + NameLengths] >> 16);

    internal ReadOnlySpan<byte> AttributeQualifiedName(int attribute) => Bytes.AsSpan(Index[attribute], Index[attribute + NameLengths] & 0xFFFF);

    internal ReadOnlySpan<byte> AttributeLocalName(int attribute) => Local(Index[attribute], Index[attribute + NameLengths]);

    internal ReadOnlySpan<byte> AttributePrefix(int attribute) => Bytes.AsSpan(Index[attribute], Index[attribute + NameLengths] >> 16);

    internal ReadOnlySpan<byte> AttributeValue(int attribute) => Bytes.AsSpan(Index[attribute + ValueStart], Index[attribute + ValueLength]);

    /// <summary>The attribute as it stands, from the first byte of its name to its closing quote.</summary>
    internal ReadOnlySpan<byte> AttributeRaw(int attribute) => Span(Index[attribute], Index[attribute + ValueStart] + Index[attribute + ValueLength] + 1);

    /// <summary>The declared prefix; empty for the default namespace.</summary>
    internal ReadOnlySpan<byte> DeclaredPrefix(int declaration)
    {
        var name = AttributeQualifiedName(declaration);
        return name.Length == 5 ? default : name[6..];
    }

    /// <summary>The declaration of a prefix (empty: of the default namespace) on this very start tag, or -1.</summary>
    internal int FindDeclaration(int node, ReadOnlySpan<byte> prefix)
    {
        var declaration = FirstDeclaration(node);
        for (var left = DeclarationCount(node); left > 0; left--, declaration += AttributeWords)
        {
            if (DeclaredPrefix(declaration).SequenceEqual(prefix))
            {
                return declaration;
            }
        }

        return -1;
    }

    /// <summary>The attribute of this name without a namespace, or -1.</summary>
    internal int FindAttribute(int node, string name)
    {
        var attribute = FirstAttribute(node);
        for (var left = AttributeCount(node); left > 0; left--, attribute += AttributeWords)
        {
            if (Index[attribute + NameLengths] >> 16 == 0 && XmlNames.AreEqual(AttributeQualifiedName(attribute), name))
            {
                return attribute;
            }
        }

        return -1;
    }

    /// <summary>The default namespace in scope where the element stands, not counting its own declaration.</summary>
    internal string OuterDefault(int node)
    {
        if (node == 0)
        {
            return Context;
        }

        if (Word(node, NameLengths) >> 16 == 0 && FindDeclaration(node, default) < 0)
        {
            return NamespaceOf(node);
        }

        var found = Context;
        for (var at = 0; at != node; at = ChildTowards(at, node))
        {
            var declaration = FindDeclaration(at, default);
            if (declaration >= 0)
            {
                found = Namespace(Word(declaration, NamespaceId));
            }
        }

        return found;
    }

    /// <summary>The default namespace in scope for the element's content.</summary>
    internal string InnerDefault(int node)
    {
        var declaration = FindDeclaration(node, default);
        return declaration >= 0 ? Namespace(Word(declaration, NamespaceId)) : OuterDefault(node);
    }

    /// <summary>The declarations above an element of prefixes that it or its descendants use, innermost only, without those that its own start tag replaces.</summary>
    internal List<int> OuterPrefixDeclarations(int node)
    {
        var found = new List<int>();
        for (var at = 0; at != node; at = ChildTowards(at, node))
        {
            var declaration = FirstDeclaration(at);
            for (var left = DeclarationCount(at); left > 0; left--, declaration += AttributeWords)
            {
                var prefix = DeclaredPrefix(declaration);
                for (var i = found.Count - 1; i >= 0; i--)
                {
                    if (DeclaredPrefix(found[i]).SequenceEqual(prefix))
                    {
                        found.RemoveAt(i);
                    }
                }

                if (!prefix.IsEmpty && FindDeclaration(node, prefix) < 0 && UsesPrefix(node, prefix))
                {
                    found.Add(declaration);
                }
            }
        }

        return found;
    }

    /// <summary>Whether the element or a descendant has the prefix in its name or in an attribute's, wherever the prefix was declared.</summary>
    internal bool UsesPrefix(int node, ReadOnlySpan<byte> prefix)
    {
        for (var at = node; at < Word(node, Next); at = FirstChild(at))
        {
            if (Prefix(at).SequenceEqual(prefix))
            {
                return true;
            }

            var attribute = FirstAttribute(at);
            for (var left = AttributeCount(at); left > 0; left--, attribute += AttributeWords)
            {
                if (AttributePrefix(attribute).SequenceEqual(prefix))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private int ChildTowards(int node, int descendant)
    {
        var child = FirstChild(node);
        while (Word(child, Next) <= descendant)
        {
            child = Word(child, Next);
        }

        return child;
    }

    private ReadOnlySpan<byte> Local(int start, int lengths)
    {
        var prefix = lengths >> 16;
        var skip = prefix == 0 ? 0 : prefix + 1;
        return Bytes.AsSpan(start + skip, (lengths & 0xFFFF) - skip);
    }
}
