namespace Meerkat.Admin.Metrics;

/// <summary>The metrics of this server, as Prometheus would read them now. Safe for concurrent use.</summary>
public interface IMetricsText
{
    /// <summary>Reads them.</summary>
    /// <param name="ct">Gives up.</param>
    /// <returns>Prometheus's text format, version 0.0.4.</returns>
    ValueTask<string> ReadAsync(CancellationToken ct);
}
