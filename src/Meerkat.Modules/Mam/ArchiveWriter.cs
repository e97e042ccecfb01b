using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Storage;
using Meerkat.Core.Tracing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

/// <summary>A message that waits to be written into an archive.</summary>
/// <param name="Owner">Whose archive.</param>
/// <param name="Id">Its id there.</param>
/// <param name="Message">The message; its element is shared with its recipients until it is written.</param>
/// <param name="From">Who sent it, as readers are told.</param>
/// <param name="Remote">With whom; see <see cref="ArchivedMessage.Remote"/>.</param>
/// <param name="Resource">See <see cref="ArchivedMessage.Resource"/>.</param>
/// <param name="IsOutgoing">Whether the owner sent it.</param>
/// <param name="OriginId">See <see cref="ArchivedMessage.OriginId"/>.</param>
/// <param name="Retraction">What is to be forgotten once this is written; null for nothing.</param>
internal readonly record struct PendingMessage(BareJid Owner, long Id, Message Message, Jid From, BareJid Remote, string? Resource, bool IsOutgoing, string? OriginId, Retraction? Retraction)
{
    /// <summary>What was under way when it came, for traces; null for nothing.</summary>
    public Activity? Trace { get; } = StanzaTrace.Current;
}

/// <summary>Writes messages into archives behind their delivery, in batches (MAM-084).</summary>
/// <remarks>
/// <para>Lanes work side by side; the messages of one archive go through one lane, in order, their retractions with them (MAM-074). Who finds a lane idle writes at once what it brings; while
/// that is written the next batch gathers. Where nobody's acknowledgement waits, a batch may also be gathered for a time.</para>
/// <para>Bound: <see cref="ArchiveSettings.QueueLimit"/>. Who meets it waits for the lane, at most <see cref="Patience"/>; then its message is not archived.</para>
/// <para>A store that is busy or gone is asked again, with the whole batch: whatever of it was written already is passed over. Where a batch fails for another reason each of its messages is tried
/// alone, so that one does not cost the others their place.</para>
/// Safe for concurrent use.
/// </remarks>
internal sealed class ArchiveWriter
{
    /// <summary>How long a sender waits for room, and a reader for what was sent before.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int LargestBatch = 500;
    private const int Attempts = 3;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly IArchiveStore _store;
    private readonly ArchiveSettings _settings;
    private readonly string _kind;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lane[] _lanes;
    private int _count;

    public ArchiveWriter(IArchiveStore store, ArchiveSettings settings, string kind, TimeProvider time, ILogger log)
    {
        _store = store;
        _settings = settings;
        _kind = kind;
        _time = time;
        _log = log;
        _lanes = new Lane[settings.Lanes];
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new Lane(this);
        }

