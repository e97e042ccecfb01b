using System.Buffers;
using System.Text;

namespace Meerkat.Core.Cluster;

/// <summary>Writes what travels between nodes: numbers of variable length, and bytes behind their length.</summary>
internal static class NodeBytesWriter
{
    public static void Number(this IBufferWriter<byte> output, long value)
    {
        var left = (ulong)value;
        var span = output.GetSpan(10);
        var at = 0;
        while (left >= 0x80)
        {
            span[at++] = (byte)(left | 0x80);
            left >>= 7;
        }

        span[at++] = (byte)left;
        output.Advance(at);
    }

    public static void Byte(this IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public static void Bytes(this IBufferWriter<byte> output, ReadOnlySpan<byte> value)
    {
        output.Number(value.Length);
        output.Write(value);
    }

    public static void Text(this IBufferWriter<byte> output, string value) => output.Bytes(Encoding.UTF8.GetBytes(value));
}

/// <summary>Reads what <see cref="NodeBytesWriter"/> has written. Throws <see cref="FormatException"/> where that ends too early.</summary>
internal ref struct NodeBytesReader(ReadOnlySpan<byte> left)
{
    private ReadOnlySpan<byte> _left = left;

    public readonly bool IsAtEnd => _left.IsEmpty;

    public long Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (long)value;
            }
        }

        throw new FormatException("a number is too long");
    }

    public byte Byte()
    {
        if (_left.IsEmpty)
        {
            throw new FormatException("the bytes end too early");
        }

        var value = _left[0];
        _left = _left[1..];
        return value;
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Number();
        if (length < 0 || length > _left.Length)
        {
            throw new FormatException("the bytes end too early");
        }

        var value = _left[..(int)length];
        _left = _left[(int)length..];
        return value;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());
}
