namespace Meerkat.Core.Configuration;

/// <summary>Options that may ask for a pool of <c>outgoing_pools</c> otherwise than by a key <c>backend</c> at their top.</summary>
public interface IPoolUser
{
    /// <summary>The pools asked for: the type, and the key below the options that asks. Each must be configured with the tag <c>default</c> (CONF-030).</summary>
    IEnumerable<(string Type, string Key)> Pools { get; }
}
