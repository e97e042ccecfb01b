using System.Buffers;

namespace Meerkat.Xmpp;

/// <summary>Collects many small pieces in what a writer has free, and tells the writer once: a pipe takes a lock whenever it is told.</summary>
/// <param name="target">The writer. Nobody else may write to it between a piece and <see cref="Commit"/>.</param>
internal ref struct SpanWriter(IBufferWriter<byte> target)
{
    private Span<byte> _free = target.GetSpan();
    private int _used;

    /// <summary>Adds a piece.</summary>
    public void Write(ReadOnlySpan<byte> piece)
    {
        if (piece.TryCopyTo(_free[_used..]))
        {
            _used += piece.Length;
            return;
        }

        Commit();
        target.Write(piece); // fills what is free there, and goes on behind it
        _free = target.GetSpan();
    }

    /// <summary>Hands the pieces so far to the writer.</summary>
    public void Commit()
    {
        target.Advance(_used);
        _free = default;
        _used = 0;
    }
}
