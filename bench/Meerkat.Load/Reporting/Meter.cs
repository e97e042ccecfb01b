using System.Diagnostics;
using Meerkat.Load.Client;

namespace Meerkat.Load.Reporting;

/// <summary>What a server uses between two moments, the first of which is now.</summary>
internal sealed class Meter(Target target)
{
    private readonly MemoryUse _memory = ProcessTree.Memory(target.ServerProcess);
    private readonly TimeSpan _cpu = target.Cpu();
    private readonly TimeSpan _databaseCpu = DatabaseCpu(target);
    private readonly long _began = Stopwatch.GetTimestamp();

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_began);

    /// <summary>The server's processor time for each of <paramref name="count"/> things, in microseconds.</summary>
    public Measurement CpuPer(string scenario, string unit, long count, string note)
    {
        var cpu = (target.Cpu() - _cpu).TotalSeconds;
        if (target.DatabaseProcess > 0)
        {
            note += $"the database {(DatabaseCpu(target) - _databaseCpu).TotalSeconds * 1e6 / Math.Max(count, 1):F1} {unit}";
        }

        return new(scenario, target.Server, target.Round, cpu * 1e6 / Math.Max(count, 1), unit, count, Elapsed.TotalSeconds, cpu, count == 0 ? "FAILED: nothing done; " + note : note);
    }

    /// <summary>What each of <paramref name="count"/> things added to resident memory, in KiB.</summary>
    public Measurement MemoryPer(string scenario, string unit, long count, string note)
    {
        var after = ProcessTree.Memory(target.ServerProcess);
        var proportional = (after.ProportionalKiB - _memory.ProportionalKiB) / (double)count;
        return new(
            scenario, target.Server, target.Round, (after.ResidentKiB - _memory.ResidentKiB) / (double)count, unit, count, Elapsed.TotalSeconds,
            (target.Cpu() - _cpu).TotalSeconds,
            $"{note}pss {proportional:F1} KiB, resident {_memory.ResidentKiB / 1024} to {after.ResidentKiB / 1024} MiB");
    }

    private static TimeSpan DatabaseCpu(Target target) => target.DatabaseProcess > 0 ? ProcessTree.Cpu(target.DatabaseProcess) : TimeSpan.Zero;
}
