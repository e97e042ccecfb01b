using Meerkat.Connections.Bosh;
using Meerkat.Core.Configuration;

namespace Meerkat.Server.Configuration;

/// <summary>What the whole server has, whatever the host: the <c>[services]</c> section.</summary>
public sealed record ServicesOptions
{
    /// <summary><c>service_bosh</c>: null when BOSH is not served.</summary>
    [ConfigName("service_bosh")]
    public BoshOptions? Bosh { get; init; }
}
