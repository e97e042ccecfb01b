using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Telemetry;

/// <summary>Looks at what comes back from the collector: that it cannot be reached is said once, and once that it can again.</summary>
/// <remarks>The exporters tell nobody of their failures; all that they send passes here. Safe for concurrent use.</remarks>
/// <param name="collector">Where the collector is, for the log.</param>
internal sealed class CollectorWatch(Uri collector)
{
    // grpc-status of a call that went well.
    private const string GrpcOk = "0";

    private ILogger? _log;
    private string? _failure;
    private int _isAway;
    private int _failures;

    /// <summary>Where it is said. What was found before is said then: what sends logs is made before there is a log.</summary>
    public ILogger Log
    {
        set
        {
            _log = value;
            if (Volatile.Read(ref _failure) is { } failure)
            {
                TelemetryLog.CollectorAway(value, collector, failure);
            }
        }
    }

    /// <summary>Whether the last request failed.</summary>
    public bool IsAway => Volatile.Read(ref _isAway) != 0;

    /// <summary>How many requests failed.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>A client whose requests are watched.</summary>
    /// <param name="timeout">How long one may take.</param>
    /// <param name="headers">What is sent along with each.</param>
    public HttpClient CreateClient(TimeSpan timeout, IReadOnlyDictionary<string, string> headers)
    {
        var client = new HttpClient(new Watching(this)) { Timeout = timeout };
        foreach (var (name, value) in headers)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }

        return client;
    }

    private void Answered(HttpResponseMessage response)
    {
        var status = response.Headers.TryGetValues("grpc-status", out var values) ? values.FirstOrDefault() : GrpcOk; // without a body it stands among the headers
        if (!response.IsSuccessStatusCode)
        {
            Failed($"HTTP status {(int)response.StatusCode}");
        }
        else if (status != GrpcOk)
        {
            Failed($"gRPC status {status}");
        }
        else if (Interlocked.Exchange(ref _isAway, 0) != 0)
        {
            Volatile.Write(ref _failure, null);
            if (_log is not null)
            {
                TelemetryLog.CollectorBack(_log, collector);
            }
        }
    }

    private void Failed(string why)
    {
        Interlocked.Increment(ref _failures);
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            Volatile.Write(ref _failure, why);
            if (_log is not null)
            {
                TelemetryLog.CollectorAway(_log, collector, why);
            }
        }
    }

    private sealed class Watching(CollectorWatch watch) : DelegatingHandler(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ActivityHeadersPropagator = null })
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                var response = base.Send(request, cancellationToken);
                watch.Answered(response);
                return response;
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
            {
                watch.Failed(failure.GetBaseException().Message);
                throw;
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                watch.Answered(response);
                return response;
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
            {
                watch.Failed(failure.GetBaseException().Message);
                throw;
            }
        }
    }
}
