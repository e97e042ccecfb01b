namespace Meerkat.Xml;

/// <content>What the names in a start tag mean.</content>
internal sealed partial class XmlParser
{
    private const int MostDeclarationsPerAttributeLimit = 4;

    /// <summary>Resolves the declarations of one start tag and puts them into the index behind its attributes.</summary>
    private void Declare(ReadOnlySpan<byte> data, int count, ref Open open)
    {
        if ((long)_scope.Count + count > (long)_limits.MaxAttributes * MostDeclarationsPerAttributeLimit)
        {
            Fail(XmlFault.TooManyAttributes, _index[open.Node], "too many namespace declarations");
        }

        for (var i = 0; i < count; i++)
        {
            var words = _declarations.AsSpan(i * 4, 4);
            var (nameStart, lengths, valueStart, valueLength) = (words[0], words[1], words[2], words[3]);
            var prefixStart = lengths >> 16 == 0 ? nameStart + 5 : nameStart + 6;
            var prefix = data[prefixStart..(nameStart + (lengths & 0xFFFF))];
            var id = _scope.Id(data.Slice(valueStart, valueLength));
            CheckDeclaration(prefix, id, nameStart);
            for (var earlier = 0; earlier < i; earlier++)
            {
                if (_declarations[(earlier * 4) + 1] == lengths && data.Slice(_declarations[earlier * 4], lengths & 0xFFFF).SequenceEqual(data.Slice(nameStart, lengths & 0xFFFF)))
                {
                    Fail(XmlFault.NotWellFormed, nameStart, "a namespace declared twice");
                }
            }

            if (prefix.IsEmpty)
            {
                open.Default = id;
                open.DefaultDepth = _depth;
            }
            else
            {
                _scope.Declare(prefixStart, prefix.Length, id, _depth);
            }

            Reserve(_indexCount + XmlTree.AttributeWords);
            var record = _index.AsSpan(_indexCount, XmlTree.AttributeWords);
            record[XmlTree.NameStart] = nameStart;
            record[XmlTree.NameLengths] = lengths;
            record[XmlTree.NamespaceId] = id;
            record[XmlTree.ValueStart] = valueStart;
            record[XmlTree.ValueLength] = valueLength;
            _indexCount += XmlTree.AttributeWords;
        }
    }

    /// <summary>Namespaces in XML 1.0 §3: who may be bound to what.</summary>
    private void CheckDeclaration(ReadOnlySpan<byte> prefix, int id, int at)
    {
        var isXml = prefix.SequenceEqual("xml"u8);
        if (prefix.SequenceEqual("xmlns"u8) || id == XmlNameTable.XmlnsNamespace || isXml != (id == XmlNameTable.XmlNamespace))
        {
            Fail(XmlFault.NotWellFormed, at, "a reserved prefix or namespace is bound");
        }

        if (!prefix.IsEmpty && id == XmlNameTable.NoNamespace)
        {
            Fail(XmlFault.NotWellFormed, at, "a prefix is bound to nothing");
        }
    }

    /// <summary>Resolves the prefixes of attributes; no two may have one name, as written or as meant.</summary>
    private void CheckAttributes(ReadOnlySpan<byte> data, int first, int count, ref Open open)
    {
        var prefixed = 0;
        for (var i = 0; i < count; i++)
        {
            var words = _index.AsSpan(first + (i * XmlTree.AttributeWords), XmlTree.AttributeWords);
            var lengths = words[XmlTree.NameLengths];
            var name = data.Slice(words[XmlTree.NameStart], lengths & 0xFFFF);
            if (lengths >> 16 != 0)
            {
                words[XmlTree.NamespaceId] = Resolve(data, words[XmlTree.NameStart], lengths >> 16, ref open);
                prefixed++;
            }

            for (var j = 0; j < i; j++)
            {
                var other = _index.AsSpan(first + (j * XmlTree.AttributeWords), XmlTree.AttributeWords);
                if (other[XmlTree.NameLengths] == lengths && data.Slice(other[XmlTree.NameStart], name.Length).SequenceEqual(name))
                {
                    Fail(XmlFault.NotWellFormed, words[XmlTree.NameStart], "an attribute given twice");
                }

                if (prefixed > 1 && lengths >> 16 != 0 && other[XmlTree.NamespaceId] != XmlNameTable.NoNamespace
                    && Local(data, other).SequenceEqual(Local(data, words)) && AreSame(other[XmlTree.NamespaceId], words[XmlTree.NamespaceId]))
                {
                    Fail(XmlFault.NotWellFormed, words[XmlTree.NameStart], "an attribute given twice under two prefixes");
                }
            }
        }
    }

    private static ReadOnlySpan<byte> Local(ReadOnlySpan<byte> data, ReadOnlySpan<int> attribute)
    {
        var prefix = attribute[XmlTree.NameLengths] >> 16;
        return data.Slice(attribute[XmlTree.NameStart], attribute[XmlTree.NameLengths] & 0xFFFF)[(prefix == 0 ? 0 : prefix + 1)..];
    }

    private bool AreSame(int id, int other) => id == other || (id < 0 && other < 0 && _scope.Text(id) == _scope.Text(other));

    private int Resolve(ReadOnlySpan<byte> data, int start, int length, ref Open open)
    {
        var prefix = data.Slice(start, length);
        if (length == 3 && prefix.SequenceEqual("xml"u8))
        {
            return XmlNameTable.XmlNamespace;
        }

        if (!_scope.TryResolve(data, prefix, out var id, out var depth))
        {
            Fail(XmlFault.NotWellFormed, start, "a prefix that is not declared");
        }

        open.OutermostPrefix = Math.Min(open.OutermostPrefix, depth);
        return id;
    }

    /// <summary>Whether a start tag has the name of the stream's root: then a stream is opened anew, in a stream.</summary>
    private bool IsHeader(ReadOnlySpan<byte> data, int node)
    {
        if (_stream is null)
        {
            return false;
        }

        var lengths = _index[node + XmlTree.NameLengths];
        var prefix = lengths >> 16;
        var local = data.Slice(_index[node] + 1, lengths & 0xFFFF)[(prefix == 0 ? 0 : prefix + 1)..];
        if (!XmlNames.AreEqual(local, _stream.Name))
        {
            return false;
        }

        var id = _index[node + XmlTree.NamespaceId];
        return (id == XmlTree.ContextId ? _stream.DefaultNamespace : _scope.Text(id)) == _stream.Namespace;
    }
}
