using Meerkat.Connections.Bosh;
using Meerkat.Core.Configuration;
using Meerkat.Core.Domains;

namespace Meerkat.Server.Configuration;

/// <summary>What the whole server has, whatever the host: the <c>[services]</c> section.</summary>
public sealed record ServicesOptions
{
    /// <summary><c>service_bosh</c>: null when BOSH is not served.</summary>
    [ConfigName("service_bosh")]
    public BoshOptions? Bosh { get; init; }

    /// <summary><c>service_domain_db</c>: null when no domains can be added while the server runs.</summary>
    [ConfigName("service_domain_db")]
    public DomainServiceOptions? DomainDb { get; init; }
}
