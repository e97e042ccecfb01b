using System.Buffers;

namespace Meerkat.Xml;

/// <summary>The prefixes in scope while one element is parsed, and the namespaces that its tree will name. Scratch of a parser, reused.</summary>
internal sealed class XmlNamespaceScope
{
    private const int RecentNamespaces = 8;

    private readonly List<string> _namespaces = [];
    private Binding[] _bindings = new Binding[8];
    private int _count;
    private StreamScope? _outer;

    /// <summary>A declared prefix, its bytes by their place in the element, and the depth of the element that declared it.</summary>
    private readonly record struct Binding(int PrefixStart, int PrefixLength, int NamespaceId, int Depth);

    /// <summary>How many declarations are in scope, to come back to when an element ends.</summary>
    internal int Count => _count;

    internal void Begin(StreamScope? outer)
    {
        _outer = outer;
        _count = 0;
        _namespaces.Clear();
    }

    internal void Declare(int prefixStart, int prefixLength, int namespaceId, int depth)
    {
        if (_count == _bindings.Length)
        {
            Array.Resize(ref _bindings, _count * 2);
        }

        _bindings[_count++] = new(prefixStart, prefixLength, namespaceId, depth);
    }

    internal void Leave(int count) => _count = count;

    /// <summary>What a prefix means here, and the depth that says so: 0 for the stream header. False if it is not declared.</summary>
    internal bool TryResolve(ReadOnlySpan<byte> data, ReadOnlySpan<byte> prefix, out int namespaceId, out int depth)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            ref readonly var binding = ref _bindings[i];
            if (binding.PrefixLength == prefix.Length && data.Slice(binding.PrefixStart, binding.PrefixLength).SequenceEqual(prefix))
            {
                (namespaceId, depth) = (binding.NamespaceId, binding.Depth);
                return true;
            }
        }

        depth = 0;
        if (_outer is not null)
        {
            foreach (var outer in _outer.Prefixes)
            {
                if (prefix.SequenceEqual(outer.Name))
                {
                    namespaceId = Id(outer.Namespace);
                    return true;
                }
            }
        }

        namespaceId = 0;
        return false;
    }

    /// <summary>The id of the namespace that an attribute value names.</summary>
    internal int Id(ReadOnlySpan<byte> rawValue)
    {
        var id = XmlNames.Table.Find(rawValue);
        if (id >= 0)
        {
            return id;
        }

        if (rawValue.IndexOfAny("&\r\n\t"u8) < 0)
        {
            return Unknown(rawValue);
        }

        var rented = ArrayPool<byte>.Shared.Rent(rawValue.Length);
        var decoded = rented.AsSpan(0, XmlText.DecodeAttribute(rawValue, rented));
        id = XmlNames.Table.Find(decoded);
        id = id >= 0 ? id : Unknown(decoded);
        ArrayPool<byte>.Shared.Return(rented);
        return id;
    }

    /// <summary>The namespace with an id; <see cref="XmlTree.ContextId"/> has none here.</summary>
    internal string Text(int id) => id >= 0 ? XmlNames.Table.Texts[id] : _namespaces[-2 - id];

    /// <summary>Those that are not well known, for the tree; null if there are none.</summary>
    internal string[]? Unknown() => _namespaces.Count == 0 ? null : [.. _namespaces];

    private int Id(string ns)
    {
        Span<byte> utf8 = stackalloc byte[256];
        if (System.Text.Encoding.UTF8.TryGetBytes(ns, utf8, out var length))
        {
            return Id(utf8[..length], ns);
        }

        _namespaces.Add(ns);
        return -1 - _namespaces.Count;
    }

    private int Unknown(ReadOnlySpan<byte> utf8) => Id(utf8, null);

    /// <summary>Only the last few are compared, so that a peer cannot make this quadratic: one namespace may have more than one id.</summary>
    private int Id(ReadOnlySpan<byte> utf8, string? text)
    {
        var known = text is null ? -1 : XmlNames.Table.Find(utf8);
        if (known >= 0)
        {
            return known;
        }

        for (var i = _namespaces.Count - 1; i >= Math.Max(0, _namespaces.Count - RecentNamespaces); i--)
        {
            if (XmlNames.AreEqual(utf8, _namespaces[i]))
            {
                return -2 - i;
            }
        }

        _namespaces.Add(text ?? System.Text.Encoding.UTF8.GetString(utf8));
        return -1 - _namespaces.Count;
    }
}
