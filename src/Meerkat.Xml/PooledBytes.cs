using System.Buffers;
using System.Text;

namespace Meerkat.Xml;

/// <summary>A growing run of bytes in a rented array. Dispose gives the array back.</summary>
internal struct PooledBytes : IDisposable
{
    private const int Smallest = 512;

    private byte[]? _array;

    internal int Length { get; private set; }

    internal readonly ReadOnlySpan<byte> Written => _array.AsSpan(0, Length);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Counts bytes that were put into <see cref="Room"/>.</summary>
    internal void Advance(int count) => Length += count;

    /// <summary>Everything that is free behind what was written, at least <paramref name="atLeast"/> bytes.</summary>
    internal Span<byte> Room(int atLeast)
    {
        if (_array is null || _array.Length - Length < atLeast)
        {
            Grow(atLeast);
        }

        return _array.AsSpan(Length);
    }

    internal Memory<byte> Free(int atLeast)
    {
        Room(atLeast);
        return _array.AsMemory(Length);
    }

    public void Dispose()
    {
        Release();
        Length = 0;
    }

    private void Grow(int atLeast)
    {
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(Smallest, Math.Max((long)Length + atLeast, Length * 2L))));
        Written.CopyTo(grown);
        Release();
        _array = grown;
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

    internal void Append(ReadOnlySpan<byte> bytes) => _bytes.Append(bytes);

    internal void Append(string text) => _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.Room(text.Length * 3)));

    public void Advance(int count) => _bytes.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.Free(Math.Max(sizeHint, 1));

    public Span<byte> GetSpan(int sizeHint = 0) => _bytes.Room(Math.Max(sizeHint, 1));

    public void Dispose() => _bytes.Dispose();
}
