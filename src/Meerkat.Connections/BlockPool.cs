using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Meerkat.Connections;

/// <summary>The blocks of memory that pipes of connections are made of.</summary>
/// <remarks>
/// What is said in a room is written to all of its occupants before anything is flushed, so that a burst leaves each of them with one write to the socket. As many blocks are taken at once then as the room has
/// occupants, and the shared pool of the framework keeps a few dozen: of a room of a thousand, nearly every copy cost a block of new memory (4.1 KiB a copy, and a collection for each message).
/// One pool for all listeners: 8 MiB at most are kept. Safe for concurrent use.
/// </remarks>
internal sealed class BlockPool : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    /// <summary>The size of blocks where TLS encrypts what is written to them at once: a session keeps one.</summary>
    public const int SmallBlock = 1024;

    /// <summary>The pool of sockets.</summary>
    public static readonly new BlockPool Shared = new(2048, 4096);

    /// <summary>The pool of what TLS is to encrypt.</summary>
    public static readonly BlockPool Small = new(2048, SmallBlock);

    private readonly int _size;
    private readonly Shard[] _shards;

    /// <param name="kept">How many blocks are kept while nobody needs them. What is given back beyond them is the collector's.</param>
    /// <param name="size">Their size in bytes.</param>
    public BlockPool(int kept, int size)
    {
        _size = size;
        _shards = new Shard[Math.Min(Environment.ProcessorCount, kept)];
        for (var i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new Shard(kept / _shards.Length);
        }
    }

    /// <inheritdoc/>
    public override int MaxBufferSize => _size;

    /// <summary>How many blocks lie here.</summary>
    internal int Kept => _shards.Sum(shard => shard.Count);

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    /// <inheritdoc/>
    /// <remarks>Blocks have one size: who wants more than <see cref="MaxBufferSize"/> is served elsewhere, as pipes do.</remarks>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, _size);
        var first = Thread.GetCurrentProcessorId();
        for (var i = 0; i < _shards.Length; i++)
        {
            if (_shards[(uint)(first + i) % (uint)_shards.Length].TryTake() is { } block)
            {
                return block.Rented();
            }
        }

        return new Block(this).Rented();
    }

    // Shared by listeners, of which each believes the pool to be its own.
    protected override void Dispose(bool disposing)
    {
    }

    private void Return(Block block)
    {
        var first = Thread.GetCurrentProcessorId();
        for (var i = 0; i < _shards.Length; i++)
        {
            if (_shards[(uint)(first + i) % (uint)_shards.Length].TryKeep(block))
            {
                return;
            }
        }
    }

    // One for each processor, so that they rarely meet. What was used last is taken first: it may still be in that processor's cache.
    private sealed class Shard(int capacity)
    {
        private readonly Block?[] _blocks = new Block?[capacity];
        private readonly Lock _gate = new();
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Block? TryTake()
        {
            if (Count == 0)
            {
                return null;
            }

            lock (_gate)
            {
                if (_count == 0)
                {
                    return null;
                }

                var block = _blocks[--_count];
                _blocks[_count] = null;
                return block;
            }
        }

        public bool TryKeep(Block block)
        {
            if (Count == _blocks.Length)
            {
                return false;
            }

            lock (_gate)
            {
                if (_count == _blocks.Length)
                {
                    return false;
                }

                _blocks[_count++] = block;
                return true;
            }
        }
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(pool._size);
        private int _isRented;

        public Memory<byte> Memory => _bytes;

        public Block Rented()
        {
            Volatile.Write(ref _isRented, 1);
            return this;
        }

        // Given back twice, it would be somebody else's already.
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isRented, 0) == 1)
            {
                pool.Return(this);
            }
        }
    }
}
