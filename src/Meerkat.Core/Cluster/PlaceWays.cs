using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Placement;
using Meerkat.Core.Tracing;
using Meerkat.Xml;

namespace Meerkat.Core.Cluster;

/// <summary>The commands of this node to keys whose writers it does not know to be here: for each key in the order in which they came. Safe for concurrent use.</summary>
/// <remarks>
/// The first one looks for the writer, and the others wait. Where it has been taken, they all go, without waiting for each other: the way there keeps their order. One that comes back, because the writer is there no more,
/// goes before those that came after it, and looks for it anew.
/// </remarks>
/// <param name="roads">How commands get anywhere.</param>
/// <param name="kind">Their kind.</param>
internal sealed class PlaceWays<TCommand, TReply>(IPlaceRoads<TCommand, TReply> roads, PlacementKind<TCommand, TReply> kind)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Way> _ways = new(StringComparer.Ordinal);
    private volatile int _count;

    /// <summary>Whether commands to a key are under way: the next one goes behind them.</summary>
    public bool Has(string key)
    {
        if (_count == 0)
        {
            return false;
        }

        lock (_gate)
        {
            return _ways.ContainsKey(key);
        }
    }

    /// <summary>Takes a command.</summary>
    /// <param name="key">The key.</param>
    /// <param name="command">The command.</param>
    /// <param name="reply">What its writer answers.</param>
    /// <returns>False when too many wait for the key: it was not taken.</returns>
    public bool TryAdd(string key, TCommand command, out Task<TReply> reply)
    {
        Way? way;
        Errand<TCommand, TReply> errand;
        (ClusterNode Node, long Question)? asked;
        lock (_gate)
        {
            if (!_ways.TryGetValue(key, out way))
            {
                _ways[key] = way = new Way(key);
                _count = _ways.Count;
            }
            else if (way.Waiting.Count >= kind.MaxWaiting)
            {
                reply = Task.FromException<TReply>(new PlacementBusyException(kind.Name, key));
                return false;
            }

            errand = new Errand<TCommand, TReply>(key, command, ++way.Last, roads.Now);
            way.Waiting.AddLast(errand);
            asked = ToProbe(way);
        }

        Probe(way, asked);
        Go(way);
        reply = errand.Reply.Task;
        return true;
    }

    /// <summary>The first one of a key has been sent to a node: those behind it can find out that it was taken.</summary>
    /// <param name="errand">The first one.</param>
    /// <param name="node">The node.</param>
    /// <param name="question">What the node knows it by.</param>
    public void Asking(Errand<TCommand, TReply> errand, ClusterNode node, long question)
    {
        Way? way;
        (ClusterNode Node, long Question)? asked = null;
        lock (_gate)
        {
            if (_ways.TryGetValue(errand.Key, out way))
            {
                way.Asked = (node, question);
                way.IsProbed = false;
                asked = ToProbe(way);
            }
        }

        if (way is not null)
        {
            Probe(way, asked);
        }
    }

    // Under the lock. Somebody waits behind the first one, which may be with its writer for long.
    private static (ClusterNode Node, long Question)? ToProbe(Way way)
    {
        if (way.At is not null || way.IsProbed || way.Waiting.Count == 0 || way.UnderWay == 0)
        {
            return null;
        }

        way.IsProbed = way.Asked is not null;
        return way.Asked;
    }

    private void Probe(Way way, (ClusterNode Node, long Question)? asked)
    {
        if (asked is var (node, question))
        {
            _ = ProbeAsync(way, node, question);
        }
    }

    // The question comes behind the first one: where that has not been taken by then, it never is.
    private async Task ProbeAsync(Way way, ClusterNode node, long question)
    {
        if (!await roads.IsTakenAsync(node, question))
        {
            return;
        }

        lock (_gate)
        {
            if (way.Asked != (node, question))
            {
                return;
            }

            way.At = node;
        }

        Go(way);
    }

    // One at a time for each key, so that what is sent is sent in order.
    private void Go(Way way)
    {
        lock (_gate)
        {
            if (way.IsGoing)
            {
                return;
            }

            way.IsGoing = true;
        }

        while (true)
        {
            Errand<TCommand, TReply> next;
            ClusterNode? at;
            lock (_gate)
            {
                at = way.At;
                if (way.Waiting.Count == 0 || (at is null && way.UnderWay > 0))
                {
                    way.IsGoing = false;
                    if (way.Waiting.Count == 0 && way.UnderWay == 0)
                    {
                        _ways.Remove(way.Key);
                        _count = _ways.Count;
                    }

                    return;
                }

                next = way.Waiting.First!.Value;
                way.Waiting.RemoveFirst();
                way.UnderWay++;
            }

            _ = RunAsync(way, next, at);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "It is the asker's.")]
    private async Task RunAsync(Way way, Errand<TCommand, TReply> errand, ClusterNode? at)
    {
        try
        {
            StanzaTrace.Resume(errand.Trace);
            if (at is { } node)
            {
                if (await roads.GoAsync(node, errand) is not { } answer)
                {
                    Return(way, errand, node);
                    return;
                }

                errand.Reply.SetResult(await answer);
            }
            else
            {
                var (found, answer) = await roads.SeekAsync(errand);
                Find(way, found);
                errand.Reply.SetResult(await answer);
            }
        }
        catch (Exception failure)
        {
            errand.Reply.SetException(failure);
        }

        lock (_gate)
        {
            way.UnderWay--;
        }

        Go(way);
    }

    private void Find(Way way, ClusterNode at)
    {
        lock (_gate)
        {
            way.At = at;
            way.Asked = null;
        }

        Go(way);
    }

    private void Return(Way way, Errand<TCommand, TReply> errand, ClusterNode from)
    {
        lock (_gate)
        {
            if (way.At == from)
            {
                way.At = null;
            }

            var behind = way.Waiting.First;
            while (behind is not null && behind.Value.Number < errand.Number)
            {
                behind = behind.Next;
            }

            if (behind is null)
            {
                way.Waiting.AddLast(errand);
            }
            else
            {
                way.Waiting.AddBefore(behind, errand);
            }

            way.UnderWay--;
        }

        Go(way);
    }

    /// <summary>The commands of this node to one key, as long as there are any. Under the lock.</summary>
    private sealed class Way(string key)
    {
        public string Key => key;

        /// <summary>Not sent yet, in order.</summary>
        public LinkedList<Errand<TCommand, TReply>> Waiting { get; } = new();

        /// <summary>How many are sent and not answered.</summary>
        public int UnderWay { get; set; }

        /// <summary>Where the writer is; null as long as nobody has found it.</summary>
        public ClusterNode? At { get; set; }

        /// <summary>The node that has been sent the first one, and what it knows it by; null for none.</summary>
        public (ClusterNode Node, long Question)? Asked { get; set; }

        /// <summary>Whether that node was asked if it has taken that.</summary>
        public bool IsProbed { get; set; }

        public bool IsGoing { get; set; }

        public long Last { get; set; }
    }
}

