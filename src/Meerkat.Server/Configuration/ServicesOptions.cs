using Meerkat.Connections.Bosh;
using Meerkat.Core.Configuration;
using Meerkat.Core.Domains;
using Meerkat.Core.Tracing;

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

    /// <summary><c>service_traffic</c>: null when nobody may watch what passes over the streams of clients.</summary>
    [ConfigName("service_traffic")]
    public TrafficOptions? Traffic { get; init; }

    /// <summary>The services that are configured, by the names of their sections, sorted.</summary>
    internal IReadOnlyList<string> Names
    {
        get
        {
            var names = new List<string>();
            void AddIf(object? options, string name)
            {
                if (options is not null)
                {
                    names.Add(name);
                }
            }

            AddIf(Bosh, "service_bosh");
            AddIf(DomainDb, "service_domain_db");
            AddIf(Traffic, "service_traffic");
            return names;
        }
    }
}
