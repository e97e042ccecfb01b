using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql;

/// <summary>A number that stands for a text in a key or an index, where the text would be too long: the first eight bytes of its SHA-256.</summary>
/// <remarks>They are in databases: never change how they are made. Who looks up by one compares the text as well where somebody might gain by two that have the same.</remarks>
internal static class RemoteKey
{
    /// <summary>Of an address.</summary>
    public static long Of(BareJid remote) => Of(remote.Utf8);

    /// <summary>Of a text.</summary>
    public static long Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Of a text in UTF-8.</summary>
    public static long Of(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }
}
