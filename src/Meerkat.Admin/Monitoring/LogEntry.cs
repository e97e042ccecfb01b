using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.Monitoring;

/// <summary>One entry of the log.</summary>
/// <param name="Id">Its number since the start; entries that follow each other have numbers that do.</param>
/// <param name="Time">When it was written, in UTC.</param>
/// <param name="Level">How severe it is.</param>
/// <param name="Category">Who wrote it.</param>
/// <param name="Message">The text, cut at <see cref="LogTail.MaxText"/>.</param>
/// <param name="Exception">The failure behind it, cut likewise; null without one.</param>
public sealed record LogEntry(long Id, DateTimeOffset Time, LogLevel Level, string Category, string Message, string? Exception);
