using Meerkat.Core.Sessions;

namespace Meerkat.Core.Cluster;

/// <summary>Keeps the order of what goes to a session that moves to another node: what is sent now waits until what was sent to its old node has come through. Safe for concurrent use.</summary>
/// <remarks>Begins closed. Bounded: what is too much is refused, as a link's is.</remarks>
internal sealed class SessionWay(INodeLink link, Action<ClusterNode, SessionStanza> returned)
{
    private const int MaxHeld = 10_000;

    private readonly Lock _gate = new();
    private List<SessionStanza>? _held = [];
    private Session? _here;

    /// <summary>Sends a stanza to the session's node, in its turn.</summary>
    public bool TrySend(ClusterNode to, SessionStanza stanza)
    {
        lock (_gate)
        {
            if (_held is not null)
            {
                if (_held.Count >= MaxHeld)
                {
                    return false;
                }

                _held.Add(stanza);
                return true;
            }
        }

        return _here is { } here ? TryGive(here, stanza) : link.TrySend(to, stanza);
    }

    /// <summary>The way is free.</summary>
    public void Open(ClusterNode to)
    {
        lock (_gate)
        {
            foreach (var stanza in _held ?? [])
            {
                if (!link.TrySend(to, stanza))
                {
                    returned(to, stanza);
                }
            }

            _held = null;
        }
    }

    /// <summary>The session has moved here: what was for the other node is for this one.</summary>
    public void OpenTo(Session here)
    {
        lock (_gate)
        {
            foreach (var stanza in _held ?? [])
            {
                if (!TryGive(here, stanza))
                {
                    returned(link.Self, stanza);
                }
            }

            _here = here;
            _held = null;
        }
    }

    private static bool TryGive(Session here, SessionStanza stanza) => stanza.PastFilters ? here.Reply(stanza.Stanza) : here.Deliver(stanza.Stanza);
}
