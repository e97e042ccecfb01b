using Meerkat.Core.Placement;
using Meerkat.Core.Storage;
using Meerkat.Xml;

namespace Meerkat.Core.Cluster;

/// <summary>The keys of one kind in a cluster.</summary>
internal sealed class ClusterPlaces<TCommand, TReply>(ClusterPlacement placement, PlacementKind<TCommand, TReply> kind, LocalPlaces<TCommand, TReply> local) : IPlaces<TCommand, TReply>, IClusterPlaces
{
    public event Action? WritersLost;

    public int Count => local.Count;

    public IEnumerable<string> Local => local.Local;

    IEnumerable<string> IClusterPlaces.Here => local.Local;

    public bool IsLocal(string key) => local.IsLocal(key);

    public bool IsHere(string key) => local.IsLocal(key);

    public void TellLost() => WritersLost?.Invoke();

    public async ValueTask<IReadOnlyCollection<string>> AllAsync(CancellationToken ct) => new HashSet<string>([.. local.Local, .. await placement.KeysElsewhereAsync(kind.Name, ct)], StringComparer.Ordinal);

    public ValueTask<TReply> AskAsync(string key, TCommand command, CancellationToken ct)
    {
        var name = PlacementMessages.Name(kind.Name, key);
        return placement.TryEnter(name, out var elsewhere) ? AskHereAsync(name, key, command, ct) : AskAsync(name, key, command, elsewhere, ct);
    }

    public bool TryPost(string key, TCommand command)
    {
        var name = PlacementMessages.Name(kind.Name, key);
        if (!placement.TryEnter(name, out var elsewhere))
        {
            _ = WatchAsync(key, AskAsync(name, key, command, elsewhere, CancellationToken.None).AsTask());
            return true;
        }

        try
        {
            return local.TryPost(key, command);
        }
        finally
        {
            placement.Leave(name, this, key);
        }
    }

    public async ValueTask<XmlElement> HandleAsync(string key, XmlElement command) => kind.Reply.Encode(await local.AskAsync(key, kind.Command.Decode(command), CancellationToken.None));

    // The command goes on when the wait for it ends: it is under way until it has ended itself, or the writer stays, which is what counts.
    private async ValueTask<TReply> AskHereAsync(string name, string key, TCommand command, CancellationToken ct)
    {
        try
        {
            return await local.AskAsync(key, command, ct);
        }
        finally
        {
            placement.Leave(name, this, key);
        }
    }

    private async ValueTask<TReply> AskAsync(string name, string key, TCommand command, ClusterNode? elsewhere, CancellationToken ct)
    {
        var began = placement.Time.GetTimestamp();
        XmlElement? encoded = null;
        while (true)
        {
            if (elsewhere is { } node && await placement.AskAsync(node, kind.Name, key, encoded ??= kind.Command.Encode(command), ct) is { } reply)
            {
                return kind.Reply.Decode(reply);
            }

            await placement.PauseAsync(name, began, ct);
            if (placement.TryEnter(name, out elsewhere))
            {
                return await AskHereAsync(name, key, command, ct);
            }
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
            PlacementLog.Failed(placement.Log, failure, kind.Name, key);
        }
    }
}
