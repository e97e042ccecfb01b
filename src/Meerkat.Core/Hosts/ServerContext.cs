using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Domains;
using Meerkat.Core.Http;
using Meerkat.Core.Placement;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Core.Shaping;
using Meerkat.Core.Streams;
using Meerkat.Core.Tracing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Hosts;

/// <summary>The parts of a server that all its host types share. Made once; safe for concurrent use.</summary>
public sealed class ServerContext
{
    private readonly Lazy<DomainAdmins> _domainAdmins;

    /// <summary>Puts the parts together.</summary>
    /// <param name="general">The <c>general</c> section.</param>
    /// <param name="time">The clock: every time-out comes from it.</param>
    /// <param name="loggers">Loggers.</param>
    public ServerContext(GeneralOptions general, TimeProvider time, ILoggerFactory loggers)
    {
        General = general;
        Time = time;
        Loggers = loggers;
        Started = time.GetUtcNow();
        Domains = new DomainTable();
        Sessions = new LocalSessionDirectory();
        Iqs = new IqTracker(time);
        StanzaIds = new StanzaIdGenerator(time, node: 0);
        Placement = new LocalPlacement(time, loggers);
        Router = new Router(this);
        ServerMetrics.Begin();
        _domainAdmins = new(() => new DomainAdmins(Domains, DomainAdminStore, time));
    }

    /// <summary>The <c>general</c> section.</summary>
    public GeneralOptions General { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Loggers.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>The shapers of the configuration by name, for modules that count operations (CORE-256).</summary>
    public IReadOnlyDictionary<string, ShaperOptions> Shapers { get; init; } = new Dictionary<string, ShaperOptions>();

    /// <summary>When the server started.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>What is served here.</summary>
    public DomainTable Domains { get; }

    /// <summary>Who is bound.</summary>
    public ISessionDirectory Sessions { get; init; }

    /// <summary>Tells other nodes what has changed.</summary>
    public IClusterEvents Events { get; init; } = new LocalClusterEvents();

    /// <summary>IQ requests of the server itself that wait for an answer.</summary>
    public IqTracker Iqs { get; }

    /// <summary>Makes ids of messages, for archives and XEP-0359.</summary>
    public StanzaIdGenerator StanzaIds { get; }

    /// <summary>Where keys that need a single writer live.</summary>
    public IPlacement Placement { get; init; }

    /// <summary>Where stanzas go.</summary>
    public Router Router { get; }

    /// <summary>Which part of the clients' stanzas is traced while somebody listens to traces, 0 to 1 (<see cref="StanzaTrace"/>).</summary>
    public double TraceRatio { get; init; } = 1;

    /// <summary>Shows the streams of clients to those who watch; null where the service for it (<c>service_traffic</c>) is not configured.</summary>
    public TrafficWatch? Traffic { get; init; }

    /// <summary>Addresses that no client stream is opened for (CORE-012).</summary>
    public AddressFilters Addresses { get; } = new();

    /// <summary>Sessions that can be resumed.</summary>
    public ResumptionRegistry Resumptions { get; } = new();

    /// <summary>Where the server is reached over HTTP. Set once, by the one who puts the server together, before anybody is served.</summary>
    public IHttpEndpoints Http { get; set; } = new NoHttpEndpoints();

    /// <summary>The administrators of domains, as they are kept.</summary>
    public IDomainAdminStore DomainAdminStore { get; init; } = new MemoryDomainAdminStore();

    /// <summary>The administrators of domains.</summary>
    public DomainAdmins DomainAdmins => _domainAdmins.Value;

    /// <summary>What may be done to domains while the server runs; null where the service for it (<c>service_domain_db</c>) is not configured. Set once, before anybody is served.</summary>
    public DomainOperations? DomainOperations { get; set; }

    /// <summary>What administration asks of the cluster; null for a server that is no node of one.</summary>
    public IClusterControl? Cluster { get; init; }

    /// <summary>Web services that modules ask.</summary>
    public IHttpPools HttpPools { get; init; } = new NoHttpPools();

    /// <summary>The server is about to stop: modules say and write what they must while there are sessions.</summary>
    public Task AnnounceStopAsync() => AskAllAsync(host => host.Stopping);

    /// <summary>The server stops: every session ends with <c>system-shutdown</c>, those without a connection too, and what they did not get goes to offline storage (CORE-216).</summary>
    public async Task EndSessionsAsync(CancellationToken ct)
    {
        foreach (var session in Sessions.Local.ToArray())
        {
            await session.EndAsync(new SessionEnd(SessionEndReason.Shutdown, StreamError.SystemShutdown), ct);
        }
    }

    /// <summary>The server stops and all sessions have ended: what modules still hold back is written.</summary>
    public Task DrainAsync() => AskAllAsync(host => host.Drains);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one module: it is logged, and the others still write what they have.")]
    private async Task AskAllAsync(Func<HostType, IReadOnlyList<Func<ValueTask>>> asked)
    {
        foreach (var host in Domains.HostTypes)
        {
            foreach (var ask in asked(host))
            {
                try
                {
                    await ask();
                }
                catch (Exception failure)
                {
                    HostLog.EndFailed(Loggers.CreateLogger<ServerContext>(), failure, host.Name);
                }
            }
        }
    }
}
