using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Placement;

/// <summary>The writers of one kind on a single node, by key.</summary>
internal sealed class LocalPlaces<TCommand, TReply>(
    LocalPlacement placement, PlacementKind<TCommand, TReply> kind, Func<Placed, IPlacedWriter<TCommand, TReply>> activate, ILogger log) : IPlaces<TCommand, TReply>
{
    private readonly ConcurrentDictionary<string, LocalPlace<TCommand, TReply>> _places = new(StringComparer.Ordinal);

    // The node that goes is this one.
    public event Action? WritersLost
    {
        add { }
        remove { }
    }

    public int Count => _places.Count;

    public IEnumerable<string> Local => _places.Select(place => place.Key);

    public PlacementKind<TCommand, TReply> Kind => kind;

    /// <summary>Told of a key whose writer is done. Set once; quick.</summary>
    public Action<string>? Removed { get; set; }

    public ValueTask<IReadOnlyCollection<string>> AllAsync(CancellationToken ct) => new([.. Local]);

    public bool IsLocal(string key) => _places.ContainsKey(key);

    public ValueTask<TReply> AskAsync(string key, TCommand command, CancellationToken ct)
    {
        var asking = Ask(key, placement.Carries ? kind.Command.Carry(command) : command, ct);
        return placement.Carries ? CarryAsync(asking) : asking;
    }

    public bool TryPost(string key, TCommand command)
    {
        try
        {
            var posted = Ask(key, placement.Carries ? kind.Command.Carry(command) : command, CancellationToken.None);
            if (!posted.IsCompletedSuccessfully)
            {
                _ = WatchAsync(key, posted);
            }

            return true;
        }
        catch (PlacementBusyException)
        {
            return false;
        }
        catch (Exception failure) // thrown before anything was waited for: the same as later
        {
            PlacementLog.Failed(log, failure, kind.Name, key);
            return true;
        }
    }

    public IPlacedWriter<TCommand, TReply> Activate(string key) => activate(new Placed(key, placement.NextEpoch()));

    public void Remove(LocalPlace<TCommand, TReply> place)
    {
        _places.TryRemove(KeyValuePair.Create(place.Key, place));
        Removed?.Invoke(place.Key);
    }

    private ValueTask<TReply> Ask(string key, TCommand command, CancellationToken ct)
    {
        while (true)
        {
            var place = _places.TryGetValue(key, out var known) ? known : _places.GetOrAdd(key, static (key, all) => new LocalPlace<TCommand, TReply>(all, key), this);
            if (place.TryAsk(command, ct, out var reply))
            {
                return reply;
            }
        }
    }

    private async ValueTask<TReply> CarryAsync(ValueTask<TReply> asking) => kind.Reply.Carry(await asking);

    // Nobody waits for it: what it throws would be lost.
    private async Task WatchAsync(string key, ValueTask<TReply> posted)
    {
        try
        {
            await posted;
        }
        catch (Exception failure)
        {
            PlacementLog.Failed(log, failure, kind.Name, key);
        }
    }
}
