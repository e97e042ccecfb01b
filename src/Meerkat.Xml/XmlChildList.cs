using System.Collections;

namespace Meerkat.Xml;

/// <summary>The child elements of an element in document order. <c>foreach</c> allocates nothing; as an interface it is boxed.</summary>
public readonly struct XmlChildList : IReadOnlyList<XmlElement>
{
    private readonly XmlTree _tree;
    private readonly int _node;

    internal XmlChildList(XmlTree tree, int node)
    {
        _tree = tree;
        _node = node;
    }

    /// <summary>How many there are. Known without counting.</summary>
    public int Count => _tree.ChildCount(_node);

    /// <summary>The child at a place, from 0. Walks from the first: enumerate where there may be many.</summary>
    public XmlElement this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var child = _tree.FirstChild(_node);
            for (; index > 0; index--)
            {
                child = _tree.Word(child, XmlTree.Next);
            }

            return new(_tree, child);
        }
    }

    /// <summary>The children as an array.</summary>
    public XmlElement[] ToArray()
    {
        var all = new XmlElement[Count];
        var next = 0;
        foreach (var child in this)
        {
            all[next++] = child;
        }

        return all;
    }

    /// <summary>Walks the children.</summary>
    public Enumerator GetEnumerator() => new(_tree, _node);

    IEnumerator<XmlElement> IEnumerable<XmlElement>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Walks the child elements of an element.</summary>
    public struct Enumerator : IEnumerator<XmlElement>
    {
        private readonly XmlTree _tree;
        private readonly int _parent;
        private int _next;
        private int _current;

        internal Enumerator(XmlTree tree, int parent)
        {
            _tree = tree;
            _parent = parent;
            _next = tree.FirstChild(parent);
        }

        /// <inheritdoc/>
        public readonly XmlElement Current => new(_tree, _current);

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext()
        {
            if (_next >= _tree.Word(_parent, XmlTree.Next))
            {
                return false;
            }

            _current = _next;
            _next = _tree.Word(_current, XmlTree.Next);
            return true;
        }

        /// <inheritdoc/>
        public void Reset() => _next = _tree.FirstChild(_parent);

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