/// <summary>A command on its way to the writer of a key.</summary>
/// <param name="key">The key.</param>
/// <param name="command">The command.</param>
/// <param name="number">Rises with the commands to a key.</param>
/// <param name="began">When it came, as <see cref="TimeProvider.GetTimestamp"/> has it.</param>
internal sealed class Errand<TCommand, TReply>(string key, TCommand command, long number, long began)
{
    public string Key => key;

    public TCommand Command => command;

    public long Number => number;

    public long Began => began;

    /// <summary>The command as it travels, once it has to.</summary>
    public XmlElement? Encoded { get; set; }

    /// <summary>What was under way when it came; null for nothing.</summary>
    public Activity? Trace { get; } = StanzaTrace.Current;

    public TaskCompletionSource<TReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>How a command gets to a writer.</summary>
internal interface IPlaceRoads<TCommand, TReply>
{
    /// <summary>The time, as <see cref="TimeProvider.GetTimestamp"/> has it.</summary>
    long Now { get; }

    /// <summary>Gives a command to a node that has the writer.</summary>
    /// <returns>What it answers; null when it is not there.</returns>
    ValueTask<Task<TReply>?> GoAsync(ClusterNode node, Errand<TCommand, TReply> errand);

    /// <summary>Looks for the writer, until it is found or it takes too long, and gives it the command.</summary>
    /// <returns>Where it is, and its answer, which may be under way where that is here.</returns>
    ValueTask<(ClusterNode At, Task<TReply> Answer)> SeekAsync(Errand<TCommand, TReply> errand);

    /// <summary>Whether a node is handling a command that was sent to it. Never fails.</summary>
    ValueTask<bool> IsTakenAsync(ClusterNode node, long question);
}
