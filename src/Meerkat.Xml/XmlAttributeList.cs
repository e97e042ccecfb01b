using System.Collections;

namespace Meerkat.Xml;

/// <summary>The attributes of an element in document order, without namespace declarations. <c>foreach</c> allocates nothing.</summary>
public readonly struct XmlAttributeList : IReadOnlyList<XmlAttribute>
{
    private readonly XmlTree _tree;
    private readonly int _node;

    internal XmlAttributeList(XmlTree tree, int node)
    {
        _tree = tree;
        _node = node;
    }

    /// <summary>How many there are.</summary>
    public int Count => _tree.AttributeCount(_node);

    /// <summary>The attribute at a place, from 0.</summary>
    public XmlAttribute this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return new(_tree, XmlTree.FirstAttribute(_node) + (index * XmlTree.AttributeWords));
        }
    }

    /// <summary>Walks the attributes.</summary>
    public Enumerator GetEnumerator() => new(_tree, _node);

    IEnumerator<XmlAttribute> IEnumerable<XmlAttribute>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Walks the attributes of an element.</summary>
    public struct Enumerator : IEnumerator<XmlAttribute>
    {
        private readonly XmlTree _tree;
        private readonly int _node;
        private int _index;

        internal Enumerator(XmlTree tree, int node)
        {
            _tree = tree;
            _node = node;
            _index = -1;
        }

        /// <inheritdoc/>
        public readonly XmlAttribute Current => new(_tree, XmlTree.FirstAttribute(_node) + (_index * XmlTree.AttributeWords));

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => ++_index < _tree.AttributeCount(_node);

        /// <inheritdoc/>
        public void Reset() => _index = -1;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
