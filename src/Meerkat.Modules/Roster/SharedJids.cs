using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>Addresses that many rosters have in common are kept once: contacts are mostly each other's.</summary>
/// <remarks>
/// A table of a fixed size in which a newcomer displaces whoever has its place: it forgets, never grows, and needs no lock, since any address that is read from it is
/// a good one. Safe for concurrent use.
/// </remarks>
internal static class SharedJids
{
    private const int Size = 1 << 16;

    private static readonly Jid?[] s_known = new Jid?[Size];

    /// <summary>An equal address, the same object for all who ask soon enough.</summary>
    public static Jid Share(Jid jid)
    {
        var hash = (uint)jid.GetHashCode();
        ref var place = ref s_known[(hash ^ (hash >> 16)) & (Size - 1)];
        if (Volatile.Read(ref place) is { } known && known.Equals(jid))
        {
            return known;
        }

        Volatile.Write(ref place, jid);
        return jid;
    }
}
