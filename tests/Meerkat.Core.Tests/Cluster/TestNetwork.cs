using System.Collections.Concurrent;
using Meerkat.Core.Cluster;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>A network in memory with its membership: it can lose answers, cut pairs, and lose nodes. Safe for concurrent use.</summary>
internal sealed class TestNetwork
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<ClusterNode, Place> _places = new();
    private readonly ConcurrentDictionary<(ClusterNode, ClusterNode), bool> _cut = new();
    private readonly ConcurrentDictionary<ClusterNode, bool> _dead = new();
    private ClusterView _view = new(0, []);
    private int _joined;

    /// <summary>How many batches arrived, repeated ones too.</summary>
    public int Batches;

    /// <summary>How many bytes arrived.</summary>
    public long Bytes;

    /// <summary>The next answers to be lost: the batch arrives, and the sender does not hear of it.</summary>
    public int LoseAnswers;

    public Place Join(string name, long? run = null)
    {
        Place place;
        lock (_gate)
        {
            place = new Place(this, new ClusterNode(name, run ?? ++_joined));
            _places[place.Self] = place;
            _view = new ClusterView(_view.Version + 1, [.. _view.Nodes.Append(place.Self).Order()]);
        }

        Announce();
        return place;
    }

    /// <summary>Nothing comes from a node or reaches it any more; the others do not know yet.</summary>
    public void Kill(ClusterNode node) => _dead[node] = true;

    /// <summary>The others know that a node is gone.</summary>
    public void Remove(ClusterNode node)
    {
        lock (_gate)
        {
            _view = new ClusterView(_view.Version + 1, [.. _view.Nodes.Where(known => known != node)]);
        }

        Announce();
    }

    public void Cut(ClusterNode one, ClusterNode other)
    {
        _cut[(one, other)] = true;
        _cut[(other, one)] = true;
    }

    public void Mend(ClusterNode one, ClusterNode other)
    {
        _cut.TryRemove((one, other), out _);
        _cut.TryRemove((other, one), out _);
    }

    private void Announce()
    {
        lock (_gate)
        {
            foreach (var place in _places.Values.Where(place => !_dead.ContainsKey(place.Self)))
            {
                place.See(_view);
            }
        }
    }

    private async ValueTask CarryAsync(ClusterNode from, ClusterNode to, ReadOnlyMemory<byte> batch)
    {
        await Task.Yield();
        if (_dead.ContainsKey(from) || _dead.ContainsKey(to) || _cut.ContainsKey((from, to)) || !_places.TryGetValue(to, out var place) || place.Receive is not { } receive)
        {
            throw new NodeUnreachableException("cut");
        }

        Interlocked.Increment(ref Batches);
        Interlocked.Add(ref Bytes, batch.Length);
        await receive(from, batch.ToArray());
        if (Interlocked.Decrement(ref LoseAnswers) >= 0)
        {
            throw new NodeUnreachableException("the answer was lost");
        }
    }

    /// <summary>A node's end of it.</summary>
    internal sealed class Place(TestNetwork network, ClusterNode self) : IClusterMembers, INodeTransport
    {
        private volatile bool _isBlind;

        public event Action<ClusterView>? Changed;

        public event Action? Lost;

        public ClusterNode Self => self;

        public ClusterView View { get; private set; } = new(0, []);

        /// <summary>Whether it does not see what has changed; told when it does again.</summary>
        public bool IsBlind
        {
            get => _isBlind;
            set
            {
                _isBlind = value;
                See(network._view);
            }
        }

        public bool HoldsLease { get; set; } = true;

        public Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask>? Receive { get; set; }

        public ValueTask SendAsync(ClusterNode to, ReadOnlyMemory<byte> batch, CancellationToken ct) => network.CarryAsync(self, to, batch);

        public void Lose() => Lost?.Invoke();

        public void See(ClusterView view)
        {
            if (!_isBlind && view.Version > View.Version)
            {
                View = view;
                Changed?.Invoke(view);
            }
        }
    }
}
