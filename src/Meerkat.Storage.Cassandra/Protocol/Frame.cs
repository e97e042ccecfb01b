using System.Buffers;
using System.Buffers.Binary;

namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>A message as it comes over a connection (native protocol v4, section 2): nine bytes of header, and a body.</summary>
/// <param name="IsResponse">Whether the server sent it.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Stream">Which request it answers; negative: none.</param>
/// <param name="Opcode">What it is.</param>
/// <param name="Body">Its content.</param>
internal readonly record struct Frame(bool IsResponse, FrameFlags Flags, short Stream, Opcode Opcode, ReadOnlyMemory<byte> Body)
{
    /// <summary>Length of the header.</summary>
    public const int HeaderLength = 9;

    /// <summary>The version spoken.</summary>
    public const byte Version = 4;

    /// <summary>Takes a frame from the front of what has come.</summary>
    /// <param name="input">What has come; moved behind the frame.</param>
    /// <param name="limit">Longest body taken, in bytes.</param>
    /// <param name="frame">The frame; its body is a copy.</param>
    /// <returns>False when more has to come.</returns>
    /// <exception cref="CqlProtocolException">It is no frame of this version, or too long. Said as soon as the header shows it: nothing is kept for a body that is not wanted.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> input, int limit, out Frame frame)
    {
        frame = default;
        if (input.Length < 1)
        {
            return false;
        }

        // The version is looked at first: a server of another protocol need not send nine bytes.
        var version = input.FirstSpan.Length > 0 ? input.FirstSpan[0] : input.Slice(0, 1).ToArray()[0];
        if ((version & 0x7F) != Version)
        {
            throw new CqlProtocolException($"This is version {version & 0x7F} of the protocol, or another protocol.");
        }

        if (input.Length < HeaderLength)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderLength];
        input.Slice(0, HeaderLength).CopyTo(header);
        var length = BinaryPrimitives.ReadInt32BigEndian(header[5..]);
        if (length < 0 || length > limit)
        {
            throw new CqlProtocolException($"A frame of {(uint)length} bytes is too long.");
        }

        var flags = (FrameFlags)header[1];
        if ((flags & FrameFlags.Compressed) != 0)
        {
            throw new CqlProtocolException("A frame is compressed, which nobody agreed upon.");
        }

        if (input.Length < HeaderLength + length)
        {
            return false;
        }

        frame = new Frame((version & 0x80) != 0, flags, BinaryPrimitives.ReadInt16BigEndian(header[2..]), (Opcode)header[4], input.Slice(HeaderLength, length).ToArray());
        input = input.Slice(HeaderLength + length);
        return true;
    }
}
