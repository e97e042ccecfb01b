using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Meerkat.Xml;
using Xunit;

namespace Meerkat.Xmpp.Tests.Stanzas;

public sealed class StanzaWriterTests
{
    // Whatever is free in the pipe's segment, and however many segments the stanza takes.
    [Theory]
    [InlineData("<message type='chat' id='a' xml:lang='en'><body>hello</body></message>")]
    [InlineData("<message xmlns:x='urn:example:x' id='a'><x:y/><body>hello</body></message>")]
    [InlineData("<iq id='b' type='result'/>")]
    public async Task A_stanza_is_the_same_wherever_a_segment_ends(string xml)
    {
        var stanza = StanzaReader.Read(XmlElement.Parse(xml, Ns.Client), Jid.Parse("juliet@example.org/balcony"), Jid.Parse("romeo@example.org/garden"))!;
        stanza = stanza is Message message ? message.Append(XmlElement.Parse("<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='1'/>", "")) : stanza;
        var whole = new ArrayBufferWriter<byte>(1024);
        stanza.WriteTo(whole, Ns.Client);
        var expected = Encoding.UTF8.GetString(whole.WrittenSpan);
        Assert.Contains(" from='juliet@example.org/balcony' to='romeo@example.org/garden'", expected, StringComparison.Ordinal);

        for (var before = 0; before <= 64; before++)
        {
            var pipe = new Pipe(new PipeOptions(new SmallSegments(), minimumSegmentSize: 16, useSynchronizationContext: false));
            pipe.Writer.Write(new byte[before]);
            stanza.WriteTo(pipe.Writer, Ns.Client);
            await pipe.Writer.CompleteAsync();
            var read = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(expected, Encoding.UTF8.GetString(read.Buffer.Slice(before)));
        }
    }

    // Blocks as small as the pipe asks for: the shared pool would round them up.
    private sealed class SmallSegments : MemoryPool<byte>
    {
        public override int MaxBufferSize => 1024;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Block(new byte[Math.Max(16, minBufferSize)]);

        protected override void Dispose(bool disposing)
        {
        }

        private sealed record Block(byte[] Bytes) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory => Bytes;

            public void Dispose()
            {
            }
        }
    }
}
