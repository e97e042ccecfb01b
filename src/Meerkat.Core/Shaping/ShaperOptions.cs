using Meerkat.Core.Configuration;

namespace Meerkat.Core.Shaping;

/// <summary>A named rate: a <c>[shaper.&lt;name&gt;]</c> table (CONF-200).</summary>
public sealed record ShaperOptions
{
    /// <summary>The name by which a listener says that it has no shaper.</summary>
    public const string None = "none";

    /// <summary><c>max_rate</c>: bytes a second on a stream, operations a second where a module counts those. Also how much may pass at once after a pause.</summary>
    [AtLeast(1)]
    public required int MaxRate { get; init; }
}
