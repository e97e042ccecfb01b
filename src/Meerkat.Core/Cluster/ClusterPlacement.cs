using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Meerkat.Core.Placement;
using Meerkat.Core.Storage;
using Meerkat.Xml;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>Single writers in a cluster: each key has one, on the node that was asked for it first, until that writer is done or its node has gone.</summary>
/// <remarks>
/// <para>Who knows where the writer of a key is follows from the key and the view (rendezvous hashing, as for sessions). A key without a writer gets one there. A node that comes takes no writer away from
/// another: with each view the nodes tell what they have, and whoever knows now answers when all have told, so that no key gets a second one.</para>
/// <para>A node without a lease of its membership gives its writers nothing to do. What it writes all the same has the lower epoch (<see cref="Placed.Epoch"/>): epochs are times, so the clocks of nodes have
/// to be about right, within <c>failure_time</c>.</para>
/// <para>A node that is about to leave makes no writers any more (<see cref="Close"/>): whoever has a command for a key that would get one there asks again, until the node is in no view, and the writer is made elsewhere.</para>
/// </remarks>
public sealed class ClusterPlacement : IPlacement, IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, IClusterPlaces> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _mine = new(StringComparer.Ordinal); // keys whose writers are here, or are being made; how many commands are under way
    private readonly ConcurrentDictionary<(ClusterNode Asker, long Question), bool> _taken = new(); // commands of other nodes that are being handled
    private readonly Lock _gate = new();
    private readonly LocalPlacement _local;
    private readonly INodeLink _link;
    private readonly IClusterMembers _members;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private PlacementTerm _term;
    private long _lastAsked;
    private volatile bool _isClosed;
    private volatile bool _isStopped;

    /// <summary>Begins with the view that there is.</summary>
    /// <param name="link">The way to other nodes.</param>
    /// <param name="members">Which nodes there are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Loggers.</param>
    public ClusterPlacement(INodeLink link, IClusterMembers members, TimeProvider time, ILoggerFactory loggers)
    {
        _local = new LocalPlacement(time, loggers);
        _link = link;
        _members = members;
        _time = time;
        _log = loggers.CreateLogger<ClusterPlacement>();
        _term = new PlacementTerm(new ClusterView(-1, []));
        link.Serve(NodeVerb.Place, HandleAsync);
        link.Serve(NodeVerb.PlacesHere, HearAsync);
        members.Changed += See;
        See(members.View);
    }

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <summary>How long a command waits until the nodes agree where its writer is (<see cref="ClusterOptions.Patience"/>). Default 15 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    internal TimeProvider Time => _time;

    internal ClusterNode Self => _link.Self;

    internal ILogger Log => _log;

    /// <inheritdoc/>
    public IPlaces<TCommand, TReply> Open<TCommand, TReply>(PlacementKind<TCommand, TReply> kind, Func<Placed, IPlacedWriter<TCommand, TReply>> activate)
    {
        var local = (LocalPlaces<TCommand, TReply>)_local.Open(kind, activate);
        var places = new ClusterPlaces<TCommand, TReply>(this, kind, local);
        local.Removed = key => Leave(PlacementMessages.Name(kind.Name, key), places, key, ended: false);
        _kinds[kind.Name] = places;
        return places;
    }

    /// <summary>This node is about to leave: keys that have no writer get none here any more. Those that are here go on.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Waits until no command is under way here, so that what they say is on its way before this node leaves; for some seconds at most.</summary>
    public async Task SettleAsync(CancellationToken ct)
    {
        for (var began = _time.GetTimestamp(); IsBusy() && _time.GetElapsedTime(began) < s_settling;)
        {
            await Task.Delay(s_pause, _time, ct);
        }
    }

    /// <summary>Follows no view any more.</summary>
    public void Dispose()
    {
        _isStopped = true;
        _members.Changed -= See;
    }

    /// <summary>Takes a command for a key on, if its writer is here or is to be made here. <see cref="Leave"/> follows.</summary>
    /// <param name="name">The key with its kind.</param>
    /// <param name="elsewhere">Else the node to ask; null when nobody knows yet, and it has to be tried again.</param>
    internal bool TryEnter(string name, out ClusterNode? elsewhere)
    {
        elsewhere = null;
        lock (_gate)
        {
            if (!_members.HoldsLease)
            {
                return false;
            }

            if (!_mine.TryGetValue(name, out var commands))
            {
                var first = _term.FirstOf(name);
                if (first != _link.Self)
                {
                    elsewhere = first == default ? null : first;
                    return false;
                }

                if (!_term.IsTold)
                {
                    return false;
                }

                if (_term.Table.TryGetValue(name, out var holder))
                {
                    elsewhere = holder;
                    return false;
                }

                if (_isClosed)
                {
                    return false;
                }
            }

            _mine[name] = commands + 1;
            return true;
        }
    }

    /// <summary>A command has been handled, or the writer is done.</summary>
    internal void Leave(string name, IClusterPlaces places, string key, bool ended = true)
    {
        ClusterNode? told = null;
        lock (_gate)
        {
            if (!_mine.TryGetValue(name, out var commands))
            {
                return;
            }

            commands -= ended ? 1 : 0;
            if (commands > 0 || places.IsHere(key))
            {
                _mine[name] = commands;
                return;
            }

            _mine.Remove(name);
            var first = _term.FirstOf(name);
            told = first == _link.Self ? null : first;
        }

        if (told is { } node)
        {
            _link.TryPost(node, NodeVerb.PlacesHere, PlacementMessages.Gone(name));
        }
    }

    /// <summary>Gives a command to the writer of a key on another node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="key">The key.</param>
    /// <param name="command">The command.</param>
    /// <param name="moves">How many nodes are asked at most, each where the one before says that the writer is.</param>
    /// <param name="asking">Told of each node that has been sent the command, and of what that knows it by (<see cref="IsTakenAsync"/>); null for nobody.</param>
    /// <returns>The reply, and who gave it; null when it has to be tried again.</returns>
    internal async ValueTask<(ClusterNode At, XmlElement Reply)?> AskAsync(ClusterNode node, string kind, string key, XmlElement command, int moves, Action<ClusterNode, long>? asking)
    {
        try
        {
            for (; moves > 0; moves--)
            {
                var question = Interlocked.Increment(ref _lastAsked);
                var answer = _link.AskAsync(node, NodeVerb.Place, PlacementMessages.Ask(kind, key, question, command), CancellationToken.None);
                asking?.Invoke(node, question);
                var reply = RegistryCodec.Parse((await answer).Span).Detach();
                switch (reply.Name)
                {
                    case "done":
                        return (node, reply.FirstChild!.Value.Detach());
                    case "busy":
                        throw new PlacementBusyException(kind, key);
                    case "unavailable":
                        throw new StorageUnavailableException($"node {node}: {reply.Text}");
                    case "moved" when ClusterNode.TryParse(reply.Attribute("to"), out var to) && to != _link.Self:
                        node = to;
                        break;
                    default:
                        return null;
                }
            }
        }
        catch (NodeUnreachableException)
        {
            // It has left, and its writers with it.
        }

        return null;
    }

    /// <summary>Waits before the next attempt.</summary>
    /// <exception cref="StorageUnavailableException">It has taken too long, or this node is about to leave and the writer would be here.</exception>
    internal async ValueTask PauseAsync(string name, long began)
    {
        if (_isClosed && Volatile.Read(ref _term).FirstOf(name) == _link.Self)
        {
            throw new StorageUnavailableException("this node stops");
        }

        if (_isStopped || _time.GetElapsedTime(began) > Patience)
        {
            throw new StorageUnavailableException($"the nodes do not agree where {name.Replace('\n', ' ')} is");
        }

        await Task.Delay(s_pause, _time);
    }

    /// <summary>Whether another node is handling a command that was sent to it before. Never fails.</summary>
    internal async ValueTask<bool> IsTakenAsync(ClusterNode node, long question)
    {
        try
        {
            return RegistryCodec.Parse((await _link.AskAsync(node, NodeVerb.Place, PlacementMessages.IsTaken(question), CancellationToken.None)).Span).Name == "taken";
        }
        catch (Exception unknown) when (unknown is NodeUnreachableException or NodeRefusedException)
        {
            return false;
        }
    }

    /// <summary>The keys of a kind whose writers are on other nodes, as far as these answer.</summary>
    internal async Task<IEnumerable<string>> KeysElsewhereAsync(string kind, CancellationToken ct) =>
        (await Task.WhenAll(_members.View.Nodes.Where(node => node != _link.Self).Select(node => KeysOfAsync(node, kind, ct)))).SelectMany(keys => keys);

    private bool IsBusy()
    {
        lock (_gate)
        {
            return _mine.Values.Any(commands => commands > 0);
        }
    }

    private async Task<IEnumerable<string>> KeysOfAsync(ClusterNode node, string kind, CancellationToken ct)
    {
        try
        {
            return PlacementMessages.KeysIn(RegistryCodec.Parse((await _link.AskAsync(node, NodeVerb.PlacesHere, PlacementMessages.Which(kind), ct).AsTask().WaitAsync(Patience, _time, ct)).Span));
        }
        catch (Exception gone) when (gone is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            return []; // what it has is gone with it
        }
    }

    // A command from another node.
    private async ValueTask<ReadOnlyMemory<byte>> HandleAsync(ClusterNode from, ReadOnlyMemory<byte> body)
    {
        var asked = RegistryCodec.Parse(body.Span).Detach();
        var question = (from, asked.Attribute("id") is null ? 0 : RegistryMessages.Number(asked, "id")); // nodes of before do not number what they ask
        if (asked.Name == "is-taken")
        {
            return PlacementMessages.Taken(_taken.ContainsKey(question));
        }

        var (kind, key) = (asked.Attribute("kind")!, asked.Attribute("key")!);
        if (!_kinds.TryGetValue(kind, out var places))
        {
            throw new NodeRefusedException($"there is no {kind}");
        }

        var name = PlacementMessages.Name(kind, key);
        if (!TryEnter(name, out var elsewhere))
        {
            return elsewhere is { } node ? PlacementMessages.Moved(node) : PlacementMessages.Stale();
        }

        try
        {
            var handling = places.HandleAsync(key, asked.FirstChild!.Value.Detach());
            if (!handling.IsCompleted)
            {
                _taken[question] = true;
            }

            return PlacementMessages.Done(await handling);
        }
        catch (PlacementBusyException)
        {
            return PlacementMessages.Busy();
        }
        catch (Exception failure) when (StorageFailure.IsExpected(failure))
        {
            return PlacementMessages.Unavailable(failure.Message);
        }
        finally
        {
            _taken.TryRemove(question, out _);
            Leave(name, places, key);
        }
    }

    // What another node has, does not have any more, or wants to know.
    private async ValueTask<ReadOnlyMemory<byte>> HearAsync(ClusterNode from, ReadOnlyMemory<byte> body)
    {
        var told = RegistryCodec.Parse(body.Span).Detach();
        switch (told.Name)
        {
            case "which":
                return _kinds.TryGetValue(told.Attribute("kind")!, out var places) ? PlacementMessages.Keys(places.Here) : PlacementMessages.Keys([]);
            case "gone":
                lock (_gate)
                {
                    if (_term.Table.TryGetValue(told.Text, out var holder) && holder == from)
                    {
                        _term.Table.Remove(told.Text);
                    }
                }

                return ReadOnlyMemory<byte>.Empty;
        }

        var version = RegistryMessages.Number(told, "view");
        for (var waited = TimeSpan.Zero; Volatile.Read(ref _term).View.Version < version && waited < Patience; waited += s_pause)
        {
            await Task.Delay(s_pause, _time);
        }

        lock (_gate)
        {
            if (_term.View.Version == version)
            {
                foreach (var name in PlacementMessages.KeysIn(told))
                {
                    _term.Table[name] = from;
                }

                if (told.Attribute("last") is not null)
                {
                    _term.Hear(from);
                }
            }
        }

        return ReadOnlyMemory<byte>.Empty; // in another view it is told again
    }

    private void See(ClusterView view)
    {
        PlacementTerm term;
        string[] mine;
        bool isLost;
        lock (_gate)
        {
            if (view.Version <= _term.View.Version)
            {
                return;
            }

            isLost = _term.View.Nodes.Any(node => !view.Has(node));
            _term = term = new PlacementTerm(view);
            mine = [.. _mine.Keys];
        }

        _ = Task.Run(() => TellAllAsync(term, mine));
        if (isLost)
        {
            foreach (var places in _kinds.Values)
            {
                places.TellLost();
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged and tried again.")]
    private async Task TellAllAsync(PlacementTerm term, string[] mine)
    {
        var byNode = mine.ToLookup(term.FirstOf);
        await Task.WhenAll(term.View.Nodes.Select(async node =>
        {
            while (Volatile.Read(ref _term) == term && !_isStopped)
            {
                try
                {
                    foreach (var part in byNode[node].Where(_ => node != _link.Self).Chunk(1000).Append([]))
                    {
                        await _link.AskAsync(node, NodeVerb.PlacesHere, PlacementMessages.Here(term.View, part), CancellationToken.None);
                    }

                    return;
                }
                catch (Exception failure)
                {
                    ClusterLog.PlacesNotTold(_log, node, failure.Message);
                    await Task.Delay(s_pause, _time);
                }
            }
        }));
    }
}

/// <summary>What the placement asks of the keys of one kind.</summary>
internal interface IClusterPlaces
{
    /// <summary>The keys whose writers are here.</summary>
    IEnumerable<string> Here { get; }

    /// <summary>Whether the writer of a key is here.</summary>
    bool IsHere(string key);

    /// <summary>Gives a command of another node to the writer here.</summary>
    ValueTask<XmlElement> HandleAsync(string key, XmlElement command);

    /// <summary>A node has gone with its writers.</summary>
    void TellLost();
}

/// <summary>What is known as long as a view lasts. Under the placement's lock.</summary>
internal sealed class PlacementTerm(ClusterView view)
{
    private readonly HashSet<ClusterNode> _silent = [.. view.Nodes];

    public ClusterView View => view;

    /// <summary>Where the writers of those keys are that this node has to know of, and that are not here.</summary>
    public Dictionary<string, ClusterNode> Table { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether all members have told what they have.</summary>
    public bool IsTold => _silent.Count == 0 && view.Nodes.Count > 0;

    public void Hear(ClusterNode from) => _silent.Remove(from);

    /// <summary>Who knows where the writer of a key is; none without members.</summary>
    public ClusterNode FirstOf(string name) => view.Nodes.Count == 0 ? default : RegistryPlaces.Of(Encoding.UTF8.GetBytes(name), view).First;
}
