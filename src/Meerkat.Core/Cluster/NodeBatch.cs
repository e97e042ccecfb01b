using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>The bytes of a batch: a version, its number, then frames. Bytes that stanzas share come once, before the first of them. Not safe for concurrent use.</summary>
internal sealed class NodeBatch
{
    private const byte Version = 1;

    // A fan-out's recipients follow each other, with few other stanzas between them.
    private const int LookBack = 16;

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private readonly ArrayBufferWriter<byte> _scratch = new(1024);
    private readonly List<XmlElement> _payloads = [];

    [Flags]
    private enum Marks : byte
    {
        None = 0,
        PastFilters = 1,
        HasFrom = 2,
        HasTo = 4,
        ToIsSession = 8,
        HasStableId = 16,
    }

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    /// <summary>Whether two elements are the same bytes in memory.</summary>
    public static bool IsShared(XmlElement one, XmlElement other)
    {
        var left = one.Raw;
        var right = other.Raw;
        return left.Length == right.Length && Unsafe.AreSame(ref MemoryMarshal.GetReference(left), ref MemoryMarshal.GetReference(right));
    }

    /// <summary>Begins a batch.</summary>
    public void Begin(long number)
    {
        // One large batch does not keep its buffer for ever.
        if (_bytes.Capacity > 2 * NodeOutbox.MaxBatchBytes)
        {
            throw new InvalidOperationException("a batch is not used again after it has grown so large");
        }

        _bytes.ResetWrittenCount();
        _payloads.Clear();
        _bytes.Byte(Version);
        _bytes.Number(number);
    }

    /// <summary>Whether a new one should be made for the next batch.</summary>
    public bool IsLarge => _bytes.Capacity > 2 * NodeOutbox.MaxBatchBytes;

    /// <summary>Writes a frame.</summary>
    public void Add(NodeFrame frame)
    {
        if (frame.Kind is NodeFrameKind.Stanza)
        {
            Add(frame.Stanza);
            return;
        }

        _bytes.Byte((byte)frame.Kind);
        _bytes.Number(frame.Id);
        _bytes.Byte((byte)frame.Verb);
        _bytes.Bytes(frame.Body.Span);
    }

    private void Add(SessionStanza sent)
    {
        var stanza = sent.Stanza;
        var payload = IndexOf(stanza.Element);
        List<int>? appended = null;
        for (var next = stanza.Appended; next is not null; next = next.Next)
        {
            (appended ??= []).Add(IndexOf(next.Element));
        }

        var stableId = (stanza as Message)?.StableId ?? 0;
        var toIsSession = stanza.To is { } to && to.Equals(sent.Jid);
        var marks = (sent.PastFilters ? Marks.PastFilters : 0) | (stanza.From is null ? 0 : Marks.HasFrom) | (toIsSession ? Marks.ToIsSession : stanza.To is null ? 0 : Marks.HasTo)
            | (stableId == 0 ? 0 : Marks.HasStableId);
        _bytes.Byte((byte)NodeFrameKind.Stanza);
        _bytes.Byte((byte)marks);
        _bytes.Number(sent.Session);
        _bytes.Bytes(sent.Jid.Utf8);
        if (stanza.From is { } from)
        {
            _bytes.Bytes(from.Utf8);
        }

        if ((marks & Marks.HasTo) != 0)
        {
            _bytes.Bytes(stanza.To!.Utf8);
        }

        if (stableId != 0)
        {
            _bytes.Number(stableId);
        }

        _bytes.Number(payload);
        _bytes.Number(appended?.Count ?? 0);
        for (var i = appended?.Count - 1 ?? -1; i >= 0; i--)
        {
            _bytes.Number(appended![i]); // oldest first, so that the reader appends them in that order
        }
    }

    private int IndexOf(XmlElement element)
    {
        for (var i = _payloads.Count - 1; i >= Math.Max(0, _payloads.Count - LookBack); i--)
        {
            if (IsShared(_payloads[i], element))
            {
                return i;
            }
        }

        _scratch.ResetWrittenCount();
        element.WriteTo(_scratch, "");
        _bytes.Byte((byte)NodeFrameKind.Payload);
        _bytes.Bytes(_scratch.WrittenSpan);
        _payloads.Add(element);
        return _payloads.Count - 1;
    }

    /// <summary>Reads the number of a batch.</summary>
    /// <exception cref="FormatException">It is no batch of this version.</exception>
    public static NodeBytesReader Open(ReadOnlySpan<byte> batch, out long number)
    {
        var reader = new NodeBytesReader(batch);
        if (reader.Byte() != Version)
        {
            throw new FormatException("the batch is of another version");
        }

        number = reader.Number();
        return reader;
    }

    /// <summary>Reads the next frame.</summary>
    /// <param name="reader">Where it stands.</param>
    /// <param name="payloads">What the batch has had of payloads so far.</param>
    /// <param name="frame">The frame; a body is its own.</param>
    /// <returns>False when what was read is no frame for itself: a payload.</returns>
    public static bool TryRead(ref NodeBytesReader reader, List<XmlElement> payloads, out NodeFrame frame)
    {
        frame = default;
        var kind = (NodeFrameKind)reader.Byte();
        switch (kind)
        {
            case NodeFrameKind.Payload:
                payloads.Add(XmlElement.Parse(reader.Bytes(), "", XmlLimits.Unlimited));
                return false;
            case NodeFrameKind.Stanza:
                frame = NodeFrame.Of(ReadStanza(ref reader, payloads));
                return true;
            default:
                var id = reader.Number();
                var verb = (NodeVerb)reader.Byte();
                frame = new NodeFrame(kind, default, verb, id, reader.Bytes().ToArray());
                return true;
        }
    }

    private static SessionStanza ReadStanza(ref NodeBytesReader reader, List<XmlElement> payloads)
    {
        var marks = (Marks)reader.Byte();
        var session = reader.Number();
        var jid = ReadJid(ref reader) as FullJid ?? throw new FormatException("a session has no resource");
        var from = (marks & Marks.HasFrom) != 0 ? ReadJid(ref reader) : null;
        var to = (marks & Marks.ToIsSession) != 0 ? jid : (marks & Marks.HasTo) != 0 ? ReadJid(ref reader) : null;
        var stableId = (marks & Marks.HasStableId) != 0 ? reader.Number() : 0;
        var stanza = StanzaReader.Read(payloads[(int)reader.Number()], from, to) ?? throw new FormatException("what came for a session is no stanza");
        for (var appended = reader.Number(); appended > 0; appended--)
        {
            stanza = stanza.Append(payloads[(int)reader.Number()]);
        }

        if (stableId != 0)
        {
            stanza = ((Message)stanza).WithStableId(stableId);
        }

        return new SessionStanza(session, jid, stanza, (marks & Marks.PastFilters) != 0);
    }

    private static Jid ReadJid(ref NodeBytesReader reader) => Jid.TryParse(reader.Bytes(), out var jid) ? jid : throw new FormatException("an address is malformed");
}
