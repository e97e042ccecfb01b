using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Caps;

/// <summary>Options of <c>mod_caps</c>: a <c>[modules.mod_caps]</c> table.</summary>
public sealed record CapsOptions
{
    /// <summary><c>iq_response_timeout</c>: how long a client may take to say what its hash stands for, in milliseconds. Default: 5000.</summary>
    [Unit(TimeUnit.Milliseconds), AtLeast(1)]
    public TimeSpan IqResponseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>versions</c>: the protocols used, in the order in which they are announced and looked for. Default: both.</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<CapsVersion> Versions { get; init; } = [CapsVersion.V1, CapsVersion.V2];
}

/// <summary>A protocol of entity capabilities.</summary>
public enum CapsVersion
{
    /// <summary>XEP-0115.</summary>
    [ConfigName("v1")]
    V1,

    /// <summary>XEP-0390.</summary>
    [ConfigName("v2")]
    V2,
}
