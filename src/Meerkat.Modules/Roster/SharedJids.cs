using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>Addresses of contacts as objects, made when they are needed: contacts are mostly each other's, so most are there.</summary>
/// <remarks>
/// A table of a fixed size in which a newcomer displaces whoever has its place: it forgets, never grows, and needs no lock, since any address that is read from it is
/// a good one. Safe for concurrent use.
/// </remarks>
internal static class SharedJids
{
    private const int Size = 1 << 16;

    private static readonly Jid?[] s_known = new Jid?[Size];

    /// <summary>The address of these bytes: the same object for all who ask soon enough.</summary>
    /// <param name="hash">The address's hash code.</param>
    /// <param name="utf8">The address as <see cref="Jid.Utf8"/> gave it.</param>
    public static Jid Share(int hash, ReadOnlySpan<byte> utf8)
    {
        ref var place = ref s_known[((uint)hash ^ ((uint)hash >> 16)) & (Size - 1)];
        if (Volatile.Read(ref place) is { } known && known.Utf8.SequenceEqual(utf8))
        {
            return known;
        }

        var jid = Jid.TryParse(utf8, out var parsed) ? parsed : throw new InvalidOperationException("A contact's address was kept that is none.");
        Volatile.Write(ref place, jid);
        return jid;
    }
}