        MamMetrics.Add(this, kind);
    }

    /// <summary>Told of each message that could not be written.</summary>
    public Action<PendingMessage, Exception>? Failed { get; init; }

    /// <summary>How many messages wait or are being written.</summary>
    public int Count => Volatile.Read(ref _count);

    private bool WritesAtOnce => !_settings.IsAsynchronous || _settings.WritesBeforeAcknowledge;

    /// <summary>Queues a message.</summary>
    /// <returns>A task that ends when it is written, well or not; null when there was no room for it. Completes synchronously while there is room.</returns>
    public ValueTask<Task?> AddAsync(in PendingMessage message, CancellationToken ct)
    {
        if (Volatile.Read(ref _count) >= _settings.QueueLimit)
        {
            return AddLaterAsync(message, ct);
        }

        return new ValueTask<Task?>(LaneOf(message.Owner).Add(message));
    }

    /// <summary>Writes what waits for an archive.</summary>
    /// <returns>A task that ends when it is written, well or not.</returns>
    public Task FlushAsync(BareJid owner) => LaneOf(owner).FlushAsync();

    /// <summary>As <see cref="FlushAsync(BareJid)"/>, and waits for it: who reads then sees all that was sent before (MAM-091).</summary>
    /// <exception cref="TimeoutException">The store has not taken it within <see cref="Patience"/>.</exception>
    public Task SettleAsync(BareJid owner, CancellationToken ct) => FlushAsync(owner).WaitAsync(Patience, _time, ct);

    /// <summary>Writes everything.</summary>
    public Task FlushAsync() => Task.WhenAll(_lanes.Select(lane => lane.FlushAsync()));

    /// <summary>The id of a message that waits or is being written; null when it is not here.</summary>
    public long? FindPending(BareJid owner, BareJid remote, bool isOutgoing, string originId) => LaneOf(owner).Find(owner, remote, isOutgoing, originId);

    private static List<Activity>? Traced(List<PendingMessage> batch)
    {
        List<Activity>? traced = null;
        foreach (var message in batch)
        {
            if (message.Trace is { } trace)
            {
                (traced ??= []).Add(trace);
            }
        }

        return traced;
    }

    private Lane LaneOf(BareJid owner) => _lanes[(uint)owner.GetHashCode() % (uint)_lanes.Length];

    private async ValueTask<Task?> AddLaterAsync(PendingMessage message, CancellationToken ct)
    {
        var lane = LaneOf(message.Owner);
        var since = _time.GetTimestamp();
        while (Volatile.Read(ref _count) >= _settings.QueueLimit)
        {
            var left = Patience - _time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
            {
                MamMetrics.Dropped(_kind, "full", 1);
                MamLog.Full(_log, message.Message.Id, message.Owner);
                return null;
            }

            try
            {
                await Task.WhenAny(_lanes.Where(other => other.IsBusy).Select(other => other.FlushAsync()).DefaultIfEmpty(lane.FlushAsync())).WaitAsync(left, _time, ct);
            }
            catch (TimeoutException)
            {
                // Looked at above.
            }
        }

        return lane.Add(message);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody can wait for: what failed is counted, logged and told to who wants to know.")]
    private async Task WriteAsync(List<PendingMessage> batch)
    {
        using var span = StanzaTrace.StartBatch("archive write", Traced(batch));
        span?.SetTag("meerkat.batch", batch.Count);
        for (var from = 0; from < batch.Count; from += LargestBatch)
        {
            var began = _time.GetTimestamp();
            var part = batch.GetRange(from, Math.Min(LargestBatch, batch.Count - from));
            try
            {
                var entries = part.ConvertAll(ToEntry);
                await AppendAsync(entries);
                MamMetrics.Archived(_kind, part.Count);
            }
            catch (Exception failure) when (part.Count > 1 && !IsPassing(failure))
            {
                await WriteEachAsync(part);
            }
            catch (Exception failure)
            {
                Fail(part, failure);
            }

            MamMetrics.Flushed(_kind, part.Count, _time.GetElapsedTime(began));
            foreach (var message in part)
            {
                if (message.Retraction is not null)
                {
                    await RetractAsync(message);
                }
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "As in WriteAsync.")]
    private async Task WriteEachAsync(List<PendingMessage> part)
    {
        foreach (var message in part)
        {
            try
            {
                await _store.AppendAsync([ToEntry(message)], CancellationToken.None);
                MamMetrics.Archived(_kind, 1);
            }
            catch (Exception failure)
            {
                Fail([message], failure);
            }
        }
    }

    // It is not about the messages: each of them alone would wait as long as all together.
    private static bool IsPassing(Exception failure) => failure is StorageBusyException or StorageUnavailableException;

    private async Task AppendAsync(List<ArchiveEntry> entries)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _store.AppendAsync(entries, CancellationToken.None);
                return;
            }
            catch (Exception passing) when (IsPassing(passing) && attempt < Attempts)
            {
                MamLog.TriedAgain(_log, passing);
                await Task.Delay(s_pause, _time);
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "As in WriteAsync.")]
    private async Task RetractAsync(PendingMessage request)
    {
        try
        {
            if (await RetractedMessages.FindAsync(_store, request) is { } stored && request.Retraction!.Tombstone(stored, request.Owner, _time.GetUtcNow()) is { } tombstone)
            {
                await _store.ReplaceAsync(request.Owner, stored.Id, tombstone, CancellationToken.None);
            }
        }
        catch (Exception failure)
        {
            MamLog.NotRetracted(_log, failure, request.Owner);
        }
    }

    private void Fail(List<PendingMessage> messages, Exception failure)
    {
        MamMetrics.Dropped(_kind, "failure", messages.Count);
        MamLog.NotArchived(_log, failure, messages.Count);
        foreach (var message in messages)
        {
            Failed?.Invoke(message, failure);
        }
    }

    private ArchiveEntry ToEntry(PendingMessage pending) => new(
        pending.Owner,
        new ArchivedMessage(pending.Id, pending.From, ArchiveRules.ToStored(pending.Message, pending.Owner))
        {
            Remote = pending.Remote,
            Resource = pending.Resource,
            IsOutgoing = pending.IsOutgoing,
            IsGroupchat = pending.Message.Type is MessageType.Groupchat,
            OriginId = pending.OriginId,
            SearchText = _settings.SearchesText ? ArchiveRules.SearchText(pending.Message) : null,
        });

    /// <summary>A queue with one batch in the store at a time.</summary>
    private sealed class Lane(ArchiveWriter writer)
    {
        private readonly Lock _gate = new();
        private List<PendingMessage> _waiting = [];
        private List<PendingMessage> _writing = [];
        private TaskCompletionSource _next = NewSource();
        private Task _current = Task.CompletedTask;
        private bool _isBusy;
        private bool _isHurried;
        private ITimer? _timer;

        public bool IsBusy => Volatile.Read(ref _isBusy);

        public Task Add(in PendingMessage message)
        {
            Task written;
            lock (_gate)
            {
                _waiting.Add(message);
                Interlocked.Increment(ref writer._count);
                written = _next.Task;
                if (_isBusy)
                {
                    return written;
                }

                if (!writer.WritesAtOnce && _waiting.Count < writer._settings.BatchSize && !_isHurried)
                {
                    if (_waiting.Count == 1)
                    {
                        Arm();
                    }

                    return written;
                }

                _isBusy = true;
            }

            _ = RunAsync();
            return written;
        }

        public Task FlushAsync()
        {
            Task written;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    return _current;
                }

                written = _next.Task;
                _isHurried = true;
                if (_isBusy)
                {
                    return written;
                }

                _isBusy = true;
            }

            _ = RunAsync();
            return written;
        }

        public long? Find(BareJid owner, BareJid remote, bool isOutgoing, string originId)
        {
            lock (_gate)
            {
                return Find(_waiting) ?? Find(_writing);
            }

            long? Find(List<PendingMessage> list)
            {
                foreach (var message in list)
                {
                    if (message.OriginId == originId && message.IsOutgoing == isOutgoing && message.Remote.Equals(remote) && message.Owner.Equals(owner))
                    {
                        return message.Id;
                    }
                }

                return null;
            }
        }

        private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        // Under the lock.
        private void Arm()
        {
            _timer ??= writer._time.CreateTimer(static lane => _ = ((Lane)lane!).FlushAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(writer._settings.FlushInterval, Timeout.InfiniteTimeSpan);
        }

        private async Task RunAsync()
        {
            while (true)
            {
                TaskCompletionSource written;
                lock (_gate)
                {
                    if (_waiting.Count == 0 || (!writer.WritesAtOnce && !_isHurried && _waiting.Count < writer._settings.BatchSize))
                    {
                        _isBusy = false;
                        if (_waiting.Count > 0)
                        {
                            Arm();
                        }

                        return;
                    }

                    (_waiting, _writing) = (_writing, _waiting);
                    written = _next;
                    _current = written.Task;
                    _next = NewSource();
                    _isHurried = false;
                }

                await writer.WriteAsync(_writing);
                int count;
                lock (_gate)
                {
                    count = _writing.Count;
                    _writing.Clear();
                }

                Interlocked.Add(ref writer._count, -count);
                written.SetResult();
            }
        }
    }
}
