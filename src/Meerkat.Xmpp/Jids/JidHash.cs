using System.Runtime.InteropServices;

namespace Meerkat.Xmpp;

/// <summary>A hash of UTF-8 that strangers cannot make collide: JIDs come from the network and are keys of long-lived tables.</summary>
internal static class JidHash
{
    /// <summary>Never 0, which means "not computed" to the caller.</summary>
    public static int Of(ReadOnlySpan<byte> utf8)
    {
        // The framework's keyed hash (Marvin) is offered for chars only, and reads them as plain bytes.
        var pairs = MemoryMarshal.Cast<byte, char>(utf8);
        var hash = string.GetHashCode(pairs);
        if ((utf8.Length & 1) != 0)
        {
            hash = unchecked((hash * 31) + utf8[^1] + 1);
        }

        return hash == 0 ? 1 : hash;
    }
}
