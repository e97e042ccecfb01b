using System.Security.Cryptography;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Cassandra.Mam;

/// <summary>Where a message lies: which part of its archive, and which keys lead to it. Pure.</summary>
internal static class Buckets
{
    /// <summary>How many partitions the owners of a domain are spread over.</summary>
    public const int Shards = 16;

    // An id is microseconds and eight bits more (MAM-001): 49 bits are 25 days and a half.
    private const int Bits = 49;

    /// <summary>The part of an archive in which an id lies: partitions stay of a size that Cassandra likes, however long an archive grows.</summary>
    public static int Of(long id) => (int)(id >> Bits);

    /// <summary>The highest id of a part.</summary>
    public static long LastId(int bucket) => ((long)bucket << Bits) | ((1L << Bits) - 1);

    /// <summary>The partition of an owner among those of its domain.</summary>
    public static int ShardOf(string owner) => SHA256.HashData(Encoding.UTF8.GetBytes(owner))[0] % Shards;

    /// <summary>What makes a message the same when it is sent again (MAM-016): whose archive, with whom, in which direction, and the sender's own id, which may be longer than a key.</summary>
    public static byte[] Origin(BareJid owner, string remote, bool isOutgoing, string originId) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{owner}\n{remote}\n{(isOutgoing ? 'O' : 'I')}\n{originId}"));
}
