using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Meerkat.Core.Cluster;

/// <summary>One run of one node: a node that was started again is another one, and nothing that the earlier run had is its.</summary>
/// <param name="Name">What the administrator calls it; unique among the nodes that run at one time. No <c>#</c>.</param>
/// <param name="Run">Which run: later runs of the name have greater numbers.</param>
public readonly record struct ClusterNode(string Name, long Run) : IComparable<ClusterNode>
{
    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ClusterNode node)
    {
        node = default;
        var cut = text?.LastIndexOf('#') ?? -1;
        if (cut <= 0 || !long.TryParse(text.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var run))
        {
            return false;
        }

        node = new ClusterNode(text![..cut], run);
        return true;
    }

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static ClusterNode Parse(string text) => TryParse(text, out var node) ? node : throw new FormatException($"\"{text}\" is no node of a cluster");

    /// <summary>The order that all nodes agree on: by name, then by run.</summary>
    public int CompareTo(ClusterNode other) => string.CompareOrdinal(Name, other.Name) is var order && order != 0 ? order : Run.CompareTo(other.Run);

    /// <summary><c>name#run</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}#{Run}");

    /// <summary>Whether one comes before another.</summary>
    public static bool operator <(ClusterNode left, ClusterNode right) => left.CompareTo(right) < 0;

    /// <summary>Whether one comes behind another.</summary>
    public static bool operator >(ClusterNode left, ClusterNode right) => left.CompareTo(right) > 0;

    /// <summary>Whether one comes before another or is the same.</summary>
    public static bool operator <=(ClusterNode left, ClusterNode right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one comes behind another or is the same.</summary>
    public static bool operator >=(ClusterNode left, ClusterNode right) => left.CompareTo(right) >= 0;
}
