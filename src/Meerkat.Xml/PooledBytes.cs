using System.Buffers;

namespace Meerkat.Xml;

/// <summary>A growing run of bytes in a rented array. Dispose gives the array back.</summary>
internal struct PooledBytes : IDisposable
{
    private byte[]? _array;

    internal int Length { get; private set; }

    internal readonly ReadOnlySpan<byte> Written => _array.AsSpan(0, Length);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    internal void Append(byte b)
    {
        Room(1)[0] = b;
        Length++;
    }

    /// <summary>Counts bytes that were put into <see cref="Room"/>.</summary>
    internal void Advance(int count) => Length += count;

    /// <summary>Everything that is free behind what was written, at least <paramref name="atLeast"/> bytes.</summary>
    internal Span<byte> Room(int atLeast) => Free(atLeast).Span;

    internal Memory<byte> Free(int atLeast)
    {
        if (_array is null || _array.Length - Length < atLeast)
        {
            var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max((long)Length + atLeast, Length * 2L)));
            Written.CopyTo(grown);
            Release();
            _array = grown;
        }

        return _array.AsMemory(Length);
    }

    internal void Truncate(int length) => Length = length;

    public void Dispose()
    {
        Release();
        Length = 0;
    }

    private void Release()
    {
        if (_array is not null)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = null;
        }
    }
}

/// <summary><see cref="PooledBytes"/> for those who write through <see cref="IBufferWriter{T}"/>.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private PooledBytes _bytes;

    internal ReadOnlySpan<byte> Written => _bytes.Written;

    internal int Length => _bytes.Length;

    public void Advance(int count) => _bytes.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.Free(Math.Max(sizeHint, 1));

    public Span<byte> GetSpan(int sizeHint = 0) => _bytes.Room(Math.Max(sizeHint, 1));

    public void Dispose() => _bytes.Dispose();
}
