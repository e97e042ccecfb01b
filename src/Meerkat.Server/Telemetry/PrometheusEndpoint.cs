using System.Net;
using System.Text;
using Meerkat.Admin.Metrics;
using Meerkat.Connections.Http;
using Meerkat.Core;
using Meerkat.Server.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
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
        LogCounter.Begin();
        _services = new ServiceCollection().AddOptions().BuildServiceProvider();
        var application = new ApplicationBuilder(_services);
        application.UseOpenTelemetryPrometheusScrapingEndpoint(_provider, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
        _serve = application.Build();
    }

    /// <summary>Serves <c>/metrics</c>.</summary>
    /// <remarks>HTP-PROM-01, HTP-PROM-02: there is one registry, <c>default</c>.</remarks>
    public Task ServeAsync(HttpContext context, HttpHandlerOptions options)
    {
        if (((PrometheusHandlerOptions)options).LoopbackOnly && !(context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)))
        {
            return RefuseAsync(context);
        }

        var request = context.Request;
        var status = request.Path.Value is not (null or "" or "/" or "/default") ? StatusCodes.Status404NotFound
            : !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) ? StatusCodes.Status405MethodNotAllowed
            : !IsAcceptable(request) ? StatusCodes.Status406NotAcceptable
            : StatusCodes.Status200OK;
        if (status == StatusCodes.Status200OK)
        {
            return _serve(context);
        }

        if (status == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = "GET, HEAD";
        }

        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

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

    // What cannot be understood asks for nothing.
    private static bool IsAcceptable(HttpRequest request) =>
        request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        || accepted.Any(type => type.Quality is not 0 && (type.MatchesAllTypes || type.MediaType.Value is "text/*" or "text/plain" or "application/*" or "application/openmetrics-text"));

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync("Metrics are for this machine only: see loopback_only in the configuration of mongoose_prometheus_handler.");
    }
}
