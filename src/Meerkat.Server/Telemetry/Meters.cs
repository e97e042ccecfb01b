using Meerkat.Core;

namespace Meerkat.Server.Telemetry;

/// <summary>Whose instruments are told, by Prometheus and OTLP alike: the server's own, and the runtime's.</summary>
internal static class Meters
{
    /// <summary>The meters, by name or pattern.</summary>
    public static string[] All { get; } = [ServerMetrics.Meter.Name, "Meerkat.*", "System.Runtime"];
}
