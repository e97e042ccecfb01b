using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql;

/// <summary>A number that stands for a text in a key or an index, where the text would be too long: the first eight bytes of its SHA-256.</summary>
/// <remarks>They are in databases: never change how they are made. Who looks up by one compares the text as well where somebody might gain by two that have the same.</remarks>
internal static class RemoteKey
{
    // Those who talk do so more than once: a hash is most of what an address costs in a row.
    private static readonly Known?[] s_known = new Known?[4096];

    /// <summary>Of an address.</summary>
    public static long Of(BareJid remote)
    {
        ref var place = ref s_known[(uint)remote.GetHashCode() % (uint)s_known.Length];
        if (Volatile.Read(ref place) is { } known && known.Remote.Equals(remote))
        {
            return known.Key;
        }

        var key = Of(remote.Utf8);
        Volatile.Write(ref place, new Known(remote, key));
        return key;
    }

    /// <summary>Of a text.</summary>
    public static long Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Of a text in UTF-8.</summary>
    public static long Of(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    private sealed record Known(BareJid Remote, long Key);
}
