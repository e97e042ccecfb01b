using System.Collections.Concurrent;

namespace Meerkat.Hostile;

/// <summary>What came of an attack. Safe for concurrent use while it runs.</summary>
public sealed class AttackReport
{
    private readonly ConcurrentDictionary<string, int> _kinds = new();
    private readonly ConcurrentQueue<string> _violations = new();

    /// <summary>How many streams there were of each kind.</summary>
    public IReadOnlyDictionary<string, int> Kinds => _kinds;

    /// <summary>How many streams there were.</summary>
    public int Streams => _kinds.Values.Sum();

    /// <summary>What must not have been, in the order in which it was noticed.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Memory at rest before and after, in bytes.</summary>
    public (long Before, long After) Memory { get; set; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Streams} streams ({string.Join(", ", _kinds.OrderBy(kind => kind.Key).Select(kind => $"{kind.Value} {kind.Key}"))}); "
        + $"memory at rest {Memory.Before / 1048576.0:F1} MiB before, {Memory.After / 1048576.0:F1} MiB after; {_violations.Count} violations{string.Concat(_violations.Take(10).Select(violation => $"\n  {violation}"))}";

    internal void Count(HostileStream stream) => _kinds.AddOrUpdate(stream.Kind, 1, static (_, count) => count + 1);

    internal void Violation(string text) => _violations.Enqueue(text);
}
