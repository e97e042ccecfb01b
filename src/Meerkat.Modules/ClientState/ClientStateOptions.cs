using Meerkat.Core.Configuration;

namespace Meerkat.Modules.ClientState;

/// <summary>Options of <c>mod_csi</c>: a <c>[modules.mod_csi]</c> table.</summary>
public sealed record ClientStateOptions
{
    /// <summary><c>buffer_max</c>: how many stanzas are held back for an inactive client; one more lets all of them go. Null, <c>infinity</c>: no limit. Default 20.</summary>
    [AtLeast(0), InfinityAllowed]
    public int? BufferMax { get; init; } = 20;
}
