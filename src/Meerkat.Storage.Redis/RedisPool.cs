using System.Net.Security;
using System.Security.Authentication;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Core.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Meerkat.Storage.Redis;

/// <summary>A pool of <c>outgoing_pools.redis</c>: one connection to a Redis server, which carries all requests in line (CONF-144 to CONF-147).</summary>
/// <remarks>
/// Connects when it is made, and again by itself whenever the server went away. What is asked meanwhile waits for <c>call_timeout</c> in all, then fails with
/// <see cref="StorageUnavailableException"/>; of more than the bound <see cref="StorageBusyException"/> tells at once. Safe for concurrent use.
/// </remarks>
public sealed class RedisPool : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private readonly RedisPoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _limit;
    private int _inFlight;
    private int _isGone;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="name">The pool, for the log and for metrics.</param>
    /// <param name="options">Which server, and how much.</param>
    /// <param name="time">Measures the waiting; the system's when null.</param>
    /// <param name="logger">Told when the server goes and comes; nobody when null.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file of the <c>tls</c> table is not what it should be.</exception>
    public RedisPool(string name, RedisPoolOptions options, TimeProvider? time = null, ILogger<RedisPool>? logger = null)
    {
        Name = name;
        _options = options;
        _time = time ?? TimeProvider.System;
        _log = logger ?? NullLogger<RedisPool>.Instance;
        _limit = options.Workers + options.QueueLimit;
        var configuration = ConfigurationOf(options);
        _connection = new Lazy<Task<ConnectionMultiplexer>>(() => ConnectAsync(configuration));
        RedisMetrics.Add(this);
    }

    /// <summary>The server was away and is back. Raised from any thread.</summary>
    public event Action? Returned;

    /// <summary>The pool, for people.</summary>
    public string Name { get; }

    /// <summary>How long a request may take.</summary>
    public TimeSpan CallTimeout => _options.CallTimeout;

    /// <summary>Whether the server can be reached.</summary>
    public bool IsReachable => _connection is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } connected } && connected.Result.IsConnected;

    internal int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Runs a request.</summary>
    /// <exception cref="StorageUnavailableException">The server cannot be reached, did not answer in time, or refused.</exception>
    /// <exception cref="StorageBusyException">Too many requests wait.</exception>
    internal async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> request, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _inFlight) > _limit)
        {
            Interlocked.Decrement(ref _inFlight);
            RedisMetrics.Dropped(Name);
            throw new StorageBusyException("Too many requests wait for Redis."); // CONF-131
        }

        try
        {
            // The client measures its own time-out in steps of a second.
            return await AnswerAsync(request).WaitAsync(CallTimeout, _time, ct);
        }
        catch (Exception gone) when (gone is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            throw new StorageUnavailableException($"Redis ({Name}) cannot be reached or does not do as asked: {gone.Message}", gone);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }

        async Task<T> AnswerAsync(Func<IDatabase, Task<T>> asked) => await asked((await _connection.Value).GetDatabase());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        RedisMetrics.Remove(this);
        if (_connection.IsValueCreated)
        {
            await (await _connection.Value).DisposeAsync();
        }
    }

    /// <summary>How a pool connects, for those who bring a client of their own.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file of the <c>tls</c> table is not what it should be.</exception>
    public static ConfigurationOptions ConfigurationOf(RedisPoolOptions options)
    {
        var on = options.Connection;
        var timeout = (int)Math.Min(options.CallTimeout.TotalMilliseconds, int.MaxValue);
        var configuration = new ConfigurationOptions
        {
            EndPoints = { { on.Host, on.Port } },
            User = on.Username,
            Password = on.Password.Length == 0 ? null : on.Password,
            DefaultDatabase = on.Database,
            ClientName = "meerkat",
            AbortOnConnectFail = false,
            ConnectTimeout = timeout,
            AsyncTimeout = timeout,
            ReconnectRetryPolicy = new LinearRetry(1000),
            ConfigurationChannel = "", // nothing is published or subscribed to
            TieBreaker = "",
        };
        if (on.Tls is { } table)
        {
            var tls = new ClientTls(table, on.Host);
            configuration.Ssl = true;
            configuration.SslClientAuthenticationOptions = _ =>
            {
                var handshake = new SslClientAuthenticationOptions();
                tls.Apply(handshake);
                return handshake;
            };
        }

        return configuration;
    }

    /// <summary>Whether a server is there and refuses what the configuration says, so that waiting does not help. Tries once, on a connection of its own.</summary>
    /// <param name="name">The pool, for people.</param>
    /// <param name="options">Which server, and who asks.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Where, what is wrong and what would be right, without secrets; null where it lets us in, and where it cannot be reached.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file of the <c>tls</c> table is not what it should be.</exception>
    public static async Task<string?> FindRefusalAsync(string name, RedisPoolOptions options, CancellationToken ct)
    {
        var on = options.Connection;
        var once = ConfigurationOf(options);
        once.AbortOnConnectFail = true;
        once.ConnectRetry = 1;
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(once).WaitAsync(ct);
            await connection.GetDatabase().PingAsync().WaitAsync(ct);
            return null;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return Reason(failure, on) is { } why ? $"Redis at {on.Host}:{on.Port} (pool {name}) {why}." : null;
        }
    }

    // What the server said, or who judged its certificate, is the innermost of what the client says.
    private static string? Reason(Exception failure, RedisConnectionOptions on)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException handshake:
                    return $"cannot be talked to over TLS ({handshake.Message}): its certificate must be signed by who tls.cacertfile names and be made out for the host, or for tls.server_name_indication.host; see verify_mode";
                case RedisServerException when cause.Message.StartsWith("NOPERM", StringComparison.Ordinal):
                    return $"lets \"{on.Username ?? "default"}\" in and forbids what is needed ({cause.Message})";
                case RedisException when cause.Message.Contains("WRONGPASS", StringComparison.Ordinal):
                    return $"does not let \"{on.Username ?? "default"}\" in with this password, or has no such user: username and password must be those of a user that it knows";
                case RedisException when cause.Message.Contains("NOAUTH", StringComparison.Ordinal):
                    return "wants a password, and password is empty: it must be that of requirepass, or of the user that username names";
                case RedisException when cause.Message.Contains("without any password configured", StringComparison.Ordinal):
                    return "wants no password: leave password out, or give Redis one (requirepass)";
            }
        }

        return null;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions configuration)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        connection.ConnectionFailed += (_, lost) =>
        {
            if (lost.ConnectionType is ConnectionType.Interactive && Interlocked.Exchange(ref _isGone, 1) == 0)
            {
                RedisLog.Gone(_log, Name, lost.Exception?.Message ?? lost.FailureType.ToString());
            }
        };
        connection.ConnectionRestored += (_, back) =>
        {
            if (back.ConnectionType is ConnectionType.Interactive)
            {
                Interlocked.Exchange(ref _isGone, 0);
                RedisLog.Back(_log, Name);
                Returned?.Invoke();
            }
        };
        return connection;
    }
}
