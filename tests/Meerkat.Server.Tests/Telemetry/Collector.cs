using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Meerkat.Server.Tests.Telemetry;

/// <summary>A collector of OpenTelemetry that remembers what it was sent: OTLP over HTTP and over gRPC (opentelemetry-proto, docs/specification.md). It may die and come back at the same port.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Signal, string Headers, Protobuf Body)> _taken = new();
    private readonly HttpProtocols _protocols;
    private readonly CancellationTokenSource _end = new();
    private WebApplication? _application;

    private Collector(HttpProtocols protocols) => _protocols = protocols;

    public int Port { get; private set; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>Takes requests and does not answer.</summary>
    public bool IsSilent { get; set; }

    /// <summary>What came, of a signal: <c>metrics</c>, <c>traces</c> or <c>logs</c>.</summary>
    public IEnumerable<Protobuf> Taken(string signal) => _taken.Where(request => request.Signal == signal).Select(request => request.Body);

    public IEnumerable<string> Headers => _taken.Select(request => request.Headers);

    public IEnumerable<Protobuf> Spans => Taken("traces").SelectMany(request => request.All(1, 2, 2));

    public static async Task<Collector> StartAsync(HttpProtocols protocols = HttpProtocols.Http1)
    {
        var collector = new Collector(protocols);
        await collector.StartAgainAsync();
        return collector;
    }

    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, endPoint => endPoint.Protocols = _protocols));
        _application = builder.Build();
        _application.Run(ServeAsync);
        await _application.StartAsync();
        Port = new Uri(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    public async Task DieAsync()
    {
        using var atOnce = new CancellationTokenSource(0);
        await _application!.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
        _application = null;
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isSo())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException(what);
            }

            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_application is not null)
        {
            await DieAsync();
        }

        _end.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (IsSilent)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, context.RequestAborted);
            await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var bytes = body.ToArray().AsMemory();
        var path = context.Request.Path.Value!;
        var isGrpc = context.Request.ContentType == "application/grpc";
        var signal = !isGrpc ? path["/v1/".Length..] : path.Contains(".trace.", StringComparison.Ordinal) ? "traces" : path.Contains(".metrics.", StringComparison.Ordinal) ? "metrics" : "logs";
        if (isGrpc)
        {
            bytes = bytes[5..]; // a flag and a length
        }

        _taken.Enqueue((signal, string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}")), new Protobuf(bytes)));
        if (isGrpc)
        {
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
        else
        {
            context.Response.ContentType = "application/x-protobuf";
        }
    }
}
