namespace Meerkat.Xml;

/// <content>Start tags and end tags.</content>
internal sealed partial class XmlParser
{
    /// <summary>Parses the start tag at the place; false if it is cut (nothing has happened then).</summary>
    private bool TryStartTag(ReadOnlySpan<byte> data)
    {
        var start = _position;
        var at = EndOfName(data, start + 1, out var prefix);
        if (at < 0)
        {
            return false;
        }

        var node = _indexCount;
        Reserve(node + XmlTree.ElementWords);
        _index[node + XmlTree.Start] = start;
        _index[node + XmlTree.NameLengths] = (prefix << 16) | (at - start - 1);
        var attribute = node + XmlTree.ElementWords;
        var declarations = 0;
        var count = 0;
        bool isEmpty;
        while (true)
        {
            var nameStart = SkipSpace(data, at);
            if (nameStart == data.Length)
            {
                return false;
            }

            if (data[nameStart] == '>')
            {
                at = nameStart + 1;
                isEmpty = false;
                break;
            }

            if (data[nameStart] == '/')
            {
                if (nameStart + 1 == data.Length)
                {
                    return false;
                }

                if (data[nameStart + 1] != '>')
                {
                    Fail(XmlFault.NotWellFormed, nameStart, "'/' inside a tag");
                }

                at = nameStart + 2;
                isEmpty = true;
                break;
            }

            if (nameStart == at)
            {
                FailCharacter(data, at, "no white space before an attribute");
            }

            if (++count > Math.Min(_limits.MaxAttributes, XmlLimits.HardLimit))
            {
                Fail(XmlFault.TooManyAttributes, start, "too many attributes");
            }

            at = EndOfName(data, nameStart, out prefix);
            if (at < 0)
            {
                return false;
            }

            var nameLength = at - nameStart;
            var valueStart = StartOfValue(data, at);
            if (valueStart < 0)
            {
                return false;
            }

            at = EndOfValue(data, valueStart);
            if (at < 0)
            {
                return false;
            }

            if (nameLength >= 5 && (prefix == 5 || (prefix == 0 && nameLength == 5)) && data.Slice(nameStart, 5).SequenceEqual("xmlns"u8))
            {
                if (_declarations.Length < declarations + 4)
                {
                    Array.Resize(ref _declarations, _declarations.Length * 2);
                }

                _declarations[declarations++] = nameStart;
                _declarations[declarations++] = (prefix << 16) | nameLength;
                _declarations[declarations++] = valueStart;
                _declarations[declarations++] = at - valueStart;
            }
            else
            {
                Reserve(attribute + XmlTree.AttributeWords);
                var words = _index.AsSpan(attribute, XmlTree.AttributeWords);
                words[XmlTree.NameStart] = nameStart;
                words[XmlTree.NameLengths] = (prefix << 16) | nameLength;
                words[XmlTree.NamespaceId] = XmlNameTable.NoNamespace;
                words[XmlTree.ValueStart] = valueStart;
                words[XmlTree.ValueLength] = at - valueStart;
                attribute += XmlTree.AttributeWords;
            }

            at++;
        }

        _position = at;
        Enter(data, node, attribute, declarations, isEmpty);
        return true;
    }

    /// <summary>The start tag is complete: resolves its namespaces and puts the element on the stack (or takes it off again, if its tag was empty).</summary>
    private void Enter(ReadOnlySpan<byte> data, int node, int end, int declarations, bool isEmpty)
    {
        var start = _index[node];
        if (_depth >= _limits.MaxDepth)
        {
            Fail(XmlFault.TooDeep, start, "nested too deep");
        }

        var attributes = (end - node - XmlTree.ElementWords) / XmlTree.AttributeWords;
        if (_depth == _open.Length)
        {
            Array.Resize(ref _open, _depth * 2);
        }

        ref var open = ref _open[_depth];
        open.Node = node;
        open.Children = 0;
        open.Bindings = _scope.Count;
        open.Default = _depth == 0 ? XmlTree.ContextId : _open[_depth - 1].Default;
        open.DefaultDepth = _depth == 0 ? 0 : _open[_depth - 1].DefaultDepth;
        open.OutermostDefault = int.MaxValue;
        open.OutermostPrefix = int.MaxValue;
        _depth++;

        _indexCount = end;
        if (declarations > 0)
        {
            Declare(data, declarations / 4, ref open);
        }

        _index[node + XmlTree.Counts] = ((declarations / 4) << 16) | attributes;
        _index[node + XmlTree.ContentStart] = _position;

        var lengths = _index[node + XmlTree.NameLengths];
        if (lengths >> 16 == 0)
        {
            _index[node + XmlTree.NamespaceId] = open.Default;
            open.OutermostDefault = open.DefaultDepth;
        }
        else
        {
            _index[node + XmlTree.NamespaceId] = Resolve(data, start + 1, lengths >> 16, ref open);
        }

        if (attributes > 0)
        {
            CheckAttributes(data, node + XmlTree.ElementWords, attributes, ref open);
        }

        var opensStream = _depth == 1 && (_expectHeader || IsHeader(data, node));
        if (opensStream)
        {
            _expectHeader = true;
            HeaderIsEmpty = isEmpty;
        }

        if (isEmpty || opensStream)
        {
            Leave(_position);
        }
    }

    /// <summary>Parses the end tag at the place; false if it is cut.</summary>
    private bool TryEndTag(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> name;
        if (_depth > 0)
        {
            var node = _open[_depth - 1].Node;
            name = data.Slice(_index[node] + 1, _index[node + XmlTree.NameLengths] & 0xFFFF);
        }
        else
        {
            name = _stream is null ? default : _stream.Tag;
        }

        var start = _position;
        var rest = data[(start + 2)..];
        if (name.IsEmpty || !rest[..Math.Min(rest.Length, name.Length)].SequenceEqual(name[..Math.Min(rest.Length, name.Length)]))
        {
            Fail(XmlFault.NotWellFormed, start, "an end tag that does not match");
        }

        var at = SkipSpace(data, start + 2 + name.Length);
        if (at >= data.Length)
        {
            return false;
        }

        if (data[at] != '>')
        {
            Fail(XmlFault.NotWellFormed, start, "an end tag that does not match");
        }

        _position = at + 1;
        if (_depth > 0)
        {
            Leave(start);
        }

        return true;
    }

    /// <summary>The innermost element ends here: completes its record.</summary>
    private void Leave(int contentEnd)
    {
        ref var open = ref _open[_depth - 1];
        var words = _index.AsSpan(open.Node, XmlTree.ElementWords);
        words[XmlTree.ContentEnd] = contentEnd;
        words[XmlTree.End] = _position;
        words[XmlTree.Next] = _indexCount;
        words[XmlTree.Children] = (open.Children << 2)
            | (open.OutermostDefault < _depth ? XmlTree.UsesOuterDefault : 0)
            | (open.OutermostPrefix < _depth ? XmlTree.UsesOuterPrefix : 0);
        _scope.Leave(open.Bindings);
        _depth--;
        if (_depth > 0)
        {
            ref var parent = ref _open[_depth - 1];
            parent.Children++;
            parent.OutermostDefault = Math.Min(parent.OutermostDefault, open.OutermostDefault);
            parent.OutermostPrefix = Math.Min(parent.OutermostPrefix, open.OutermostPrefix);
        }
    }

    private void Reserve(int words)
    {
        if (words > _index.Length)
        {
            Array.Resize(ref _index, Math.Max(words, _index.Length * 2));
        }
    }
}
