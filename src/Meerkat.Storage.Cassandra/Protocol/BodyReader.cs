using System.Buffers.Binary;
using System.Text;

namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>Reads the notations of the native protocol (v4, section 3) from a body. Whatever the body is, it reads nothing outside of it and asks for no more memory than it has.</summary>
/// <param name="body">The body; what is read are slices of it.</param>
internal ref struct BodyReader(ReadOnlyMemory<byte> body)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _at;

    /// <summary>Bytes that are left.</summary>
    public readonly int Remaining => body.Length - _at;

    /// <summary>[byte]</summary>
    public byte Byte() => Take(1).Span[0];

    /// <summary>[short]</summary>
    public ushort Short() => BinaryPrimitives.ReadUInt16BigEndian(Take(2).Span);

    /// <summary>[int]</summary>
    public int Int() => BinaryPrimitives.ReadInt32BigEndian(Take(4).Span);

    /// <summary>[long]</summary>
    public long Long() => BinaryPrimitives.ReadInt64BigEndian(Take(8).Span);

    /// <summary>[string]</summary>
    public string String() => Text(Take(Short()));

    /// <summary>[long string]</summary>
    public string LongString() => Text(Take(Int()));

    /// <summary>[bytes]; null for a negative length.</summary>
    public ReadOnlyMemory<byte>? Bytes()
    {
        var length = Int();
        return length < 0 ? default(ReadOnlyMemory<byte>?) : Take(length); // a mere null would become empty bytes
    }

    /// <summary>[value]: as <see cref="Bytes"/>, but -2 means not set (v4, section 3).</summary>
    public ReadOnlyMemory<byte>? Value(out bool isUnset)
    {
        var length = Int();
        isUnset = length == -2;
        return length switch
        {
            >= 0 => Take(length),
            -1 or -2 => default(ReadOnlyMemory<byte>?),
            _ => throw new CqlProtocolException($"A value has the length {length}."),
        };
    }

    /// <summary>[short bytes]</summary>
    public ReadOnlyMemory<byte> ShortBytes() => Take(Short());

    /// <summary>[string list]</summary>
    public string[] StringList()
    {
        var list = new string[Count(Short(), 2)];
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = String();
        }

        return list;
    }

    /// <summary>[string map]</summary>
    public Dictionary<string, string> StringMap()
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var left = Count(Short(), 4); left > 0; left--)
        {
            var key = String();
            map[key] = String();
        }

        return map;
    }

    /// <summary>[bytes map], passed over.</summary>
    public void SkipBytesMap()
    {
        for (var left = Count(Short(), 6); left > 0; left--)
        {
            String();
            Bytes();
        }
    }

    /// <summary>Bytes without a length before them.</summary>
    public ReadOnlyMemory<byte> Take(int length)
    {
        if (length < 0 || length > Remaining)
        {
            throw new CqlProtocolException($"A message ends {(uint)length - (uint)Remaining} bytes too early.");
        }

        var taken = body.Slice(_at, length);
        _at += length;
        return taken;
    }

    /// <summary>A number of items, which must find room in what is left.</summary>
    /// <param name="count">How many there are said to be.</param>
    /// <param name="smallest">Bytes of the smallest item.</param>
    public readonly int Count(int count, int smallest) => count >= 0 && (long)count * smallest <= Remaining ? count : throw new CqlProtocolException($"A message has no room for {(uint)count} items.");

    private static string Text(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return s_utf8.GetString(utf8.Span);
        }
        catch (DecoderFallbackException bad)
        {
            throw new CqlProtocolException("A text is no UTF-8.", bad);
        }
    }
}
