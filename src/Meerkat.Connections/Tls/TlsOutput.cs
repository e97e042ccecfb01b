using System.IO.Pipelines;
using System.Net.Security;

namespace Meerkat.Connections.Tls;

/// <summary>The sending half of a TLS stream. Disposing it says <c>close_notify</c> and ends our direction below (RFC 8446 §6.1), while the other half can still be read.</summary>
internal sealed class TlsOutput(SslStream tls, PipeWriter below) : Stream
{
    private int _closed;

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => tls.Write(buffer, offset, count);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => tls.WriteAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => tls.WriteAsync(buffer, cancellationToken);

    public override void Flush() => tls.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => tls.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _ = CloseAsync();
        }

        base.Dispose(disposing);
    }

    // Nobody waits for it: a peer that takes nothing is cut from below.
    private async Task CloseAsync()
    {
        try
        {
            await tls.ShutdownAsync();
        }
        catch (Exception)
        {
            // The connection is gone, or a write was cut short: there is nobody left to tell.
        }

        await below.CompleteAsync();
    }
}
