using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

/// <summary>Removes what is older than the archives of one kind keep (MAM-089), in the background, a bounded number in a transaction.</summary>
internal sealed class ArchiveSweeper : IDisposable
{
    private readonly HostType _host;
    private readonly IArchiveStore _store;
    private readonly ArchiveSettings _settings;
    private readonly string _kind;
    private readonly Func<string, string> _domainOf;
    private readonly ILogger _log;
    private readonly ITimer? _timer;
    private int _isSweeping;

    /// <summary>Starts to look when there is an age beyond which nothing is kept.</summary>
    /// <param name="host">The host type.</param>
    /// <param name="store">The archives.</param>
    /// <param name="settings">What holds for them.</param>
    /// <param name="kind">Their kind, for metrics.</param>
    /// <param name="domainOf">The domain of the owners for a domain of the host type.</param>
    /// <param name="every">How often to look.</param>
    /// <param name="log">Told of failures and of what was removed.</param>
    public ArchiveSweeper(HostType host, IArchiveStore store, ArchiveSettings settings, string kind, Func<string, string> domainOf, TimeSpan every, ILogger log)
    {
        _host = host;
        _store = store;
        _settings = settings;
        _kind = kind;
        _domainOf = domainOf;
        _log = log;
        if (settings.Retention is not null)
        {
            _timer = host.Server.Time.CreateTimer(static sweeper => _ = ((ArchiveSweeper)sweeper!).SweepAsync(), this, every, every);
        }
    }

    /// <summary>Removes what is too old now. One sweep at a time: another one asked for meanwhile does nothing.</summary>
    /// <returns>How many messages went.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of background work: logged, and tried again.")]
    public async Task<long> SweepAsync()
    {
        if (_settings.Retention is not { } retention || Interlocked.Exchange(ref _isSweeping, 1) != 0)
        {
            return 0;
        }

        var total = 0L;
        try
        {
            var below = StanzaId.First(_host.Server.Time.GetUtcNow() - retention).Value;
            foreach (var domain in _host.Server.Domains.All.Where(domain => domain.Host == _host && domain.Service is null).Select(domain => domain.Jid.Domain).ToArray())
            {
                var removed = await RemoveAsync(_store, _domainOf(domain), below, _settings.RemovalLimit, CancellationToken.None);
                total += removed;
                if (removed > 0)
                {
                    MamMetrics.Expired(_kind, (int)Math.Min(removed, int.MaxValue));
                    MamLog.Swept(_log, removed, domain);
                }
            }
        }
        catch (Exception failure)
        {
            MamLog.SweepFailed(_log, failure);
        }
        finally
        {
            Volatile.Write(ref _isSweeping, 0);
        }

        return total;
    }

    /// <summary>Removes the messages of a domain below an id, part by part.</summary>
    /// <returns>How many.</returns>
    public static async ValueTask<long> RemoveAsync(IArchiveStore store, string domain, long below, int limit, CancellationToken ct)
    {
        var total = 0L;
        int removed;
        do
        {
            removed = await store.RemoveBelowAsync(domain, below, limit, ct);
            total += removed;
        }
        while (removed == limit);

        return total;
    }

    public void Dispose() => _timer?.Dispose();
}
