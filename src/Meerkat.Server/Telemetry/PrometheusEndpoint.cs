using System.Net;
using System.Text;
using Meerkat.Admin.Metrics;
using Meerkat.Connections.Http;
using Meerkat.Core;
using Meerkat.Server.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Meerkat.Server.Telemetry;

/// <summary>The metrics in Prometheus's text format, over HTTP and for administration. Made only where <c>[instrumentation.prometheus]</c> is configured: counting begins with it.</summary>
internal sealed class PrometheusEndpoint : IMetricsText, IDisposable
{
    private readonly MeterProvider _provider;
    private readonly ServiceProvider _services;
    private readonly RequestDelegate _serve;

    public PrometheusEndpoint()
    {
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("meerkat", serviceVersion: Product.Version))
            .AddMeter(Meters.All)
            .AddView(HistogramBounds.Of)
            .AddPrometheusExporter()
            .Build();
        _services = new ServiceCollection().AddOptions().BuildServiceProvider();
        var application = new ApplicationBuilder(_services);
        application.UseOpenTelemetryPrometheusScrapingEndpoint(_provider, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
        _serve = application.Build();
    }

    /// <summary>Serves <c>/metrics</c>.</summary>
    public Task ServeAsync(HttpContext context, HttpHandlerOptions options) =>
        ((PrometheusHandlerOptions)options).LoopbackOnly && !(context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)) ? RefuseAsync(context) : _serve(context);

    /// <inheritdoc/>
    public async ValueTask<string> ReadAsync(CancellationToken ct)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = _services, RequestAborted = ct };
        context.Request.Method = HttpMethods.Get;
        context.Response.Body = body;
        await _serve(context);
        return Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _provider.Dispose();
        _services.Dispose();
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync("Metrics are for this machine only: see loopback_only in the configuration of mongoose_prometheus_handler.");
    }
}
