using System.Text;

namespace Meerkat.Modules.Caps;

/// <summary>The order of strings by the octets of their UTF-8 form (RFC 4790 §9.3), in which both protocols sort.</summary>
internal sealed class Octets : IComparer<string?>
{
    public static readonly Octets Order = new();

    public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? ""));
}
