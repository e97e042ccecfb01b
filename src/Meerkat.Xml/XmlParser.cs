using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Meerkat.Xml;

/// <summary>What a parser came to.</summary>
internal enum XmlToken
{
    /// <summary>The bytes end first: call again with the same ones and more.</summary>
    Incomplete,

    /// <summary>An XML declaration.</summary>
    Declaration,

    /// <summary>A start tag that opens a stream.</summary>
    Header,

    /// <summary>A whole element.</summary>
    Element,

    /// <summary>The end tag of the stream.</summary>
    HeaderEnd,
}

/// <summary>Checks one top-level construct and indexes it. What it sees is always contiguous from the first byte of the construct on; when the bytes end too early it keeps its place,
/// and goes on from there when called with more, so that the whole costs linear time however small the pieces.</summary>
/// <remarks>
/// Tags are parsed in one go. When a tag is cut, only its end is looked for from then on, each byte once, and then it is parsed again: twice at most. Character data is never read
/// twice. The rest of this class is in XmlParser.Tags.cs (tags), XmlParser.Names.cs (names and values in
/// them), XmlParser.Namespaces.cs (what they mean) and XmlParser.Small.cs (references, CDATA, the XML declaration).
/// </remarks>
internal sealed partial class XmlParser
{
    private const int LargestKeptIndex = 16_384;

    [ThreadStatic]
    private static XmlParser? _spare;

    private readonly XmlNamespaceScope _scope = new();
    private Open[] _open = new Open[16];
    private int[] _index = new int[256];
    private int[] _declarations = new int[32];
    private int _indexCount;
    private int _depth;

    private XmlLimits _limits = XmlLimits.Default;
    private StreamScope? _stream;
    private bool _expectHeader;
    private bool _allowDeclaration;
    private long _offset;

    private int _position;
    private Seek _seek;
    private int _scanned;
    private byte _quote;
    private bool _inCData;

    /// <summary>What must be found before parsing can go on.</summary>
    private enum Seek : byte
    {
        Nothing,
        TagEnd,
        EndTagEnd,
        ReferenceEnd,
        DeclarationEnd,
    }

    /// <summary>An element whose end tag is to come.</summary>
    private struct Open
    {
        internal int Node;
        internal int Children;
        internal int Bindings;           // declarations in scope outside it
        internal int Default;            // id of the default namespace inside it
        internal int DefaultDepth;       // where that was declared; 0: outside
        internal int OutermostDefault;   // least depth whose default namespace it or a descendant uses
        internal int OutermostPrefix;    // least depth whose prefix it or a descendant uses
    }

    /// <summary>How many bytes the construct took, once it is complete.</summary>
    internal int Consumed => _position;

    /// <summary>Whether the header was an empty-element tag.</summary>
    internal bool HeaderIsEmpty { get; private set; }

    /// <summary>Whether the element uses a prefix that only the stream header declares.</summary>
    internal bool UsesStreamPrefix => (_index[XmlTree.Children] & XmlTree.UsesOuterPrefix) != 0;

    internal static XmlParser Rent()
    {
        var parser = _spare ?? new XmlParser();
        _spare = null;
        return parser;
    }

    internal static void Return(XmlParser parser)
    {
        if (parser._index.Length <= LargestKeptIndex)
        {
            parser._stream = null;
            _spare = parser;
        }
    }

    /// <summary>Starts a construct.</summary>
    /// <param name="stream">The stream that the element is in; null outside one.</param>
    /// <param name="expectHeader">The next start tag opens a stream.</param>
    /// <param name="allowDeclaration">An XML declaration may stand here.</param>
    /// <param name="offset">Where the construct stands, for faults.</param>
    internal void Begin(StreamScope? stream, bool expectHeader, bool allowDeclaration, long offset)
    {
        _stream = stream;
        _expectHeader = expectHeader;
        _allowDeclaration = allowDeclaration;
        _offset = offset;
        _scope.Begin(stream);
        _indexCount = 0;
        _depth = 0;
        _position = 0;
        _seek = Seek.Nothing;
        _inCData = false;
        HeaderIsEmpty = false;
    }

    /// <summary>Parses as far as the bytes go.</summary>
    /// <param name="data">From the first byte of the construct on, everything known of it.</param>
    /// <param name="limits">What is allowed.</param>
    internal XmlToken Run(ReadOnlySpan<byte> data, XmlLimits limits)
    {
        _limits = limits;
        if (data.Length > limits.MaxElementBytes)
        {
            // The last call for this construct: look no further than the limit and at all of it, so that what is refused, and why, is the same whatever the chunking.
            data = data[..(limits.MaxElementBytes + 1)];
            _seek = Seek.Nothing;
        }

        var token = Parse(data);
        if (token is XmlToken.Incomplete ? data.Length > limits.MaxElementBytes : _position > limits.MaxElementBytes)
        {
            Fail(XmlFault.TooBig, 0, "too big");
        }

        if (token is not XmlToken.Incomplete)
        {
            CheckEncoding(data[.._position]);
        }

        return token;
    }

    /// <summary>The finished element as a tree of its own.</summary>
    internal XmlTree ToTree(ReadOnlySpan<byte> data, string context) =>
        new(data[.._position].ToArray(), _index.AsSpan(0, _indexCount).ToArray(), context, _scope.Unknown());

