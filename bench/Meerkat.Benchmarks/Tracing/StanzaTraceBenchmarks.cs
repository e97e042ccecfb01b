using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using Meerkat.Core.Tracing;

namespace Meerkat.Benchmarks.Tracing;

/// <summary>What a place costs where a span could begin. A message to a local session passes seven of them. Results of a run are in README.md beside this file.</summary>
[MemoryDiagnoser]
public class StanzaTraceBenchmarks : IDisposable
{
    private ActivityListener? _listener;

    /// <summary>Whether somebody listens to traces, but not to this stanza.</summary>
    [Params(false, true)]
    public bool Listens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        if (Listens)
        {
            _listener = new ActivityListener { ShouldListenTo = source => source.Name == StanzaTrace.SourceName, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
            ActivitySource.AddActivityListener(_listener);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _listener?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = 100)]
    public int Look()
    {
        var found = 0;
        for (var i = 0; i < 100; i++)
        {
            found += StanzaTrace.Current is null ? 1 : 0;
        }

        return found;
    }
}
