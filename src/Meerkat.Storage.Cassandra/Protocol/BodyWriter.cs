using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>Writes a frame: the header, then the notations of the native protocol (v4, section 3).</summary>
internal sealed class BodyWriter
{
    private readonly ArrayBufferWriter<byte> _buffer;

    /// <summary>Begins a frame.</summary>
    /// <param name="opcode">What it is.</param>
    /// <param name="isResponse">Whether a server sends it: the double of the tests does.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="capacity">About how long it will be.</param>
    public BodyWriter(Opcode opcode, bool isResponse = false, FrameFlags flags = FrameFlags.None, int capacity = 256)
    {
        _buffer = new ArrayBufferWriter<byte>(capacity);
        Byte((byte)(isResponse ? 0x80 | Frame.Version : Frame.Version)).Byte((byte)flags).Short(0).Byte((byte)opcode).Int(0);
    }

    private BodyWriter() => _buffer = new ArrayBufferWriter<byte>();

    /// <summary>A writer of a value, which has no header.</summary>
    public static BodyWriter Bare() => new();

    /// <summary>Bytes so far.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>[byte]</summary>
    public BodyWriter Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    /// <summary>[short]</summary>
    public BodyWriter Short(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.GetSpan(2), checked((ushort)value));
        _buffer.Advance(2);
        return this;
    }

    /// <summary>[int]</summary>
    public BodyWriter Int(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    /// <summary>[long]</summary>
    public BodyWriter Long(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    /// <summary>[string]</summary>
    public BodyWriter String(string text) => Short(Encoding.UTF8.GetByteCount(text)).Raw(text);

    /// <summary>[long string]</summary>
    public BodyWriter LongString(string text) => Int(Encoding.UTF8.GetByteCount(text)).Raw(text);

    /// <summary>[bytes]</summary>
    public BodyWriter Bytes(ReadOnlySpan<byte> bytes) => Int(bytes.Length).Raw(bytes);

    /// <summary>[short bytes]</summary>
    public BodyWriter ShortBytes(ReadOnlySpan<byte> bytes) => Short(bytes.Length).Raw(bytes);

    /// <summary>[string list]</summary>
    public BodyWriter StringList(IReadOnlyList<string> list)
    {
        Short(list.Count);
        foreach (var text in list)
        {
            String(text);
        }

        return this;
    }

    /// <summary>[string map]</summary>
    public BodyWriter StringMap(IReadOnlyDictionary<string, string> map)
    {
        Short(map.Count);
        foreach (var (key, value) in map)
        {
            String(key).String(value);
        }

        return this;
    }

    /// <summary>A text without a length before it.</summary>
    public BodyWriter Raw(string text)
    {
        _buffer.Advance(Encoding.UTF8.GetBytes(text, _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        return this;
    }

    /// <summary>Bytes without a length before them.</summary>
    public BodyWriter Raw(ReadOnlySpan<byte> bytes)
    {
        _buffer.Write(bytes);
        return this;
    }

    /// <summary>The frame, its length filled in. The stream is for <see cref="SetStream"/>.</summary>
    public byte[] ToFrame()
    {
        var frame = _buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), frame.Length - Frame.HeaderLength);
        return frame;
    }

    /// <summary>Says on which stream a frame goes.</summary>
    public static void SetStream(byte[] frame, short stream) => BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(2), stream);
}
