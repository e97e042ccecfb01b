using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Meerkat.Server.Running;

/// <summary>The level of the log, which an administrator may change while the server runs (OPS-091). Safe for concurrent use.</summary>
/// <param name="threshold">The level to begin with.</param>
[SuppressMessage("Design", "CA1001", Justification = "A CancellationTokenSource without a timer holds nothing to dispose of.")]
public sealed class LogSwitch(LogThreshold threshold) : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>
{
    private volatile CancellationTokenSource _change = new();
    private volatile int _threshold = (int)threshold;

    /// <summary>The least severe entry that is logged. Loggers follow at once.</summary>
    public LogThreshold Threshold
    {
        get => (LogThreshold)_threshold;
        set
        {
            _threshold = (int)value;
            Interlocked.Exchange(ref _change, new CancellationTokenSource()).Cancel();
        }
    }

    /// <inheritdoc/>
    public string? Name => Options.DefaultName;

    /// <inheritdoc/>
    public IChangeToken GetChangeToken() => new CancellationChangeToken(_change.Token);

    /// <inheritdoc/>
    public void Configure(LoggerFilterOptions options) => options.MinLevel = Threshold switch
    {
        LogThreshold.None => LogLevel.None,
        LogThreshold.Emergency or LogThreshold.Alert or LogThreshold.Critical => LogLevel.Critical,
        LogThreshold.Error => LogLevel.Error,
        LogThreshold.Warning => LogLevel.Warning,
        LogThreshold.Notice or LogThreshold.Info => LogLevel.Information,
        LogThreshold.Debug => LogLevel.Debug,
        _ => LogLevel.Trace,
    };
}
