using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>What waits for one node: a bounded queue, and one batch on its way at a time. Safe for concurrent use.</summary>
internal sealed class NodeOutbox(ClusterNode node, INodeTransport transport, int maxQueuedBytes, TimeProvider time, ILogger log) : IThreadPoolWorkItem
{
    /// <summary>How many bytes a batch has before the next thing begins another one.</summary>
    public const int MaxBatchBytes = 256 * 1024;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<NodeFrame> _underWay = [];
    private Queue<NodeFrame> _waiting = new();
    private NodeFrame _last;
    private long _queuedBytes;
    private long _number;
    private bool _isSending;
    private bool _isClosed;
    private TaskCompletionSource? _ready;

    /// <summary>Since when the node has not been reached; null while it is.</summary>
    public long? FailingSince { get; private set; }

    /// <summary>Queues something.</summary>
    /// <param name="frame">What.</param>
    /// <param name="always">Whether it is taken though too much waits: an answer that somebody waits for.</param>
    /// <returns>False when it was not taken.</returns>
    public bool TryAdd(NodeFrame frame, bool always = false)
    {
        lock (_gate)
        {
            var size = frame.SizeBehind(_last);
            if (_isClosed || (!always && _queuedBytes + size > maxQueuedBytes))
            {
                return false;
            }

            _waiting.Enqueue(frame);
            _last = frame;
            _queuedBytes += size;
            if (_isSending)
            {
                return true;
            }

            _isSending = true;
        }

        // Not on the time of the one who sends, so that what it sends next is in the same batch.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        return true;
    }

    /// <summary>Waits while much waits.</summary>
    public ValueTask ReadyAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            if (_isClosed || _queuedBytes < maxQueuedBytes / 4)
            {
                return ValueTask.CompletedTask;
            }

            _ready ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_ready.Task.WaitAsync(ct));
        }
    }

    /// <summary>Takes nothing any more.</summary>
    /// <returns>What the node did not take, in order; what was under way is among it.</returns>
    public IReadOnlyList<NodeFrame> Close()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return [];
            }

            _isClosed = true;
            NodeFrame[] left = [.. _underWay, .. _waiting];
            _waiting = new Queue<NodeFrame>();
            _ready?.TrySetResult();
            _closed.TrySetResult();
            return left;
        }
    }

    /// <summary>Sends what waits.</summary>
    public void Execute() => _ = SendAllAsync();

    private async Task SendAllAsync()
    {
        var batch = new NodeBatch();
        while (Take(batch))
        {
            if (!await SendAsync(batch.Written))
            {
                return;
            }

            ClusterMetrics.Sent(batch.Written.Length);
            if (batch.IsLarge)
            {
                batch = new NodeBatch();
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps a batch from arriving: it is logged once, and the batch is sent again until the node has left.")]
    private async Task<bool> SendAsync(ReadOnlyMemory<byte> batch)
    {
        var pause = s_firstPause;
        while (true)
        {
            try
            {
                await SendOrCloseAsync(batch);
                FailingSince = null;
                return true;
            }
            catch (Exception failure)
            {
                if (_closed.Task.IsCompleted)
                {
                    return false;
                }

                if (FailingSince is null)
                {
                    FailingSince = time.GetTimestamp();
                    ClusterLog.NotReached(log, node, failure.Message);
                }
            }

            if (await Task.WhenAny(Task.Delay(pause, time), _closed.Task) == _closed.Task)
            {
                return false;
            }

            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    // A transport that hears nothing of a node that has left is not waited for.
    private async Task SendOrCloseAsync(ReadOnlyMemory<byte> batch)
    {
        var sending = transport.SendAsync(node, batch, CancellationToken.None);
        if (!sending.IsCompletedSuccessfully)
        {
            var task = sending.AsTask();
            if (await Task.WhenAny(task, _closed.Task) == _closed.Task)
            {
                throw new NodeUnreachableException($"node {node} has left");
            }

            await task;
        }
    }

    // False when nothing waits: whoever adds something next begins again.
    private bool Take(NodeBatch batch)
    {
        lock (_gate)
        {
            _underWay.Clear();
            if (_isClosed || _waiting.Count == 0)
            {
                _isSending = false;
                return false;
            }

            batch.Begin(++_number);
            while (batch.Written.Length < MaxBatchBytes && _waiting.TryDequeue(out var frame))
            {
                batch.Add(frame);
                _underWay.Add(frame);
            }

            if (_waiting.Count == 0)
            {
                _queuedBytes = 0;
                _last = default;
            }
            else
            {
                _queuedBytes = Math.Max(0, _queuedBytes - batch.Written.Length);
            }

            if (_ready is not null && _queuedBytes < maxQueuedBytes / 8)
            {
                _ready.TrySetResult();
                _ready = null;
            }

            return true;
        }
    }
}
