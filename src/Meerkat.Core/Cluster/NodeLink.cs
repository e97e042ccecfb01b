using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>The link to all other nodes, over any <see cref="INodeTransport"/>.</summary>
public sealed class NodeLink : INodeLink, IDisposable
{
    /// <summary>How many bytes may wait for a node where nothing else is said.</summary>
    public const int DefaultQueueSize = 16 * 1024 * 1024;

    // How long a node that is in no view yet may take to be reached: it may have joined a moment ago.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ClusterNode, NodeOutbox> _outboxes = new();
    private readonly ConcurrentDictionary<ClusterNode, Inbox> _inboxes = new();
    private readonly ConcurrentDictionary<ClusterNode, bool> _gone = new();
    private readonly ConcurrentDictionary<long, (ClusterNode Node, TaskCompletionSource<ReadOnlyMemory<byte>> Answer)> _asked = new();
    private readonly Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>>?[] _handlers = new Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>>?[256];
    private readonly INodeTransport _transport;
    private readonly IClusterMembers _members;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private ClusterView _view;
    private long _lastAsked;

    /// <summary>Takes what comes from here on.</summary>
    /// <param name="transport">Takes bytes to a node.</param>
    /// <param name="members">Which nodes there are.</param>
    /// <param name="time">The clock of repetitions.</param>
    /// <param name="log">Told of nodes that are not reached.</param>
    public NodeLink(INodeTransport transport, IClusterMembers members, TimeProvider time, ILogger<NodeLink> log)
    {
        _transport = transport;
        _members = members;
        _time = time;
        _log = log;
        _view = members.View;
        members.Changed += See;
        transport.Receive = ReceiveAsync;
    }

    /// <inheritdoc/>
    public ClusterNode Self => _members.Self;

    /// <summary>How many bytes may wait for a node (<see cref="ClusterOptions.QueueSize"/>).</summary>
    public int QueueSize { get; init; } = DefaultQueueSize;

    /// <inheritdoc/>
    public Action<ClusterNode, SessionStanza>? Deliver { get; set; }

    /// <inheritdoc/>
    public Action<ClusterNode, SessionStanza, DateTimeOffset>? Undelivered { get; set; }

    /// <inheritdoc/>
    public void Serve(NodeVerb verb, Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>> handler) => _handlers[(byte)verb] = handler;

    /// <inheritdoc/>
    public bool TrySend(ClusterNode to, SessionStanza stanza) => TryAdd(to, NodeFrame.Of(stanza, _time.GetUtcNow()));

