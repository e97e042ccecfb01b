using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>Which nodes are the authority of an account: the two whose names together with the account's give the greatest numbers (rendezvous hashing), so that a node that comes or goes moves its share alone.</summary>
internal static class RegistryPlaces
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>The authority, and who keeps a copy; none where there is one node alone. When the first one goes, the second is the authority.</summary>
    public static (ClusterNode First, ClusterNode? Second) Of(BareJid account, ClusterView view) => Of(account.Utf8, view);

    /// <summary>The same for anything that has a name.</summary>
    public static (ClusterNode First, ClusterNode? Second) Of(ReadOnlySpan<byte> name, ClusterView view)
    {
        ClusterNode first = default;
        ClusterNode? second = null;
        ulong highest = 0;
        ulong next = 0;
        var isAny = false;
        var start = Hash(Offset, name);
        foreach (var node in view.Nodes)
        {
            var weight = Mix(Hash(start, Encoding.UTF8.GetBytes(node.Name)) ^ (ulong)node.Run);
            if (!isAny || weight > highest)
            {
                (second, next) = isAny ? ((ClusterNode?)first, highest) : (null, 0UL);
                (first, highest, isAny) = (node, weight, true);
            }
            else if (second is null || weight > next)
            {
                (second, next) = (node, weight);
            }
        }

        return (first, second);
    }

    private static ulong Hash(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var next in bytes)
        {
            hash = unchecked((hash ^ next) * Prime);
        }

        return hash;
    }

    // The last bytes have to reach all bits.
    private static ulong Mix(ulong hash)
    {
        unchecked
        {
            hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
            hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
            return hash ^ (hash >> 33);
        }
    }
}
