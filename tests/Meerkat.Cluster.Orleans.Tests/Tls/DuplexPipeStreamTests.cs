using System.IO.Pipelines;
using Meerkat.Cluster.Orleans.Tls;
using Xunit;

namespace Meerkat.Cluster.Orleans.Tests.Tls;

public sealed class DuplexPipeStreamTests
{
    private readonly Pipe _in = new();
    private readonly Pipe _out = new();

    [Theory] // how a connection is closed: SslStream waits for data with an empty buffer, and reads behind that
    [InlineData(0)]
    [InlineData(100)]
    public async Task Who_cancels_a_read_ends_the_wait_for_data_too(int size)
    {
        await using var stream = Make();
        var reading = stream.ReadAsync(new byte[size]);
        _in.Reader.CancelPendingRead();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
    }

    [Fact]
    public async Task A_wait_for_data_leaves_it_to_the_read_behind()
    {
        await using var stream = Make();
        var waiting = stream.ReadAsync(Memory<byte>.Empty);
        Assert.False(waiting.IsCompleted);
        await _in.Writer.WriteAsync(new byte[] { 1, 2, 3 });
        Assert.Equal(0, await waiting);
        var buffer = new byte[2];
        Assert.Equal(2, await stream.ReadAsync(buffer));
        Assert.Equal([1, 2], buffer);
        Assert.Equal(1, await stream.ReadAsync(buffer));
        await _in.Writer.CompleteAsync();
        Assert.Equal(0, await stream.ReadAsync(buffer));
    }

    [Fact]
    public async Task A_write_to_a_connection_that_is_closed_fails()
    {
        await using var stream = Make();
        await _out.Reader.CompleteAsync();
        await Assert.ThrowsAsync<IOException>(async () => await stream.WriteAsync(new byte[1]));
    }

    private DuplexPipeStream Make() => new(new Duplex(_in.Reader, _out.Writer));

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
