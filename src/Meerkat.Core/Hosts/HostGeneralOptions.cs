using Meerkat.Core.Configuration;

namespace Meerkat.Core.Hosts;

/// <summary>The options of <c>[general]</c> that one host may have its own value of: <c>[host_config.general]</c> (CONF-039).</summary>
public sealed record HostGeneralOptions
{
    /// <summary><c>replaced_wait_timeout</c>: in milliseconds; null leaves what <c>[general]</c> says.</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan? ReplacedWaitTimeout { get; init; }
}
