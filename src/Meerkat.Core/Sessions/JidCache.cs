using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>The last few recipients of one session, so that a chat parses its partner's address once. Not safe for concurrent use.</summary>
internal sealed class JidCache
{
    private const int Size = 4;

    private readonly (byte[]? Raw, Jid? Jid)[] _entries = new (byte[]?, Jid?)[Size];
    private int _next;

    /// <summary>The address of an attribute's raw value.</summary>
    /// <param name="raw">The value as it stands, with references.</param>
    /// <param name="decode">Decodes the value when it holds references.</param>
    /// <returns>Null when it is malformed.</returns>
    public Jid? Parse(ReadOnlySpan<byte> raw, Func<string?> decode)
    {
        foreach (var (known, jid) in _entries)
        {
            if (known is not null && raw.SequenceEqual(known))
            {
                return jid;
            }
        }

        var parsed = raw.Contains((byte)'&')
            ? Jid.TryParse(decode(), out var decoded) ? decoded : null
            : Jid.TryParse(raw, out var plain) ? plain : null;
        if (parsed is not null)
        {
            _entries[_next] = (raw.ToArray(), parsed);
            _next = (_next + 1) % Size;
        }

        return parsed;
    }
}
