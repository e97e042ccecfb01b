namespace Meerkat.Load.Reporting;

/// <summary>Resident memory of a server.</summary>
/// <param name="ResidentKiB">Sum of VmRSS.</param>
/// <param name="ProportionalKiB">Sum of Pss, which counts shared pages once; 0 where the kernel does not tell.</param>
internal readonly record struct MemoryUse(long ResidentKiB, long ProportionalKiB);

/// <summary>What the operating system says that a server has used: the process that was started and all below it, from <c>/proc</c>.</summary>
internal static class ProcessTree
{
    /// <summary>Kernel clock ticks a second in /proc/PID/stat; 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>User and system time of all its processes since each began.</summary>
    /// <exception cref="ArgumentException">There is no such process.</exception>
    public static TimeSpan Cpu(int root) =>
        TimeSpan.FromSeconds(Members(root).Sum(pid => Stat(pid) is { } stat ? long.Parse(stat[11]) + long.Parse(stat[12]) : 0) / TicksPerSecond);

    /// <remarks>Slow (the kernel walks the page tables): not while something is being timed.</remarks>
    /// <exception cref="ArgumentException">There is no such process.</exception>
    public static MemoryUse Memory(int root)
    {
        var members = Members(root);
        return new(
            members.Sum(pid => Field($"/proc/{pid}/status", "VmRSS:")),
            members.Sum(pid => Field($"/proc/{pid}/smaps_rollup", "Pss:")));
    }

    private static List<int> Members(int root)
    {
        var parents = new Dictionary<int, int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var pid) && Stat(pid) is { } stat)
            {
                parents[pid] = int.Parse(stat[1]);
            }
        }

        return parents.ContainsKey(root)
            ? [.. parents.Keys.Where(pid => IsBelow(pid, root, parents))]
            : throw new ArgumentException($"--pid {root}: no such process");
    }

    private static bool IsBelow(int pid, int root, Dictionary<int, int> parents)
    {
        while (pid != root && parents.TryGetValue(pid, out var parent))
        {
            pid = parent;
        }

        return pid == root;
    }

    /// <returns>The fields behind the program's name, "state" first; null when the process is gone.</returns>
    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Field(string file, string name)
    {
        try
        {
            var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
