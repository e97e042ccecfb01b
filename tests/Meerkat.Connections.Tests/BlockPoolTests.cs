using System.Buffers;
using Xunit;

namespace Meerkat.Connections.Tests;

/// <summary>The blocks that pipes of connections are made of: each is somebody's alone, and as many are kept as are wanted at once in a room of a thousand.</summary>
public sealed class BlockPoolTests
{
    [Fact]
    public void A_thousand_blocks_that_were_given_back_are_taken_again()
    {
        using var pool = new BlockPool(2048, 4096);
        var first = Rent(pool, 1000);
        Assert.Equal(1000, first.Distinct().Count());
        Return(first);
        var second = Rent(pool, 1000);
        Assert.Subset(first.ToHashSet(), second.ToHashSet());
        Assert.Equal(0, pool.Kept);
    }

    [Fact]
    public void No_more_than_its_bound_are_kept()
    {
        using var pool = new BlockPool(64, 4096);
        Return(Rent(pool, 1000));
        Assert.InRange(pool.Kept, 1, 64);
    }

    [Fact]
    public void A_block_that_is_given_back_twice_is_kept_once()
    {
        using var pool = new BlockPool(64, 4096);
        var block = pool.Rent(100);
        block.Dispose();
        block.Dispose();
        Assert.Equal(1, pool.Kept);
        using var one = pool.Rent();
        using var other = pool.Rent();
        Assert.NotSame(one, other);
    }

    [Fact]
    public void Blocks_have_one_size_and_what_is_larger_is_refused()
    {
        using var pool = new BlockPool(64, 4096);
        using var block = pool.Rent(1);
        Assert.Equal(pool.MaxBufferSize, block.Memory.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
    }

    // Whoever has a block writes his own number all over it, and finds nobody else's.
    [Fact]
    public async Task A_block_is_one_s_alone_whoever_takes_and_gives_at_the_same_time()
    {
        using var pool = new BlockPool(16, 4096);
        await Task.WhenAll(Enumerable.Range(1, 8).Select(number => Task.Run(() =>
        {
            for (var round = 0; round < 2000; round++)
            {
                var blocks = Rent(pool, 1 + round % 7);
                foreach (var block in blocks)
                {
                    block.Memory.Span.Fill((byte)number);
                }

                Assert.All(blocks, block => Assert.False(block.Memory.Span.ContainsAnyExcept((byte)number)));
                Return(blocks);
            }
        })));
        Assert.InRange(pool.Kept, 1, 16);
    }

    private static IMemoryOwner<byte>[] Rent(BlockPool pool, int count) => [.. Enumerable.Range(0, count).Select(_ => pool.Rent())];

    private static void Return(IMemoryOwner<byte>[] blocks)
    {
        foreach (var block in blocks)
        {
            block.Dispose();
        }
    }
}
