using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Domains;

/// <summary>Keeps the <see cref="DomainTable"/> as the database has it: reads all domains at start, then what has changed (CORE-235 to CORE-246).</summary>
/// <remarks>
/// Changes that this process makes are read at once (<see cref="RefreshAsync"/>), those of other nodes of its cluster when these tell of them (<see cref="ClusterTopics.Domain"/>), and whatever was not told
/// when it looks the next time (<see cref="DomainServiceOptions.EventPollingInterval"/>).
/// A database that cannot be reached changes nothing: the domains go on as they are. Safe for concurrent use.
/// </remarks>
/// <param name="server">The server.</param>
/// <param name="store">The domains.</param>
/// <param name="options">How often what is done.</param>
public sealed class DynamicDomains(ServerContext server, IDomainStore store, DomainServiceOptions options) : IAsyncDisposable
{
    private readonly ILogger _log = server.Loggers.CreateLogger<DynamicDomains>();
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, HostType> _served = new(StringComparer.Ordinal);
    private readonly HashSet<DomainRecord> _ignored = [];
    private readonly DomainClosing _closing = new(server);
    private long _last;
    private bool _fails;
    private bool _isLoaded;
    private Task _work = Task.CompletedTask;

    /// <summary>The domains that were being deleted when all domains were read: their removal was cut off, or another process is at it.</summary>
    internal IReadOnlyList<DomainRecord> Unfinished { get; private set; } = [];

    /// <summary>Reads all domains. Once, before anybody is served.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        DomainMetrics.Begin();
        server.Events.Hear(ClusterTopics.Domain, async _ => await RefreshAsync(_stop.Token));
        await _reading.WaitAsync(ct);
        try
        {
            await ReloadAsync(ct);
        }
        finally
        {
            _reading.Release();
        }

        _isLoaded = true;
        DomainLog.Loaded(_log, _served.Count);
    }

    /// <summary>Begins to look for changes of others and to clean up. Once.</summary>
    public void Start() => _work = Task.WhenAll(PollAsync(), CleanAsync());

    /// <summary>Reads what has changed. When it has returned, the changes hold on this node: what was added takes log-ins, and of what went the sessions have ended.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            await ReadAsync(ct);
        }
        finally
        {
            _reading.Release();
        }

        await _closing.WhenDoneAsync().WaitAsync(ct);
    }

    /// <summary>Stops looking. What is served goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        await _closing.WhenDoneAsync();
    }

    // One at a time.
    private async Task ReadAsync(CancellationToken ct)
    {
        var gone = new List<HostedDomain>();
        DomainNews news;
        do
        {
            news = await store.ReadEventsAsync(_last, DomainPages.Size, ct);
            if (!news.IsComplete)
            {
                DomainLog.Reloading(_log);
                DomainMetrics.Reloaded();
                await ReloadAsync(ct);
                return;
            }

            foreach (var found in news.Events.DistinctBy(found => found.Domain))
            {
                Apply(found.Domain, found.Record, gone); // it is told as it is now: later events of it say the same
            }

            DomainMetrics.Read(news.Events.Count);
            _last = news.Events is [.., var last] ? last.Id : news.Last;
        }
        while (_last < news.Last);
        _closing.Begin(gone);
    }

    private async Task ReloadAsync(CancellationToken ct)
    {
        // The number first: what is changed while the pages are read is told once more as an event.
        var last = (await store.ReadEventsAsync(-1, 0, ct)).Last;
        var all = await store.ListAllAsync(ct);
        var gone = new List<HostedDomain>();
        foreach (var domain in _served.Keys.Except(all.Select(record => record.Domain)).ToArray())
        {
            Apply(domain, null, gone);
        }

        foreach (var record in all)
        {
            Apply(record.Domain, record, gone);
        }

        Unfinished = [.. all.Where(record => record.Status is DomainStatus.Deleting)];
        _last = last;
        _closing.Begin(gone);
    }

    // The domain is served as its record says; null: it is not there.
    private void Apply(string name, DomainRecord? record, List<HostedDomain> gone)
    {
        if (server.Domains.TryFindAccounts(name, out var now) && !_served.ContainsKey(name))
        {
            if (record is not null && _ignored.Add(record))
            {
                DomainLog.IsStatic(_log, name); // CORE-243
            }

            return;
        }

        var host = record is { Status: DomainStatus.Enabled } ? FindHostType(record) : null;
        if (now is not null && host != now.Host && server.Domains.Remove(now.Jid))
        {
            _served.Remove(name);
            DomainMetrics.Served(now.Host.Name, -1);
            gone.Add(now);
            now = null;
        }

        if (now is null && host is not null && BareJid.TryCreate(null, name, out var domain))
        {
            _served[name] = host;
            DomainMetrics.Served(host.Name, 1);
            foreach (var taken in server.Domains.Add(domain, host))
            {
                DomainLog.SubdomainTaken(_log, taken, name); // CORE-244
            }

            if (_isLoaded)
            {
                DomainLog.Opened(_log, name, host.Name); // not each of thousands at start
            }
        }
    }

    // Of a static host nobody can add a domain: it has no other domains than itself.
    private HostType? FindHostType(DomainRecord record)
    {
        if (IsForDomains(server, record.HostType))
        {
            return server.Domains.FindHostType(record.HostType);
        }

        if (_ignored.Add(record))
        {
            DomainLog.UnknownHostType(_log, record.Domain, record.HostType); // CORE-243
        }

        return null;
    }

    internal static bool IsForDomains(ServerContext server, string hostType) => server.General.HostTypes.Contains(hostType) && server.Domains.FindHostType(hostType) is not null;

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of background work: logged, and tried again.")]
    private async Task PollAsync()
    {
        using var timer = new PeriodicTimer(options.EventPollingInterval, server.Time);
        while (await TickAsync(timer))
        {
            try
            {
                await RefreshAsync(_stop.Token);
                if (_fails)
                {
                    _fails = false;
                    DomainLog.PollsAgain(_log);
                }
            }
            catch (Exception failure) when (!_stop.IsCancellationRequested)
            {
                DomainMetrics.Failed();
                if (!_fails)
                {
                    _fails = true;
                    DomainLog.PollFailed(_log, failure.Message);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of background work: logged, and tried again.")]
    private async Task CleanAsync()
    {
        using var timer = new PeriodicTimer(options.EventCleaningInterval, server.Time);
        while (await TickAsync(timer))
        {
            try
            {
                await store.RemoveEventsAsync(server.Time.GetUtcNow() - options.EventMaxAge, _stop.Token);
            }
            catch (Exception failure) when (!_stop.IsCancellationRequested)
            {
                DomainLog.CleaningFailed(_log, failure.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> TickAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
