using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>Accounts without a session on this node of which a module keeps something in memory, because stanzas for their sessions on other nodes pass here. Bounded: nobody says when those end. Safe for concurrent use.</summary>
/// <param name="capacity">How many.</param>
public sealed class DistantAccounts(int capacity = 20_000)
{
    private readonly Lock _gate = new();
    private readonly HashSet<BareJid> _known = [];
    private readonly Queue<BareJid> _order = new();

    /// <summary>Adds an account.</summary>
    /// <returns>The one to be forgotten for it, unless it has a session here by now; null while there is room.</returns>
    public BareJid? Add(BareJid account)
    {
        lock (_gate)
        {
            if (!_known.Add(account))
            {
                return null;
            }

            _order.Enqueue(account);
            if (_order.Count <= capacity)
            {
                return null;
            }

            var oldest = _order.Dequeue();
            _known.Remove(oldest);
            return oldest;
        }
    }
}