    /// <summary>The header as a tree: its start tag becomes an empty-element tag.</summary>
    internal XmlTree ToHeaderTree(ReadOnlySpan<byte> data, string context)
    {
        if (HeaderIsEmpty)
        {
            return ToTree(data, context);
        }

        var bytes = new byte[_position + 1];
        data[..(_position - 1)].CopyTo(bytes);
        bytes[^2] = (byte)'/';
        bytes[^1] = (byte)'>';
        var index = _index.AsSpan(0, _indexCount).ToArray();
        index[XmlTree.ContentStart] = index[XmlTree.ContentEnd] = index[XmlTree.End] = bytes.Length;
        return new(bytes, index, context, _scope.Unknown());
    }

    private XmlToken Parse(ReadOnlySpan<byte> data)
    {
        if (_seek is not Seek.Nothing && !TrySeek(data))
        {
            return XmlToken.Incomplete;
        }

        while (true)
        {
            if (_inCData && !TryLeaveCData(data))
            {
                return XmlToken.Incomplete;
            }

            var at = _position;
            if (_depth > 0)
            {
                var run = data[at..].IndexOfAny(XmlChars.TextStops);
                at = _position = run < 0 ? data.Length : at + run;
            }

            if (at >= data.Length)
            {
                return XmlToken.Incomplete;
            }

            switch (data[at])
            {
                case (byte)'<' when at + 1 == data.Length:
                    return XmlToken.Incomplete;
                case (byte)'<':
                    var token = ParseMarkup(data, at);
                    if (token is not null)
                    {
                        return token.Value;
                    }

                    break;
                case (byte)'&' when _depth > 0:
                    var end = EndOfReference(data, at);
                    if (end < 0)
                    {
                        return SeekNext(Seek.ReferenceEnd, data);
                    }

                    _position = end;
                    break;
                case (byte)']' when _depth > 0:
                    if (data.Length - at < 3 && "]]>"u8.StartsWith(data[at..]))
                    {
                        return XmlToken.Incomplete;
                    }

                    if (data[at..].StartsWith("]]>"u8))
                    {
                        Fail(XmlFault.NotWellFormed, at, "']]>' in character data");
                    }

                    _position = at + 1;
                    break;
                default:
                    FailCharacter(data, at, _depth > 0 ? "a character that XML does not allow" : "character data outside an element");
                    break;
            }
        }
    }

    /// <summary>Parses what begins with '&lt;'. Null: go on.</summary>
    private XmlToken? ParseMarkup(ReadOnlySpan<byte> data, int at)
    {
        switch (data[at + 1])
        {
            case (byte)'/':
                if (!TryEndTag(data))
                {
                    return SeekNext(Seek.EndTagEnd, data);
                }

                return _depth > 0 ? null : _indexCount > 0 ? XmlToken.Element : XmlToken.HeaderEnd;
            case (byte)'!':
                return TryEnterCData(data) ? null : XmlToken.Incomplete;
            case (byte)'?':
                return TryDeclaration(data) ? XmlToken.Declaration : SeekNext(Seek.DeclarationEnd, data);
            default:
                if (!TryStartTag(data))
                {
                    return SeekNext(Seek.TagEnd, data);
                }

                return _depth == 0 ? _expectHeader ? XmlToken.Header : XmlToken.Element : null;
        }
    }

    /// <summary>The construct at the place is cut: from now on look for its end only.</summary>
    private XmlToken SeekNext(Seek seek, ReadOnlySpan<byte> data)
    {
        _seek = seek;
        _scanned = _position + 1;
        _quote = 0;
        TrySeek(data);
        return XmlToken.Incomplete;
    }

    private bool TrySeek(ReadOnlySpan<byte> data)
    {
        while (_scanned < data.Length)
        {
            var rest = data[_scanned..];
            var found = _seek switch
            {
                Seek.TagEnd when _quote != 0 => rest.IndexOfAny(_quote, (byte)'<'),
                Seek.TagEnd => rest.IndexOfAny(XmlChars.TagStops),
                Seek.ReferenceEnd => rest.IndexOfAny(XmlChars.ReferenceStops),
                _ => rest.IndexOfAny((byte)'>', (byte)'<'),
            };
            if (found < 0)
            {
                _scanned = data.Length;
                return false;
            }

            var at = _scanned + found;
            _scanned = at + 1;
            if (_seek is not Seek.TagEnd || data[at] == '<' || (data[at] == '>' && _quote == 0))
            {
                _seek = Seek.Nothing; // parsing will see a '<' too, and refuse it
                return true;
            }

            _quote = _quote == 0 ? data[at] : (byte)0;
        }

        return false;
    }

    [DoesNotReturn]
    private void Fail(XmlFault fault, int at, string message) => throw new XmlFormatException(fault, _offset + at, message);

    [DoesNotReturn]
    private void FailCharacter(ReadOnlySpan<byte> data, int at, string message)
    {
        var invalid = data[at] is (>= 0x80 and < 0xC2) or > 0xF4; // no UTF-8 sequence starts so; what follows is not looked at, it may not be here yet
        Fail(invalid ? XmlFault.BadEncoding : XmlFault.NotWellFormed, at, invalid ? "not UTF-8" : message);
    }

    private void CheckEncoding(ReadOnlySpan<byte> data)
    {
        if (Ascii.IsValid(data))
        {
            return;
        }

        if (!Utf8.IsValid(data))
        {
            Fail(XmlFault.BadEncoding, 0, "not UTF-8");
        }

        var at = XmlChars.IndexOfNonCharacter(data);
        if (at >= 0)
        {
            Fail(XmlFault.NotWellFormed, at, "a character that XML does not allow");
        }
    }
}
