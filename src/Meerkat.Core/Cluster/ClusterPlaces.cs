using Meerkat.Core.Placement;
using Meerkat.Core.Storage;
using Meerkat.Xml;

namespace Meerkat.Core.Cluster;

/// <summary>The keys of one kind in a cluster.</summary>
internal sealed class ClusterPlaces<TCommand, TReply> : IPlaces<TCommand, TReply>, IClusterPlaces, IPlaceRoads<TCommand, TReply>
{
    private const int MostMoves = 3;

    private readonly ClusterPlacement _placement;
    private readonly PlacementKind<TCommand, TReply> _kind;
    private readonly LocalPlaces<TCommand, TReply> _local;
    private readonly PlaceWays<TCommand, TReply> _ways;

    public ClusterPlaces(ClusterPlacement placement, PlacementKind<TCommand, TReply> kind, LocalPlaces<TCommand, TReply> local)
    {
        _placement = placement;
        _kind = kind;
        _local = local;
        _ways = new PlaceWays<TCommand, TReply>(this, kind);
    }

    public event Action? WritersLost;

    public int Count => _local.Count;

    public IEnumerable<string> Local => _local.Local;

    IEnumerable<string> IClusterPlaces.Here => _local.Local;

    long IPlaceRoads<TCommand, TReply>.Now => _placement.Time.GetTimestamp();

    public bool IsLocal(string key) => _local.IsLocal(key);

    public bool IsHere(string key) => _local.IsLocal(key);

    public void TellLost() => WritersLost?.Invoke();

    public async ValueTask<IReadOnlyCollection<string>> AllAsync(CancellationToken ct) => new HashSet<string>([.. _local.Local, .. await _placement.KeysElsewhereAsync(_kind.Name, ct)], StringComparer.Ordinal);

    public ValueTask<TReply> AskAsync(string key, TCommand command, CancellationToken ct)
    {
        var name = PlacementMessages.Name(_kind.Name, key);
        if (!_ways.Has(key) && _placement.TryEnter(name, out _))
        {
            return AskHereAsync(name, key, command, ct);
        }

        _ways.TryAdd(key, command, out var asking);
        return new ValueTask<TReply>(ct.CanBeCanceled ? asking.WaitAsync(ct) : asking); // the wait ends, the command does not
    }

    public bool TryPost(string key, TCommand command)
    {
        var name = PlacementMessages.Name(_kind.Name, key);
        if (_ways.Has(key) || !_placement.TryEnter(name, out _))
        {
            if (!_ways.TryAdd(key, command, out var posted))
            {
                return false;
            }

            _ = WatchAsync(key, posted);
            return true;
        }

        try
        {
            return _local.TryPost(key, command);
        }
        finally
        {
            _placement.Leave(name, this, key);
        }
    }

    public async ValueTask<XmlElement> HandleAsync(string key, XmlElement command) => _kind.Reply.Encode(await _local.AskAsync(key, _kind.Command.Decode(command), CancellationToken.None));

    async ValueTask<Task<TReply>?> IPlaceRoads<TCommand, TReply>.GoAsync(ClusterNode node, Errand<TCommand, TReply> errand)
    {
        var name = PlacementMessages.Name(_kind.Name, errand.Key);
        if (node == _placement.Self)
        {
            return _placement.TryEnter(name, out _) ? AskHereAsync(name, errand.Key, errand.Command, CancellationToken.None).AsTask() : null;
        }

        return await _placement.AskAsync(node, _kind.Name, errand.Key, Encoded(errand), moves: 1, null) is var (_, reply) ? Task.FromResult(_kind.Reply.Decode(reply)) : null;
    }

    async ValueTask<(ClusterNode At, Task<TReply> Answer)> IPlaceRoads<TCommand, TReply>.SeekAsync(Errand<TCommand, TReply> errand)
    {
        var name = PlacementMessages.Name(_kind.Name, errand.Key);
        while (true)
        {
            if (_placement.TryEnter(name, out var elsewhere))
            {
                return (_placement.Self, AskHereAsync(name, errand.Key, errand.Command, CancellationToken.None).AsTask());
            }

            if (elsewhere is { } node
                && await _placement.AskAsync(node, _kind.Name, errand.Key, Encoded(errand), MostMoves, (asked, question) => _ways.Asking(errand, asked, question)) is var (at, reply))
            {
                return (at, Task.FromResult(_kind.Reply.Decode(reply)));
            }

            await _placement.PauseAsync(name, errand.Began);
        }
    }

    ValueTask<bool> IPlaceRoads<TCommand, TReply>.IsTakenAsync(ClusterNode node, long question) => _placement.IsTakenAsync(node, question);

    private XmlElement Encoded(Errand<TCommand, TReply> errand) => errand.Encoded ??= _kind.Command.Encode(errand.Command);

    // The command goes on when the wait for it ends: it is under way until it has ended itself, or the writer stays, which is what counts.
    private async ValueTask<TReply> AskHereAsync(string name, string key, TCommand command, CancellationToken ct)
    {
        try
        {
            return await _local.AskAsync(key, command, ct);
        }
        finally
        {
            _placement.Leave(name, this, key);
        }
    }

    // Nobody waits for it.
    private async Task WatchAsync(string key, Task<TReply> posted)
    {
        try
        {
            await posted;
        }
        catch (Exception failure) when (failure is PlacementBusyException or StorageUnavailableException or NodeRefusedException)
        {
            PlacementLog.Failed(_placement.Log, failure, _kind.Name, key);
        }
    }
}
