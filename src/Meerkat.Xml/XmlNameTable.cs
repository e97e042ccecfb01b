using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Meerkat.Xml;

/// <summary>An immutable hash table from UTF-8 bytes to known strings. The id of a text is its place in <see cref="Texts"/>.</summary>
internal sealed class XmlNameTable
{
    internal const int NoNamespace = 0;
    internal const int XmlNamespace = 1;
    internal const int XmlnsNamespace = 2;

    private readonly byte[][] _utf8;
    private readonly int[] _slots; // id + 1, 0 = free; open addressing, at most a quarter full
    private readonly int _longest;

    internal XmlNameTable(string[] texts)
    {
        Texts = texts;
        _utf8 = new byte[texts.Length][];
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)texts.Length * 4)];
        for (var id = 0; id < texts.Length; id++)
        {
            _utf8[id] = Encoding.UTF8.GetBytes(texts[id]);
            _longest = Math.Max(_longest, _utf8[id].Length);
            var slot = Hash(_utf8[id]) & (uint)(_slots.Length - 1);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (uint)(_slots.Length - 1);
            }

            _slots[slot] = id + 1;
        }
    }

    internal string[] Texts { get; }

    /// <summary>The id of a text, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > _longest)
        {
            return -1;
        }

        var slots = _slots;
        for (var slot = Hash(utf8) & (uint)(slots.Length - 1); ; slot = (slot + 1) & (uint)(slots.Length - 1))
        {
            var id = slots[slot] - 1;
            if (id < 0 || utf8.SequenceEqual(_utf8[id]))
            {
                return id;
            }
        }
    }

    /// <summary>Namespaces differ at their end and in their middle, and begin alike: these bytes are what is mixed.</summary>
    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        ulong mixed;
        if (utf8.Length >= 8)
        {
            mixed = BinaryPrimitives.ReadUInt64LittleEndian(utf8[^8..]) * 0x9E37_79B9_7F4A_7C15UL;
            mixed ^= BinaryPrimitives.ReadUInt64LittleEndian(utf8[((utf8.Length - 8) / 2)..]) * 0xC2B2_AE3D_27D4_EB4FUL;
        }
        else
        {
            mixed = 0;
            foreach (var b in utf8)
            {
                mixed = (mixed << 8) | b;
            }

            mixed *= 0x9E37_79B9_7F4A_7C15UL;
        }

        mixed += (ulong)utf8.Length * 0xFF51_AFD7_ED55_8CCDUL;
        return (uint)(mixed >> 32) ^ (uint)(mixed >> 13);
    }
}
