using System.Collections.Concurrent;
using System.Diagnostics;
using Meerkat.Core.Tracing;

namespace Meerkat.Server.Tests.Telemetry;

/// <summary>Every span that ended while it listened. Other tests' are among them: a trace is found by what only it has.</summary>
internal sealed class SpanCollection : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public SpanCollection()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StanzaTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IEnumerable<Activity> All => _ended;

    /// <summary>The spans of one trace, once there is one with that name and tag as its root and <paramref name="isComplete"/> says that nothing is missing.</summary>
    public async Task<IReadOnlyList<Activity>> TraceAsync(string root, string tag, string value, Func<IReadOnlyList<Activity>, bool> isComplete)
    {
        IReadOnlyList<Activity> spans = [];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!patience.IsCancellationRequested)
        {
            if (_ended.FirstOrDefault(span => span.ParentSpanId == default && span.DisplayName == root && value.Equals(span.GetTagItem(tag))) is { } found
                && isComplete(spans = [.. _ended.Where(span => span.TraceId == found.TraceId).OrderBy(span => span.StartTimeUtc)]))
            {
                return spans;
            }

            await Task.Delay(5);
        }

        throw new TimeoutException($"there is:\n{Draw(spans)}");
    }

    /// <summary>The trace as a tree, for people.</summary>
    public static string Draw(IReadOnlyList<Activity> spans) =>
        string.Join('\n', spans.Where(span => spans.All(other => other.SpanId != span.ParentSpanId)).Select(span => Draw(spans, span, 0)));

    public void Dispose() => _listener.Dispose();

    private static string Draw(IReadOnlyList<Activity> spans, Activity span, int depth) =>
        $"{new string(' ', depth * 2)}{span.DisplayName} {string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))}"
        + string.Concat(spans.Where(other => other.ParentSpanId == span.SpanId).Select(other => "\n" + Draw(spans, other, depth + 1)));
}
