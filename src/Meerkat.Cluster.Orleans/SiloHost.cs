using Meerkat.Cluster.Orleans.Membership;
using Meerkat.Cluster.Orleans.Nodes;
using Meerkat.Cluster.Orleans.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Meerkat.Cluster.Orleans;

/// <summary>Orleans, as it is set up here: a silo without clients from outside, with TLS to the others.</summary>
internal static class SiloHost
{
    public static IHost Build(OrleansClusterSettings settings, ClusterTimes times, NodeTls tls, NodeInbox inbox, FatalErrors fatal, ILoggerFactory loggers)
    {
        var options = settings.Options;
        return new HostBuilder()
            .UseOrleans((_, silo) =>
            {
                silo.Configure<global::Orleans.Configuration.ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.Name, "meerkat"));
                silo.Configure<SiloOptions>(own => own.SiloName = options.Node);
                silo.Configure<EndpointOptions>(at =>
                {
                    at.AdvertisedIPAddress = options.EndPoint.Address;
                    at.SiloPort = options.Port;
                    at.SiloListeningEndpoint = options.EndPoint;
                    at.GatewayPort = 0;
                });
                silo.Configure<ClusterMembershipOptions>(members =>
                {
                    members.ProbeTimeout = times.Probe;
                    members.MinProbeTimeout = times.Probe / 2;
                    members.MaxProbeTimeout = times.Probe;
                    members.ExtendProbeTimeoutDuringDegradation = false;
                    members.NumMissedProbesLimit = ClusterTimes.MissedProbes;
                    members.TableRefreshTimeout = times.Probe;
                    members.IAmAliveTablePublishTimeout = times.Alive;
                    members.MaxJoinAttemptTime = times.FailureTime * 6;
                });
                silo.Configure<SiloMessagingOptions>(messages =>
                {
                    messages.ResponseTimeout = times.Answer;
                    messages.SystemResponseTimeout = times.Answer;
                });
                silo.Configure<ConnectionOptions>(connections => connections.OpenConnectionTimeout = times.Answer);
                silo.Configure<SiloConnectionOptions>(connections =>
                {
                    connections.ConfigureSiloInboundConnection(tls.UseInbound);
                    connections.ConfigureSiloOutboundConnection(tls.UseOutbound);
                });
                if (settings.Redis is { } redis)
                {
                    silo.UseRedisClustering(where => where.ConfigurationOptions = redis);
                }
                else
                {
                    silo.Services.AddSingleton<IMembershipTable>(new StoredMembershipTable(settings.Store, options.Name));
                }

                silo.Services.AddSingleton(inbox);
                silo.Services.AddSingleton<NodeClient>();
                silo.Services.AddSingleton<IFatalErrorHandler>(fatal);
                silo.AddGrainService<NodeService>();
            })
            .ConfigureServices(services =>
            {
                services.AddSingleton(loggers);
                services.AddSingleton<IHostLifetime, NoLifetime>();
            })
            .Build();
    }

    // Signals are the program's to handle, not this part's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
