using Meerkat.Cluster.Orleans;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Server.Configuration;
using Meerkat.Storage.Sql.Members;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>The server as a node of a cluster: it joins before it listens, and leaves when nothing is left that the others could want of it.</summary>
internal sealed class ClusterMember : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly OrleansCluster _cluster;
    private readonly MeerkatConfiguration _configuration;
    private readonly TimeProvider _time;

    private ClusterMember(OrleansCluster cluster, MeerkatConfiguration configuration, ClusterSessions sessions, TimeProvider time)
    {
        _cluster = cluster;
        _configuration = configuration;
        _time = time;
        Sessions = sessions;
    }

    /// <summary>What administrators do to the nodes.</summary>
    public IClusterControl Control => _cluster;

    /// <summary>What takes the place of the local parts.</summary>
    public ClusterSessions Sessions { get; }

    /// <summary>What it needs and has not: the others' word that it is a member, and where sessions are known.</summary>
    public IEnumerable<string> Failing => [.. _cluster.HoldsLease ? (string[])[] : ["cluster"], .. Sessions.IsReachable ? (string[])[] : ["redis default"]];

    /// <summary>The node that the configuration describes; null where there is no <c>[cluster]</c>. It connects to nothing yet.</summary>
    /// <exception cref="StartException">The secret, or a file of the Redis pool's <c>tls</c> table, cannot be used.</exception>
    public static ClusterMember? Create(MeerkatConfiguration configuration, DataFolder folder, Databases databases, IClusterHost host, TimeProvider time, ILoggerFactory loggers)
    {
        if (configuration.Cluster is null)
        {
            return null;
        }

        var cluster = ClusterNodes.Create(configuration, folder, new SqlMemberStore(databases.ForServer()), host, time, loggers);
        return new ClusterMember(cluster, configuration, ClusterSessions.Create(configuration, cluster, time, loggers), time);
    }

    /// <summary>Joins the others.</summary>
    /// <param name="server">What they reach here.</param>
    /// <param name="lost">Called once when the others have given this node up.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StartException">They do not take it, or the table of nodes cannot be used: the message says why.</exception>
    public async Task JoinAsync(ServerContext server, Action lost, CancellationToken ct)
    {
        await RedisSessions.RefuseWrongAccessAsync(_configuration, ct);
        try
        {
            await _cluster.TakeNumberAsync(ct);
            server.StanzaIds.Node = _cluster.Number;
            _cluster.Lost += lost;
            Sessions.Start(server);
            await _cluster.StartAsync(ct);
            await Sessions.JoinedAsync(ct);
        }
        catch (ClusterException refused)
        {
            throw new StartException(refused.Message, refused);
        }
        catch (Exception unusable) when (Databases.IsUnusable(unusable))
        {
            throw new StartException($"the table of the cluster's nodes cannot be used: {unusable.Message}", unusable);
        }
    }

    /// <summary>Leaves. Others that do not answer find out by themselves.</summary>
    public async Task LeaveAsync()
    {
        using var timeout = new CancellationTokenSource(s_patience, _time);
        try
        {
            await Sessions.LeavingAsync(timeout.Token);
            await _cluster.StopAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // The others find out.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Sessions.DisposeAsync();
        await _cluster.DisposeAsync();
    }
}
