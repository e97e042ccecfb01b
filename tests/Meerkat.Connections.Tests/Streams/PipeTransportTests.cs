using System.IO.Pipelines;
using System.Text;
using Meerkat.Connections.Streams;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Xunit;

namespace Meerkat.Connections.Tests.Streams;

public sealed class PipeTransportTests
{
    // As TLS is: one write at a time, and the rest of what was written goes out with the end.
    [Fact]
    public async Task An_end_in_the_middle_of_a_write_waits_for_it()
    {
        var slow = new SlowStream();
        var transport = new PipeTransport(new Duplex(slow), new TransportFacts("tls", null, true), canStartTls: false);
        transport.Write(XmlElement.Parse("<a xmlns='urn:example'/>", ""));
        var flushing = transport.FlushAsync(TestContext.Current.CancellationToken);
        transport.Finish();
        Assert.False(slow.HasEnded);
        slow.LetGo();
        await flushing;
        Assert.True(slow.HasEnded);
        Assert.Equal("<a xmlns='urn:example'/>", slow.Written);
    }

    // The memory that he writes into would be another connection's.
    [Fact]
    public async Task An_end_before_what_was_written_is_flushed_does_not_complete_the_pipe_under_its_writer()
    {
        var slow = new SlowStream();
        slow.LetGo();
        var transport = new PipeTransport(new Duplex(slow), new TransportFacts("tls", null, true), canStartTls: false);
        transport.Write(XmlElement.Parse("<a xmlns='urn:example'/>", ""));
        transport.Finish();
        Assert.False(slow.HasEnded);
        Assert.Throws<InvalidOperationException>(() => transport.Write(XmlElement.Parse("<b xmlns='urn:example'/>", "")));
        Assert.True(slow.HasEnded);
        Assert.Equal("<a xmlns='urn:example'/>", slow.Written);

        var other = new SlowStream();
        other.LetGo();
        transport = new PipeTransport(new Duplex(other), new TransportFacts("tls", null, true), canStartTls: false);
        transport.Write(XmlElement.Parse("<a xmlns='urn:example'/>", ""));
        transport.Finish();
        await transport.FlushAsync(TestContext.Current.CancellationToken);
        Assert.True(other.HasEnded);
        Assert.Equal("<a xmlns='urn:example'/>", other.Written);
    }

    [Fact]
    public async Task An_end_between_writes_is_at_once()
    {
        var slow = new SlowStream();
        slow.LetGo();
        var transport = new PipeTransport(new Duplex(slow), new TransportFacts("tls", null, true), canStartTls: false);
        transport.WriteEnd();
        await transport.FlushAsync(TestContext.Current.CancellationToken);
        transport.Finish();
        Assert.True(slow.HasEnded);
        Assert.Equal("</stream:stream>", slow.Written);
    }

    private sealed class Duplex(Stream output) : IDuplexPipe
    {
        public PipeReader Input { get; } = new Pipe().Reader;

        public PipeWriter Output { get; } = PipeWriter.Create(output);
    }

    private sealed class SlowStream : Stream
    {
        private readonly TaskCompletionSource _gate = new();
        private readonly MemoryStream _written = new();
        private bool _isWriting;

        public bool HasEnded { get; private set; }

        public string Written => Encoding.UTF8.GetString(_written.ToArray());

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void LetGo() => _gate.SetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _isWriting = true;
            await _gate.Task;
            _written.Write(buffer.Span);
            _isWriting = false;
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Assert.False(_isWriting);
            _written.Write(buffer, offset, count);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            HasEnded = true;
            base.Dispose(disposing);
        }
    }
}
