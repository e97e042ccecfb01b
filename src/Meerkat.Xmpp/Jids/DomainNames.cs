using System.Text;

namespace Meerkat.Xmpp;

/// <summary>
/// Strings of domains seen lately. A server asks for the domain of nearly every JID, and it is nearly always one of a few; a stranger who
/// sends many names costs others a new string now and then, and nothing else.
/// </summary>
internal static class DomainNames
{
    private const int Slots = 256;

    private static readonly Entry?[] Recent = new Entry?[Slots];

    /// <summary>The domain as a string, the same instance as long as the name stays in use. Thread-safe without locks: an entry is immutable.</summary>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        ref var slot = ref Recent[JidHash.Of(utf8) & (Slots - 1)];
        var entry = slot;
        if (entry is null || !utf8.SequenceEqual(entry.Utf8))
        {
            entry = new Entry(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
            slot = entry;
        }

        return entry.Text;
    }

    private sealed record Entry(byte[] Utf8, string Text);
}
