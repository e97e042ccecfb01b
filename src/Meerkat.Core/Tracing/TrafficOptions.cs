namespace Meerkat.Core.Tracing;

/// <summary>What passes over the streams of clients may be watched by the server's administrator: the <c>[services.service_traffic]</c> table, which has no options (CONF-180). Without it nobody can.</summary>
public sealed record TrafficOptions;
