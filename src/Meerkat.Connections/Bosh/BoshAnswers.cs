using Meerkat.Xmpp;

namespace Meerkat.Connections.Bosh;

/// <summary>The answers that are kept in case that they did not arrive (XEP-0124 §14.3): the last ones, or, from a client that acknowledges, all that it has not.</summary>
/// <remarks>Not safe for concurrent use: the session's lock protects it.</remarks>
/// <param name="keepsAll">Whether the client acknowledges answers.</param>
internal sealed class BoshAnswers(bool keepsAll)
{
    /// <summary>How many are kept of a client that does not acknowledge: as many as it may have open.</summary>
    public const int Kept = BoshSession.Requests;

    // A client that promises to acknowledge and then never does.
    private const int MaxKept = 256;
    private const int MaxKeptBytes = 8 * 1024 * 1024;

    private readonly List<Sent> _sent = [];
    private int _bytes;

    /// <summary>Whether so much is kept that the client must be taken for one that does not acknowledge at all.</summary>
    public bool IsFull => _sent.Count > MaxKept || _bytes > MaxKeptBytes;

    /// <summary>The last request that was answered; 0 for none.</summary>
    public long Last { get; private set; }

    /// <summary>Keeps an answer.</summary>
    public void Add(Sent sent)
    {
        Last = sent.Rid;
        _sent.Add(sent);
        _bytes += sent.Bytes.Length;
        while (!keepsAll && _sent.Count > Kept)
        {
            Forget(0);
        }
    }

    /// <summary>The client has all answers up to this one.</summary>
    public void Acknowledge(long rid)
    {
        while (_sent.Count > 0 && _sent[0].Rid <= rid)
        {
            Forget(0);
        }
    }

    /// <summary>The answer to a request; null when it is not kept any more.</summary>
    public Sent? Find(long rid) => _sent.Find(sent => sent.Rid == rid);

    /// <summary>Stanzas in answers that the client did not get, as far as that is known, in order; they are not kept any more.</summary>
    public IEnumerable<Stanza> TakeLost()
    {
        foreach (var sent in _sent)
        {
            if (sent.Stanzas is { } stanzas && (keepsAll || sent.IsLost))
            {
                sent.Stanzas = null;
                foreach (var stanza in stanzas)
                {
                    yield return stanza;
                }
            }
        }
    }

    private void Forget(int index)
    {
        _bytes -= _sent[index].Bytes.Length;
        _sent.RemoveAt(index);
    }

    /// <summary>An answer that was given.</summary>
    /// <param name="Rid">The request.</param>
    /// <param name="Bytes">The answer.</param>
    /// <param name="Key">The request's key; a repetition has the same.</param>
    /// <param name="At">When, on the clock's own scale.</param>
    internal sealed record Sent(long Rid, byte[] Bytes, string? Key, long At)
    {
        /// <summary>The stanzas in it; null when there are none or when they went elsewhere.</summary>
        public IReadOnlyList<Stanza>? Stanzas { get; set; }

        /// <summary>Whether the connection broke before it had left.</summary>
        public bool IsLost { get; set; }
    }
}
