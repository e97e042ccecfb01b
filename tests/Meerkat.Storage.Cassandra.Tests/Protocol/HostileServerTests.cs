using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Meerkat.Storage.Cassandra.Protocol;
using Xunit;

namespace Meerkat.Storage.Cassandra.Tests.Protocol;

/// <summary>What comes from a server may be anything: it is refused as no protocol, and costs no more memory than it has bytes.</summary>
public sealed class HostileServerTests
{
    private const int Limit = 1 << 16;

    private static readonly byte[] s_rows = Rows();

    [Theory]
    [InlineData("83000000080000000400000001")] // version 3
    [InlineData("85000000080000000400000001")] // version 5
    [InlineData("8400000008FFFFFFFF")] // a negative length
    [InlineData("840000000800010001")] // one byte too long
    [InlineData("84000000087FFFFFFF")]
    [InlineData("84010000080000000400000001")] // compressed
    [InlineData("485454502F312E31")] // HTTP
    public void What_is_no_frame_is_refused_by_its_header(string hex)
    {
        var input = new ReadOnlySequence<byte>(Convert.FromHexString(hex));
        Assert.Throws<CqlProtocolException>(() => Frame.TryRead(ref input, Limit, out _));
    }

    [Fact]
    public void A_frame_is_taken_however_it_is_cut()
    {
        for (var cut = 0; cut <= s_rows.Length; cut++)
        {
            var input = new ReadOnlySequence<byte>(s_rows.AsMemory(0, cut));
            var taken = Frame.TryRead(ref input, Limit, out var frame);
            Assert.Equal(cut == s_rows.Length, taken);
            Assert.Equal(taken ? 0 : cut, input.Length);
            Assert.Equal(taken ? s_rows.Length - Frame.HeaderLength : 0, frame.Body.Length);
        }

        var parts = Segments(s_rows);
        Assert.True(Frame.TryRead(ref parts, Limit, out var whole));
        Assert.Equal(3, Response.ReadPage(whole).Rows.Count);
    }

    [Fact]
    public void A_body_that_ends_early_is_refused_wherever_it_ends()
    {
        for (var cut = 0; cut < s_rows.Length - Frame.HeaderLength; cut++)
        {
            var body = s_rows.AsMemory(Frame.HeaderLength, cut);
            Assert.Throws<CqlProtocolException>(() => Use(Response.ReadPage(new Frame(true, FrameFlags.None, 0, Opcode.Result, body))));
        }
    }

    [Theory] // counts that nobody could send the items of
    [InlineData("000000020000000000000001000000000000000000007FFFFFFF")]
    [InlineData("00000002000000017FFFFFFF")]
    [InlineData("0000000200000001FFFFFFFF")]
    [InlineData("0000000200000000000000007FFFFFFF")] // rows without columns
    [InlineData("000000020000000400000001")] // no metadata
    [InlineData("00000004000400000000000000007FFFFFFF")]
    [InlineData("00000007")]
    [InlineData("")]
    public void Counts_are_not_believed(string hex)
    {
        var frame = new Frame(true, FrameFlags.None, 0, Opcode.Result, Convert.FromHexString(hex));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CqlProtocolException>(() => Response.ReadPage(frame));
        Assert.Throws<CqlProtocolException>(() => Response.ReadPrepared(frame));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000);
    }

    [Fact]
    public void Types_in_types_end_somewhere()
    {
        var body = new BodyWriter(Opcode.Result, isResponse: true).Int((int)ResultKind.Rows).Int((int)MetadataFlags.GlobalTable).Int(1).String("k").String("t").String("c");
        for (var i = 0; i < 10_000; i++)
        {
            body.Short((int)CqlTypeCode.List);
        }

        var input = new ReadOnlySequence<byte>(body.ToFrame());
        Assert.True(Frame.TryRead(ref input, Limit, out var frame));
        Assert.Throws<CqlProtocolException>(() => Response.ReadPage(frame));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte, Gen.Byte).Sample(
            (body, flags, opcode) => Survives(new Frame(true, (FrameFlags)flags, 0, (Opcode)(opcode % 0x12), body)), iter: 20_000);

    [Fact]
    public void A_good_answer_with_some_bytes_changed_is_read_or_refused() =>
        Gen.Select(Gen.Int[0, s_rows.Length - 1], Gen.Byte).Array[1, 6].Sample(
            changes =>
            {
                var bytes = s_rows.ToArray();
                foreach (var (at, value) in changes)
                {
                    bytes[at] = value;
                }

                var input = new ReadOnlySequence<byte>(bytes);
                try
                {
                    while (Frame.TryRead(ref input, Limit, out var frame))
                    {
                        Survives(frame);
                    }
                }
                catch (CqlProtocolException)
                {
                    // That is the refusal.
                }
            },
            iter: 20_000);

    private static void Survives(Frame frame)
    {
        foreach (var read in new Action[] { () => Use(Response.ReadPage(frame)), () => Response.ReadPrepared(frame), () => Response.Expect(frame, Opcode.Ready) })
        {
            try
            {
                read();
            }
            catch (Exception refused) when (refused is CqlProtocolException or CqlException or InvalidOperationException)
            {
                // Each says what it is; a failure of any other kind is the program's.
            }
        }
    }

    private static void Use(CqlPage page)
    {
        foreach (var row in page.Rows)
        {
            for (var i = 0; i < page.Columns.Count; i++)
            {
                _ = row[i];
            }
        }
    }

    private static ReadOnlySequence<byte> Segments(byte[] bytes)
    {
        Segment? first = null, last = null;
        foreach (var one in bytes)
        {
            last = new Segment([one], last);
            first ??= last;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, 1);
    }

    private static byte[] Rows()
    {
        var body = new BodyWriter(Opcode.Result, isResponse: true, FrameFlags.Warning | FrameFlags.Tracing)
            .Raw(new byte[16]).StringList(["careful"])
            .Int((int)ResultKind.Rows).Int((int)(MetadataFlags.GlobalTable | MetadataFlags.HasMorePages)).Int(3).Bytes([1, 2, 3]).String("k").String("t")
            .String("a").Short((int)CqlTypeCode.Varchar)
            .String("b").Short((int)CqlTypeCode.Bigint)
            .String("c").Short((int)CqlTypeCode.List).Short((int)CqlTypeCode.Varchar)
            .Int(3);
        for (var i = 0; i < 3; i++)
        {
            body.LongString($"text {i}").Int(8).Long(i).Bytes(BodyWriter.Bare().Int(1).LongString("x").Written);
        }

        var frame = body.ToFrame();
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(2), 7);
        return frame;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] memory, Segment? previous)
        {
            Memory = memory;
            RunningIndex = previous is null ? 0 : previous.RunningIndex + 1;
            if (previous is not null)
            {
                previous.Next = this;
            }
        }
    }
}
