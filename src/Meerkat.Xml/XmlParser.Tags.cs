using System.Buffers;
using System.Text;

namespace Meerkat.Xml;

/// <content>Start tags and end tags.</content>
internal sealed partial class XmlParser
{
    private const int MostDeclarationsPerAttributeLimit = 4;

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

    /// <summary>The end of the qualified name that starts at a place, and the length of its prefix (0: none); -1 if the bytes end first.</summary>
    private int EndOfName(ReadOnlySpan<byte> data, int start, out int prefix)
    {
        prefix = 0;
        var at = EndOfPart(data, start);
        if (at >= 0 && at < data.Length && data[at] == ':')
        {
            prefix = at - start;
            at = EndOfPart(data, at + 1);
        }

        if ((at < 0 ? data.Length : at) - start > Math.Min(_limits.MaxNameBytes, XmlLimits.HardLimit))
        {
            Fail(XmlFault.NameTooLong, start, "a name too long");
        }

        return at;
    }

    /// <summary>The end of a name without colons; -1 if the bytes end before it does.</summary>
    private int EndOfPart(ReadOnlySpan<byte> data, int start)
    {
        var classes = XmlChars.Classes;
        var wanted = XmlChars.NameStartFlag;
        var at = start;
        while ((uint)at < (uint)data.Length)
        {
            var b = data[at];
            if ((classes[b] & wanted) != 0)
            {
                at++;
            }
            else if (b < 0x80)
            {
                break;
            }
            else
            {
                var status = Rune.DecodeFromUtf8(data[at..], out var rune, out var length);
                if (status is OperationStatus.NeedMoreData)
                {
                    return -1;
                }

                if (status is not OperationStatus.Done)
                {
                    Fail(XmlFault.BadEncoding, at, "not UTF-8");
                }

                if (!(at == start ? XmlChars.IsNameStart(rune.Value) : XmlChars.IsName(rune.Value)))
                {
                    break;
                }

                at += length;
            }

            wanted = XmlChars.NameFlag;
        }

        if (at == data.Length)
        {
            return -1;
        }

        if (at == start)
        {
            FailCharacter(data, at, "a name was expected");
        }

        return at;
    }

    /// <summary>Behind the opening quote of the value of the attribute whose name ends at a place; -1 if the bytes end first.</summary>
    private int StartOfValue(ReadOnlySpan<byte> data, int at)
    {
        at = SkipSpace(data, at);
        if (at == data.Length)
        {
            return -1;
        }

        if (data[at] != '=')
        {
            FailCharacter(data, at, "'=' was expected");
        }

        at = SkipSpace(data, at + 1);
        if (at == data.Length)
        {
            return -1;
        }

        if (data[at] is not ((byte)'\'' or (byte)'"'))
        {
            FailCharacter(data, at, "a quote was expected");
        }

        return at + 1;
    }

    /// <summary>The closing quote of the value that starts at a place; -1 if the bytes end first.</summary>
    private int EndOfValue(ReadOnlySpan<byte> data, int start)
    {
        var quote = data[start - 1];
        var stops = quote == '\'' ? XmlChars.AposStops : XmlChars.QuotStops;
        var at = start;
        while (true)
        {
            var run = data[at..].IndexOfAny(stops);
            if (run < 0)
            {
                return -1;
            }

            at += run;
            if (data[at] == quote)
            {
                return at;
            }

            if (data[at] != '&')
            {
                Fail(XmlFault.NotWellFormed, at, "a character that an attribute value cannot have");
            }

            at = EndOfReference(data, at);
            if (at < 0)
            {
                return -1;
            }
        }
    }

    private static int SkipSpace(ReadOnlySpan<byte> data, int at)
    {
        while ((uint)at < (uint)data.Length && (XmlChars.Classes[data[at]] & XmlChars.SpaceFlag) != 0)
        {
            at++;
        }

        return at;
    }

    private void Reserve(int words)
    {
        if (words > _index.Length)
        {
            Array.Resize(ref _index, Math.Max(words, _index.Length * 2));
        }
    }
}
