using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Meerkat.Testing;

/// <summary>Keeps what was logged, so that a test can say what must not be there.</summary>
public sealed class TestLog : ILoggerFactory
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _entries = new();

    /// <summary>What is less than this is not kept.</summary>
    public LogLevel Minimum { get; set; } = LogLevel.Information;

    /// <summary>Entries, oldest first.</summary>
    public IEnumerable<(LogLevel Level, string Text)> Entries => _entries;

    /// <summary>Entries of level error and above.</summary>
    public IEnumerable<string> Errors => _entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', _entries.TakeLast(20).Select(entry => $"{entry.Level}: {entry.Text}"));

    private void Keep(LogLevel level, string text)
    {
        if (level >= Minimum)
        {
            _entries.Enqueue((level, text));
        }
    }

    private sealed class Logger(TestLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Minimum;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Keep(logLevel, $"{category}: {formatter(state, exception)} {exception}");
    }
}
