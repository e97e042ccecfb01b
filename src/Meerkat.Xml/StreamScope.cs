namespace Meerkat.Xml;

/// <summary>What a stream header leaves behind for the elements in it: its name, and the namespaces it declared. Immutable, and shared by the streams whose headers agree, since
/// nearly all do.</summary>
internal sealed class StreamScope
{
    private const int SharedCount = 16;

    /// <summary>Scopes seen of late, by hash. A race or a stranger only costs the sharing.</summary>
    private static readonly StreamScope?[] Shared = new StreamScope?[SharedCount];

    private StreamScope(byte[] tag, string name, string ns, string defaultNamespace, Prefix[] prefixes)
    {
        Tag = tag;
        Name = name;
        Namespace = ns;
        DefaultNamespace = defaultNamespace;
        Prefixes = prefixes;
    }

    internal readonly record struct Prefix(byte[] Name, string Namespace);

    /// <summary>The root's name as written: the end tag must be the same.</summary>
    internal byte[] Tag { get; }

    internal string Name { get; }

    internal string Namespace { get; }

    internal string DefaultNamespace { get; }

    /// <summary>The prefixes that the header declared.</summary>
    internal Prefix[] Prefixes { get; }

    /// <summary>The scope that a header opens.</summary>
    internal static StreamScope Of(XmlTree header)
    {
        var defaultNamespace = header.InnerDefault(0);
        ref var slot = ref Shared[(uint)HashCode.Combine(defaultNamespace.Length, header.QualifiedName(0).Length, header.DeclarationCount(0)) % SharedCount];
        var shared = slot;
        if (shared is not null && shared.IsOf(header, defaultNamespace))
        {
            return shared;
        }

        var prefixes = new List<Prefix>();
        var declaration = header.FirstDeclaration(0);
        for (var left = header.DeclarationCount(0); left > 0; left--, declaration += XmlTree.AttributeWords)
        {
            var prefix = header.DeclaredPrefix(declaration);
            if (!prefix.IsEmpty)
            {
                prefixes.Add(new(prefix.ToArray(), header.Namespace(header.Word(declaration, XmlTree.NamespaceId))));
            }
        }

        return slot = new(header.QualifiedName(0).ToArray(), XmlNames.Text(header.LocalName(0)), header.NamespaceOf(0), defaultNamespace, [.. prefixes]);
    }

    private bool IsOf(XmlTree header, string defaultNamespace)
    {
        if (DefaultNamespace != defaultNamespace || Namespace != header.NamespaceOf(0) || !header.QualifiedName(0).SequenceEqual(Tag))
        {
            return false;
        }

        var declaration = header.FirstDeclaration(0);
        var next = 0;
        for (var left = header.DeclarationCount(0); left > 0; left--, declaration += XmlTree.AttributeWords)
        {
            var prefix = header.DeclaredPrefix(declaration);
            if (prefix.IsEmpty)
            {
                continue;
            }

            if (next == Prefixes.Length || !prefix.SequenceEqual(Prefixes[next].Name) || Prefixes[next].Namespace != header.Namespace(header.Word(declaration, XmlTree.NamespaceId)))
            {
                return false;
            }

            next++;
        }

        return next == Prefixes.Length;
    }
}