    /// <inheritdoc/>
    public bool TryPost(ClusterNode to, NodeVerb verb, ReadOnlyMemory<byte> body) => TryAdd(to, new NodeFrame(NodeFrameKind.Post, default, verb, 0, body));

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(ClusterNode to, NodeVerb verb, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        if (to == Self)
        {
            return await (_handlers[(byte)verb] ?? throw new NodeRefusedException($"nobody serves {verb}"))(to, body);
        }

        var id = Interlocked.Increment(ref _lastAsked);
        var answer = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = (to, answer);
        try
        {
            if (!TryAdd(to, new NodeFrame(NodeFrameKind.Ask, default, verb, id, body)))
            {
                throw new NodeUnreachableException($"node {to} has left, or too much waits for it");
            }

            return await answer.Task.WaitAsync(ct);
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReadyAsync(ClusterNode to, CancellationToken ct) => _outboxes.TryGetValue(to, out var outbox) ? outbox.ReadyAsync(ct) : ValueTask.CompletedTask;

    /// <summary>Takes and sends nothing any more; what waits is forgotten, and questions end.</summary>
    public void Dispose()
    {
        _members.Changed -= See;
        _transport.Receive = null;
        foreach (var outbox in _outboxes.Values)
        {
            outbox.Close();
        }

        foreach (var asked in _asked.Values)
        {
            asked.Answer.TrySetException(new NodeUnreachableException("this node stops"));
        }
    }

    private bool TryAdd(ClusterNode to, NodeFrame frame, bool always = false)
    {
        if (!_gone.ContainsKey(to) && OutboxOf(to).TryAdd(frame, always) && !IsUnknown(to))
        {
            return true;
        }

        ClusterMetrics.Refused();
        return false;
    }

    private NodeOutbox OutboxOf(ClusterNode to)
    {
        if (_outboxes.TryGetValue(to, out var known))
        {
            return known;
        }

        var outbox = _outboxes.GetOrAdd(to, static (to, link) => new NodeOutbox(to, link._transport, link.QueueSize, link._time, link._log), this);
        if (_gone.ContainsKey(to))
        {
            outbox.Close(); // it left in this moment
        }

        return outbox;
    }

    // A node that nobody has seen as a member, and that is not reached either: there is none.
    private bool IsUnknown(ClusterNode node)
    {
        if (!_outboxes.TryGetValue(node, out var outbox) || outbox.FailingSince is not { } since || _members.View.Has(node) || _time.GetElapsedTime(since) < s_patience)
        {
            return false;
        }

        GiveUp(node);
        return true;
    }

    private void See(ClusterView view)
    {
        var before = Interlocked.Exchange(ref _view, view);
        foreach (var node in before.Nodes)
        {
            if (node != Self && !view.Has(node))
            {
                GiveUp(node);
            }
        }

        foreach (var node in _outboxes.Keys)
        {
            IsUnknown(node);
        }
    }

    private void GiveUp(ClusterNode node)
    {
        _gone[node] = true;
        _inboxes.TryRemove(node, out _);
        var left = _outboxes.TryRemove(node, out var outbox) ? outbox.Close() : [];
        ClusterLog.Left(_log, node, left.Count);
        foreach (var frame in left)
        {
            if (frame.Kind is NodeFrameKind.Stanza)
            {
                Undelivered?.Invoke(node, frame.Stanza, frame.Sent);
            }
        }

        foreach (var (id, asked) in _asked)
        {
            if (asked.Node == node && _asked.TryRemove(id, out _))
            {
                asked.Answer.TrySetException(new NodeUnreachableException($"node {node} has left"));
            }
        }
    }

    private ValueTask ReceiveAsync(ClusterNode from, ReadOnlyMemory<byte> batch)
    {
        if (_gone.ContainsKey(from))
        {
            throw new NodeUnreachableException($"node {from} has left as {Self} sees it");
        }

        var inbox = _inboxes.GetOrAdd(from, static _ => new Inbox());
        lock (inbox.Gate)
        {
            try
            {
                var reader = NodeBatch.Open(batch.Span, out var number);
                if (number <= inbox.Taken)
                {
                    return ValueTask.CompletedTask; // it has arrived before, and the answer was lost
                }

                inbox.Taken = number;
                Take(from, inbox, ref reader);
            }
            catch (Exception unreadable) when (unreadable is FormatException or XmlFormatException or ArgumentOutOfRangeException)
            {
                ClusterLog.Unreadable(_log, unreadable, from);
            }
        }

        return ValueTask.CompletedTask;
    }

    private void Take(ClusterNode from, Inbox inbox, ref NodeBytesReader reader)
    {
        inbox.Payloads.Clear();
        inbox.Flush.Begin();
        try
        {
            while (!reader.IsAtEnd)
            {
                if (NodeBatch.TryRead(ref reader, inbox.Payloads, out var frame))
                {
                    Take(from, frame);
                }
            }
        }
        finally
        {
            inbox.Flush.End();
            inbox.Payloads.Clear();
        }
    }

    private void Take(ClusterNode from, NodeFrame frame)
    {
        switch (frame.Kind)
        {
            case NodeFrameKind.Stanza:
                Deliver?.Invoke(from, frame.Stanza);
                break;
            case NodeFrameKind.Post or NodeFrameKind.Ask:
                _ = AnswerAsync(from, frame);
                break;
            case NodeFrameKind.Reply:
                if (_asked.TryRemove(frame.Id, out var asked))
                {
                    asked.Answer.TrySetResult(frame.Body);
                }

                break;
            case NodeFrameKind.Refusal:
                if (_asked.TryRemove(frame.Id, out var refused))
                {
                    refused.Answer.TrySetException(new NodeRefusedException($"node {from}: {Encoding.UTF8.GetString(frame.Body.Span)}"));
                }

                break;
            default:
                throw new FormatException($"there is no frame {(int)frame.Kind}");
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one question: it is logged, and the one who asked is told.")]
    private async Task AnswerAsync(ClusterNode from, NodeFrame frame)
    {
        NodeFrame reply;
        try
        {
            var handler = _handlers[(byte)frame.Verb] ?? throw new NodeRefusedException($"nobody serves {frame.Verb}");
            reply = new NodeFrame(NodeFrameKind.Reply, default, frame.Verb, frame.Id, await handler(from, frame.Body));
        }
        catch (Exception failure)
        {
            if (failure is not (NodeRefusedException or NodeUnreachableException))
            {
                ClusterLog.Failed(_log, failure, from, frame.Verb);
            }

            reply = new NodeFrame(NodeFrameKind.Refusal, default, frame.Verb, frame.Id, Encoding.UTF8.GetBytes(failure.Message));
        }

        if (frame.Kind is NodeFrameKind.Ask)
        {
            TryAdd(from, reply, always: true);
        }
    }

    private sealed class Inbox
    {
        public Lock Gate { get; } = new();

        public FlushScope Flush { get; } = new();

        public List<XmlElement> Payloads { get; } = [];

        public long Taken { get; set; }
    }
}
