using System.ComponentModel.DataAnnotations;

namespace Meerkat.Core.Configuration;

/// <summary>What the values of keys without effect must look like: never bound, only checked.</summary>
internal sealed record KeyShapes
{
    public bool Boolean { get; init; }

    [AtLeast(1)]
    public long Positive { get; init; }

    [AtLeast(0)]
    public long NonNegative { get; init; }

    [AtLeast(1), InfinityAllowed]
    public long? PositiveOrInfinity { get; init; }

    [AtLeast(0), InfinityAllowed]
    public long? NonNegativeOrInfinity { get; init; }

    [NonEmpty]
    public string Text { get; init; } = "";

    public IReadOnlyList<RouterName> Routers { get; init; } = [];

    public ReplicatedBackend Replicated { get; init; }

    public SessionTicketKind SessionTickets { get; init; }

    public ClusterBackend Cluster { get; init; }

    public IqDisciplineShape IqDiscipline { get; init; } = new();

    public UsageReportShape UsageReport { get; init; } = new();
}

/// <summary>CONF-062.</summary>
internal enum RouterName
{
    MongooseRouterGlobal,
    MongooseRouterLocaldomain,
    MongooseRouterExternalLocalnode,
    MongooseRouterExternal,
    MongooseRouterDynamicDomains,
    [ConfigName("ejabberd_s2s")]
    S2s,
}

/// <summary>CONF-058, CONF-059.</summary>
internal enum ReplicatedBackend
{
    Mnesia,
    Cets,
}

/// <summary>CONF-121.</summary>
internal enum ClusterBackend
{
    Rdbms,
    File,
}

/// <summary>CONF-292.</summary>
internal enum SessionTicketKind
{
    Stateless,
}

/// <summary>CONF-221: a module's <c>iqdisc</c> table.</summary>
internal sealed record IqDisciplineShape : IValidatableObject
{
    public IqDiscipline Type { get; init; }

    [AtLeast(1)]
    public int? Workers { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Type is IqDiscipline.Queues && Workers is null)
        {
            yield return new ConfigRule("\"queues\" needs the number of workers in the key \"workers\"", nameof(Type), "missing_mandatory_keys");
        }
    }
}

/// <summary>CONF-221.</summary>
internal enum IqDiscipline
{
    NoQueue,
    OneQueue,
    Queues,
    Parallel,
}

/// <summary>CONF-176 to CONF-178: <c>services.service_mongoose_system_metrics</c>.</summary>
internal sealed record UsageReportShape
{
    public bool? Report { get; init; }

    [AtLeast(0)]
    public long InitialReport { get; init; } = 300_000;

    [AtLeast(0)]
    public long PeriodicReport { get; init; } = 10_800_000;

    public UsageReportTracking? TrackingId { get; init; }
}

/// <summary>CONF-178.</summary>
internal sealed record UsageReportTracking
{
    [NonEmpty]
    public required string Id { get; init; }

    [NonEmpty, Secret]
    public required string Secret { get; init; }
}
