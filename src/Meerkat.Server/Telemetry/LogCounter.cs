using System.Diagnostics.Metrics;
using Meerkat.Core;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Telemetry;

/// <summary>Counts entries of the log that somebody should see.</summary>
internal sealed class LogCounter : ILoggerProvider, ILogger
{
    private static readonly Counter<long> s_entries = ServerMetrics.Meter.CreateCounter<long>("meerkat.log.entries", "{entry}", "Entries of the log, by level: warning, error, critical.");

    /// <summary>Begins to count: at 0, so that the first entry is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var level in new[] { "warning", "error", "critical" })
        {
            s_entries.Add(0, new KeyValuePair<string, object?>("level", level));
        }
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel is LogLevel.Warning or LogLevel.Error or LogLevel.Critical;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            s_entries.Add(1, new KeyValuePair<string, object?>("level", logLevel.ToString().ToLowerInvariant()));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
