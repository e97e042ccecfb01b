using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.Monitoring;

/// <summary>The last entries of the log, for administrators: a ring in memory that takes what the log takes, at the level that it has.</summary>
/// <remarks>
/// Bounds: <see cref="Capacity"/> entries, of <see cref="MaxText"/> characters each; a reader that is slower than the log misses the oldest of <see cref="MaxWaiting"/> and sees it by the numbers.
/// Safe for concurrent use.
/// </remarks>
/// <param name="time">The clock.</param>
public sealed class LogTail(TimeProvider time) : ILoggerProvider
{
    /// <summary>How many entries are kept.</summary>
    public const int Capacity = 2000;

    /// <summary>How many characters of a text are kept.</summary>
    public const int MaxText = 4096;

    /// <summary>How many entries may wait for a reader.</summary>
    public const int MaxWaiting = 500;

    private readonly Lock _gate = new();
    private readonly LogEntry?[] _ring = new LogEntry?[Capacity];
    private readonly List<Channel<LogEntry>> _readers = [];
    private long _last;
    private long _errors;
    private long _warnings;

    /// <summary>How many entries of level error and above there have been.</summary>
    public long Errors => Volatile.Read(ref _errors);

    /// <summary>How many warnings there have been.</summary>
    public long Warnings => Volatile.Read(ref _warnings);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new TailLogger(this, categoryName);

    /// <summary>The last entries.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="least">Only these and what is more severe.</param>
    /// <returns>They, the oldest first.</returns>
    public IReadOnlyList<LogEntry> Read(int limit, LogLevel least)
    {
        var found = new List<LogEntry>();
        lock (_gate)
        {
            for (var id = _last; id > 0 && id > _last - Capacity && found.Count < limit; id--)
            {
                if (_ring[id % Capacity] is { } entry && entry.Level >= least)
                {
                    found.Add(entry);
                }
            }
        }

        found.Reverse();
        return found;
    }

    /// <summary>The entries that come from now on.</summary>
    public async IAsyncEnumerable<LogEntry> FollowAsync(LogLevel least, [EnumeratorCancellation] CancellationToken ct)
    {
        var reader = Channel.CreateBounded<LogEntry>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            _readers.Add(reader);
        }

        try
        {
            await foreach (var entry in reader.Reader.ReadAllAsync(ct))
            {
                if (entry.Level >= least)
                {
                    yield return entry;
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _readers.Remove(reader);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var reader in _readers)
            {
                reader.Writer.TryComplete();
            }
        }
    }

    private void Add(LogLevel level, string category, string message, Exception? failure)
    {
        if (level >= LogLevel.Error)
        {
            Interlocked.Increment(ref _errors);
        }
        else if (level is LogLevel.Warning)
        {
            Interlocked.Increment(ref _warnings);
        }

        var now = time.GetUtcNow();
        var (text, details) = (Cut(message), failure is null ? null : Cut(failure.ToString()));
        lock (_gate)
        {
            var entry = new LogEntry(++_last, now, level, category, text, details);
            _ring[_last % Capacity] = entry;
            foreach (var reader in _readers)
            {
                reader.Writer.TryWrite(entry);
            }
        }
    }

    private static string Cut(string text) => text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText), "…");

    private sealed class TailLogger(LogTail tail, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // The factory has asked its filters before.
        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            tail.Add(logLevel, category, formatter(state, exception), exception);
    }
}
