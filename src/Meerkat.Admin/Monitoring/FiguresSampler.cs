using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Meerkat.Core.Hosts;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.Monitoring;

/// <summary>Takes a sample of how the server does each second, while somebody looks and for a while after.</summary>
/// <remarks>Nobody looks, nothing is counted: a server that nobody watches pays nothing. Safe for concurrent use.</remarks>
/// <param name="server">The server.</param>
/// <param name="log">Its log.</param>
internal sealed class FiguresSampler(ServerContext server, LogTail log) : IDisposable
{
    /// <summary>How many samples are kept: a quarter of an hour.</summary>
    public const int History = 900;

    /// <summary>How far samples are apart.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>For how long it goes on when nobody looks any more.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Queue<Figures> _history = new();
    private readonly List<Channel<Figures>> _readers = [];
    private readonly ILogger _log = server.Loggers.CreateLogger<FiguresSampler>();
    private Meters? _meters;
    private ITimer? _timer;
    private Counts _before;
    private long _asked;

    /// <summary>Whether it takes samples.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate)
            {
                return _timer is not null;
            }
        }
    }

    /// <summary>The last samples.</summary>
    /// <param name="count">At most so many.</param>
    /// <returns>They, the oldest first; at least one.</returns>
    public IReadOnlyList<Figures> Last(int count)
    {
        lock (_gate)
        {
            Look();
            return [.. _history.Skip(Math.Max(0, _history.Count - count))];
        }
    }

    /// <summary>Samples, from the one that is there on. A reader that is too slow misses some.</summary>
    public async IAsyncEnumerable<Figures> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var reader = Channel.CreateBounded<Figures>(new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            Look();
            reader.Writer.TryWrite(_history.Last());
            _readers.Add(reader);
        }

        try
        {
            await foreach (var figures in reader.Reader.ReadAllAsync(ct))
            {
                yield return figures;
            }
        }
        finally
        {
            lock (_gate)
            {
                _readers.Remove(reader);
                _asked = server.Time.GetTimestamp();
            }
        }
    }

    /// <summary>Ends the samples; who asks again begins anew.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Stop();
        }
    }

    private void Stop()
    {
        _timer?.Dispose();
        _timer = null;
        _meters?.Dispose();
        _meters = null;
    }

    // Somebody looks: under the lock.
    private void Look()
    {
        _asked = server.Time.GetTimestamp();
        if (_timer is not null)
        {
            return;
        }

        _history.Clear();
        _meters = new Meters();
        _before = Count();
        Take();
        _timer = server.Time.CreateTimer(static sampler => ((FiguresSampler)sampler!).Tick(), this, Interval, Interval);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A timer's boundary: a gauge that fails must not end the process.")]
    private void Tick()
    {
        if (!_gate.TryEnter())
        {
            return; // the sample before is not taken yet
        }

        try
        {
            if (_timer is null)
            {
                return;
            }

            if (_readers.Count == 0 && server.Time.GetElapsedTime(_asked) > Patience)
            {
                Stop();
                return;
            }

            Take();
        }
        catch (Exception failure)
        {
            MonitoringLog.SampleFailed(_log, failure);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Take()
    {
        var now = Count();
        var seconds = Math.Max(0.001, server.Time.GetElapsedTime(_before.At, now.At).TotalSeconds);
        var (sessions, detached, queued, unacknowledged) = Sessions();
        var queues = new List<QueueDepth> { new("outgoing stanzas", queued), new("unacknowledged stanzas", unacknowledged) };
        queues.AddRange(_meters!.Waiting().OrderBy(queue => queue.Key, StringComparer.Ordinal).Select(queue => new QueueDepth(NameOf(queue.Key), queue.Value)));
        double Rate(Func<Counts, double> of) => Math.Max(0, of(now) - of(_before)) / seconds;
        var figures = new Figures(
            server.Time.GetUtcNow(),
            (int)(server.Time.GetUtcNow() - server.Started).TotalSeconds,
            sessions,
            detached,
            Rate(counts => counts.Received),
            Rate(counts => counts.Sent),
            Rate(counts => counts.Messages),
            Rate(counts => counts.Archived),
            Rate(counts => counts.LogIns),
            Rate(counts => counts.LogInFailures),
            Rate(counts => counts.StreamErrors),
            Rate(counts => counts.Errors),
            Rate(counts => counts.Warnings),
            Rate(counts => counts.Cpu.TotalSeconds),
            Environment.WorkingSet,
            GC.GetTotalMemory(forceFullCollection: false),
            queues);
        _before = now;
        if (_history.Count == History)
        {
            _history.Dequeue();
        }

        _history.Enqueue(figures);
        foreach (var reader in _readers)
        {
            reader.Writer.TryWrite(figures);
        }
    }

    private (int Sessions, int Detached, int Queued, int Unacknowledged) Sessions()
    {
        var (sessions, detached, queued, unacknowledged) = (0, 0, 0, 0);
        foreach (var session in server.Sessions.Local)
        {
            sessions++;
            detached += session.IsDetached ? 1 : 0;
            queued += session.Output.Queued;
            unacknowledged += session.Output.IsManaged ? session.Output.Unacknowledged : 0;
        }

        return (sessions, detached, queued, unacknowledged);
    }

    private Counts Count() => new(
        server.Time.GetTimestamp(),
        Volatile.Read(ref _meters!.Received.Value),
        Volatile.Read(ref _meters.Sent.Value),
        Volatile.Read(ref _meters.Messages.Value),
        Volatile.Read(ref _meters.Archived.Value),
        Volatile.Read(ref _meters.LogIns.Value),
        Volatile.Read(ref _meters.LogInFailures.Value),
        Volatile.Read(ref _meters.StreamErrors.Value),
        log.Errors,
        log.Warnings,
        Environment.CpuUsage.TotalTime);

    // For people; the names of instruments are for Prometheus.
    private static string NameOf(string instrument) => instrument switch
    {
        "meerkat.storage.writes" => "database writes (embedded)",
        "meerkat.storage.pool" => "database operations (pools)",
        "meerkat.mam" => "archive messages",
        "meerkat.inbox" => "inbox changes",
        "meerkat.cassandra" => "Cassandra requests",
        "meerkat.redis" => "Redis requests",
        _ => instrument,
    };

    private readonly record struct Counts(
        long At, long Received, long Sent, long Messages, long Archived, long LogIns, long LogInFailures, long StreamErrors, long Errors, long Warnings, TimeSpan Cpu);
}

internal static partial class MonitoringLog
{
    [LoggerMessage(LogLevel.Warning, "A sample of the server's figures could not be taken")]
    public static partial void SampleFailed(ILogger logger, Exception failure);
}
