using System.Buffers;
using System.IO.Pipelines;
using Meerkat.Connections.Streams;
using Meerkat.Core.Sessions;
using Meerkat.Core.Streams;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Sessions;

/// <summary>What a sender sees of a transport that ends under it: nothing.</summary>
public sealed class OutboxTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_connection_that_ends_while_something_is_written_is_not_its_senders_failure(bool inTheMiddle)
    {
        var pipe = new Pipe();
        var aborted = 0;
        var transport = new PipeTransport(new Duplex(pipe, inTheMiddle), new TransportFacts("tcp", null, false), canStartTls: false, () => aborted++);
        var outbox = new Outbox(transport, TimeProvider.System);
        if (!inTheMiddle)
        {
            pipe.Writer.Complete();
            pipe.Reader.Complete();
        }

        Assert.True(outbox.Send(Presence.Create(PresenceType.Unavailable, FullJid.Parse("alice@example.test/phone"), BareJid.Parse("bob@example.test"))));
        Assert.NotEqual(0, aborted); // whoever reads from it sees its end and closes the session
    }

    [Fact] // RFC 6120 §4.9.1.1: as when the listener stops and the cluster ends its sessions in the same moment
    public async Task Two_who_end_the_stream_at_once_say_one_error_and_nothing_comes_behind_it()
    {
        var pipe = new Pipe();
        var transport = new PipeTransport(new Duplex(pipe, inTheMiddle: false), new TransportFacts("tcp", null, false), canStartTls: false);
        Outbox? outbox = null;
        var others = 0;
        outbox = new Outbox(transport, TimeProvider.System, _ =>
        {
            if (others++ == 0)
            {
                outbox!.Finish(StreamError.Replaced);
                outbox.Send(Message.Create(MessageType.Chat, null, BareJid.Parse("alice@example.test"), "late"));
            }
        });
        outbox.Finish(StreamError.SystemShutdown);

        var written = System.Text.Encoding.UTF8.GetString((await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer.ToArray());
        Assert.StartsWith("<stream:error>", written, StringComparison.Ordinal);
        Assert.Contains("system-shutdown", written, StringComparison.Ordinal);
        Assert.DoesNotContain("conflict", written, StringComparison.Ordinal);
        Assert.DoesNotContain("late", written, StringComparison.Ordinal);
        Assert.EndsWith("</stream:error></stream:stream>", written, StringComparison.Ordinal);
        Assert.Equal(2, others); // the error and the end
    }

    [Theory] // CORE-203: what was queued when the peer went was never sent, and is not written into nothing
    [InlineData(true)]
    [InlineData(false)] // it was gone before anybody had to wait for it
    public async Task What_waits_for_a_peer_that_is_gone_is_handed_back(bool hasToWait)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: hasToWait ? 1 : 0, resumeWriterThreshold: 1, useSynchronizationContext: false));
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new PipeTransport(new Duplex(pipe, inTheMiddle: false), new TransportFacts("tcp", null, false), canStartTls: false, () => aborted.TrySetResult());
        var outbox = new Outbox(transport, TimeProvider.System);
        if (!hasToWait)
        {
            pipe.Reader.Complete();
        }

        for (var i = 0; i < 5; i++)
        {
            Assert.True(outbox.Send(Message.Create(MessageType.Chat, null, BareJid.Parse("alice@example.test"), $"{i}")));
        }

        pipe.Reader.Complete();
        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);

        Assert.Equal(["1", "2", "3", "4"], outbox.Close().Select(stanza => stanza.Id)); // the first was handed to the connection, whatever became of it
    }

    private sealed class Duplex(Pipe pipe, bool inTheMiddle) : IDuplexPipe
    {
        public PipeReader Input => pipe.Reader;

        public PipeWriter Output { get; } = inTheMiddle ? new EndingWriter(pipe.Writer, pipe.Reader) : pipe.Writer;
    }

    /// <summary>Somebody else ends it between the memory that is asked for and what was written into it.</summary>
    private sealed class EndingWriter(PipeWriter writer, PipeReader reader) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => true;

        public override long UnflushedBytes => 0;

        public override Memory<byte> GetMemory(int sizeHint = 0)
        {
            var memory = writer.GetMemory(sizeHint);
            writer.Complete();
            reader.Complete();
            return memory;
        }

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes) => writer.Advance(bytes);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => writer.FlushAsync(cancellationToken);
    }
}
