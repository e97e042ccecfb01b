using System.Net;
using System.Text;
using Meerkat.Core;
using Meerkat.Core.Hosts;
using Meerkat.Core.Http;
using Meerkat.Core.Tls;

namespace Meerkat.Connections.Outgoing;

/// <summary>Asks one web service, with bounds on how many ask at a time, how many wait and how long. Safe for concurrent use.</summary>
/// <remarks>What is asked may hold passwords: neither addresses nor bodies are logged, redirections are not followed, and no proxy of the environment is used.</remarks>
public sealed class HttpPool : IHttpPool, IDisposable
{
    private const int MaxAnswer = 1024 * 1024;
    private static readonly GaugeSources<HttpPool> s_all = new();

    private readonly HttpPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;
    private readonly SemaphoreSlim _turns;
    private readonly Uri _base;
    private readonly long _limit; // of those that are under way, and of those that wait
    private int _waiting;

    static HttpPool() => ServerMetrics.Meter.CreateObservableGauge(
        "meerkat.http_pool.in_flight", () => s_all.Sum("service", pool => pool._base.Authority, pool => Volatile.Read(ref pool._waiting)), "{request}", "Requests to web services that are under way or wait for their turn, by service (OPS-128).");

    /// <summary>A pool; it connects when it is first asked.</summary>
    /// <param name="options">Its table.</param>
    /// <param name="time">The clock of its time-outs.</param>
    public HttpPool(HttpPoolOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _base = new Uri(new Uri(options.Connection.Host), $"/{options.Connection.PathPrefix.Trim('/')}/".Replace("//", "/", StringComparison.Ordinal));
        _turns = new SemaphoreSlim(options.Workers);
        _limit = options.Workers + options.QueueLimit;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxConnectionsPerServer = options.Workers,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // the name may come to mean another machine
        };
        if (_base.Scheme == Uri.UriSchemeHttps)
        {
            new ClientTls(options.Connection.Tls ?? new ClientTlsOptions(), _base.Host).Apply(handler.SslOptions);
        }

        _client = new HttpClient(handler) { MaxResponseContentBufferSize = MaxAnswer, Timeout = Timeout.InfiniteTimeSpan };
        s_all.Add(this);
    }

    /// <summary>Asks.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path behind the prefix, with its query string.</param>
    /// <param name="form">What is sent as a form; null for no body.</param>
    /// <param name="authorization">Header <c>Authorization</c>; null for none.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The status and the body.</returns>
    /// <exception cref="HttpRequestException">The service cannot be asked, or too many wait already.</exception>
    /// <exception cref="TimeoutException">It takes too long.</exception>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpMethod method, string path, IEnumerable<KeyValuePair<string, string>>? form, string? authorization, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _waiting) > _limit)
        {
            Interlocked.Decrement(ref _waiting);
            throw new HttpRequestException($"too many requests wait for {_base.Authority}");
        }

        using var call = new CancellationTokenSource(_options.CallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, call.Token);
        try
        {
            await _turns.WaitAsync(either.Token);
            try
            {
                using var request = new HttpRequestMessage(method, new Uri(_base, path)) { Content = form is null ? null : new FormUrlEncodedContent(form) };
                if (authorization is not null)
                {
                    request.Headers.TryAddWithoutValidation("Authorization", authorization);
                }

                using var patience = new CancellationTokenSource(_options.Connection.RequestTimeout is { Ticks: > 0 } given ? given : Timeout.InfiniteTimeSpan, _time);
                using var all = CancellationTokenSource.CreateLinkedTokenSource(either.Token, patience.Token);
                using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, all.Token);
                return (response.StatusCode, Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(all.Token)));
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"{_base.Authority} takes too long");
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<HttpPoolAnswer> GetAsync(string path, IReadOnlyList<KeyValuePair<string, string>> query, CancellationToken ct)
    {
        try
        {
            var parameters = query.Select(parameter => $"{Uri.EscapeDataString(parameter.Key)}={Uri.EscapeDataString(parameter.Value)}");
            var (status, body) = await AskAsync(HttpMethod.Get, $"{path}?{string.Join('&', parameters)}", null, null, ct);
            return new HttpPoolAnswer((int)status, body);
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutException)
        {
            throw new HttpPoolException(failure.Message, failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _turns.Dispose();
    }
}
