using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Meerkat.Cluster.Orleans.Membership;
using Meerkat.Cluster.Orleans.Nodes;
using Meerkat.Cluster.Orleans.Tls;
using Meerkat.Core.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Clustering.Redis;

namespace Meerkat.Cluster.Orleans;

/// <summary>This server as a node of a cluster, over Microsoft Orleans (architecture §6): who the members are, the way to them, and what administration asks of it.</summary>
/// <remarks>One run: a node that has left, or was given up, is made anew. Safe for concurrent use.</remarks>
public sealed class OrleansCluster : IClusterMembers, INodeTransport, IClusterControl, IAsyncDisposable
{
    private readonly OrleansClusterSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ClusterTimes _times;
    private readonly ClusterKey _key;
    private readonly NodeTls _tls;
    private readonly NodeInbox _inbox;
    private readonly IHost _host;
    private readonly Lease _lease;
    private readonly MemberViews _views;
    private readonly SiloAddress _address;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _isMember = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private int _isLost;
    private bool _isStarted;

    /// <summary>Prepares a node; nobody is told of it yet.</summary>
    /// <param name="settings">What it needs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Loggers.</param>
    public OrleansCluster(OrleansClusterSettings settings, TimeProvider time, ILoggerFactory loggers)
    {
        _settings = settings;
        _time = time;
        _log = loggers.CreateLogger<OrleansCluster>();
        _times = new ClusterTimes(settings.Options.FailureTime);
        _key = ClusterKey.Make(settings.Secret, settings.Options.Name, time);
        _tls = new NodeTls(_key, _times.Answer, _log);
        _inbox = new NodeInbox(settings.Host);
        _host = SiloHost.Build(settings, _times, _tls, _inbox, new FatalErrors(GiveUp, _log), loggers);
        _address = _host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        Self = new ClusterNode(settings.Options.Node, _address.Generation);
        _views = new MemberViews(Self, _times.Hold, time, _log);
        _views.Changed += view =>
        {
            if (view.Has(Self))
            {
                _isMember.TrySetResult();
            }

            Changed?.Invoke(view);
        };
        _lease = new Lease(_times.Lease, time, ReadOwnStateAsync, _log);
    }

    /// <inheritdoc/>
    public event Action<ClusterView>? Changed;

    /// <inheritdoc/>
    public event Action? Lost;

    /// <inheritdoc/>
    public ClusterNode Self { get; }

    /// <inheritdoc/>
    public ClusterView View => _views.View;

    /// <inheritdoc/>
    public bool HoldsLease => _lease.Holds;

    /// <inheritdoc/>
    public Func<ClusterNode, ReadOnlyMemory<byte>, ValueTask>? Receive
    {
        get => _inbox.Receive;
        set => _inbox.Receive = value;
    }

    /// <summary>The number of this node in the cluster, for ids that no other node gives (OPS-015): 1 to 255. 0 before the start.</summary>
    public byte Number { get; private set; }

    string IClusterControl.Self => Self.Name;

    /// <summary>Takes a number, for ids that are given before anybody is served. Before the start.</summary>
    /// <exception cref="ClusterException">There is none left.</exception>
    public async Task TakeNumberAsync(CancellationToken ct)
    {
        try
        {
            Number = await _settings.Store.NumberAsync(_settings.Options.Name, Self.Name, ct);
        }
        catch (InvalidOperationException none)
        {
            throw new ClusterException(none.Message, none);
        }
    }

    /// <summary>Joins. Ends when this node is a member and holds its lease.</summary>
    /// <exception cref="ClusterException">The other nodes have another secret or this one's name, cannot be reached, or its address is taken.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        try
        {
            await LookAroundAsync(ct);
            await _host.StartAsync(ct);
            _isStarted = true;
        }
        catch (Exception refused) when (refused is not (OperationCanceledException or ClusterException))
        {
            throw new ClusterException($"node {Self.Name} cannot join the cluster {_settings.Options.Name} on {_settings.Options.EndPoint}: {refused.GetBaseException().Message}", refused);
        }

        _running = Task.WhenAll(FollowAsync(_stopping.Token), WatchAsync(_stopping.Token));
        await _isMember.Task.WaitAsync(ct);
        await _lease.ConfirmAsync(ct);
        ClusterLog.Joined(_log, Self.Name, _settings.Options.Name, _settings.Options.EndPoint.ToString());
    }

    /// <summary>Leaves: the others see at once that this node has gone by itself. Whoever was served here has been sent away before.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        _lease.End();
        await _stopping.CancelAsync();
        await _running;
        if (_isStarted)
        {
            _isStarted = false;
            await _host.StopAsync(ct);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(ClusterNode to, ReadOnlyMemory<byte> batch, CancellationToken ct)
    {
        if (!_views.Addresses.TryGetValue(to, out var address))
        {
            throw new NodeUnreachableException($"{to} is no member of the cluster");
        }

        var bytes = MemoryMarshal.TryGetArray(batch, out var array) && array.Offset == 0 && array.Count == array.Array!.Length ? array.Array : batch.ToArray();
        await CallAsync(to, service => service.TakeAsync(Self.Name, Self.Run, bytes), address, ct);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeInfo>> ListAsync(CancellationToken ct)
    {
        var table = await _host.Services.GetRequiredService<IMembershipTable>().ReadAllAsync(ct);
        var newest = table.Members.Select(row => row.Item1).GroupBy(entry => entry.SiloName).Select(runs => runs.OrderBy(run => run.Status is SiloStatus.Dead).ThenByDescending(run => run.SiloAddress.Generation).First());
        var nodes = await Task.WhenAll(newest.Select(entry => DescribeAsync(entry, ct)));
        return [.. nodes.OrderBy(node => node.Node.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async Task<NodeAnswer> TellAsync(string node, NodeOrder order, CancellationToken ct)
    {
        if (node == Self.Name)
        {
            _settings.Host.Obey(order);
            return NodeAnswer.Done;
        }

        var (known, address) = _views.Addresses.FirstOrDefault(member => member.Key.Name == node);
        if (address is null)
        {
            return NodeAnswer.NotFound;
        }

        try
        {
            await CallAsync(known, service => service.ObeyAsync((int)order), address, ct);
            return NodeAnswer.Done;
        }
        catch (NodeUnreachableException)
        {
            return NodeAnswer.Unreachable;
        }
    }

    /// <inheritdoc/>
    public async Task<NodeAnswer> RemoveAsync(string node, CancellationToken ct)
    {
        var table = _host.Services.GetRequiredService<IMembershipTable>();
        var runs = (await table.ReadAllAsync(ct)).Members.Select(row => row.Item1).Where(entry => entry.SiloName == node).ToList();
        if (runs.Any(run => run.Status is not SiloStatus.Dead))
        {
            return NodeAnswer.Runs;
        }

        // Orleans takes rows away by age alone, and those of other nodes would go along.
        if (runs.Count > 0)
        {
            await (_settings.Redis is { } redis
                ? RedisRows.RemoveAsync(redis, _host.Services, runs.Select(run => run.SiloAddress), ct)
                : _settings.Store.RemoveDeadAsync(_settings.Options.Name, node, ct).AsTask());
        }

        return await _settings.Store.ForgetAsync(_settings.Options.Name, node, ct) || runs.Count > 0 ? NodeAnswer.Done : NodeAnswer.NotFound;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(_times.Answer, _time);
        try
        {
            await StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // The others find out.
        }

        await ((IAsyncDisposable)_host).DisposeAsync();
        _stopping.Dispose();
        _key.Dispose();
    }

    // Before anything is written: who has another secret, or a name that is taken, disturbs nobody.
    private async Task LookAroundAsync(CancellationToken ct)
    {
        var table = _host.Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, ct);
        var others = (await table.ReadAllAsync(ct)).Members.Select(row => row.Item1)
            .Where(entry => entry.Status is SiloStatus.Active or SiloStatus.Joining && !entry.SiloAddress.Endpoint.Equals(_settings.Options.EndPoint)).ToList();
        var kinds = await Task.WhenAll(others.Select(entry => _tls.ProbeAsync(entry.SiloAddress.Endpoint, ct)));
        foreach (var (entry, kind) in others.Zip(kinds))
        {
            if (kind is PeerKind.Stranger)
            {
                throw new ClusterException($"node {entry.SiloName} on {entry.SiloAddress.Endpoint} does not know this node's secret: set the same cluster.secret, or secret_file, on all nodes");
            }

            if (kind is PeerKind.Member && entry.SiloName == Self.Name)
            {
                throw new ClusterException($"a node with the name {Self.Name} runs already, on {entry.SiloAddress.Endpoint}: set another cluster.node");
            }
        }
    }

    private async Task<NodeInfo> DescribeAsync(MembershipEntry entry, CancellationToken ct)
    {
        var node = new ClusterNode(entry.SiloName, entry.SiloAddress.Generation);
        var state = entry.Status switch
        {
            SiloStatus.Created or SiloStatus.Joining or SiloStatus.None => NodeState.Joining,
            SiloStatus.Active => NodeState.Active,
            SiloStatus.ShuttingDown or SiloStatus.Stopping => NodeState.Leaving,
            _ => NodeState.Gone,
        };
        var info = new NodeInfo(node, entry.SiloAddress.Endpoint.ToString(), state, new DateTimeOffset(DateTime.SpecifyKind(entry.StartTime, DateTimeKind.Utc)));
        if (state is not NodeState.Active)
        {
            return info;
        }

        try
        {
            var report = node == Self ? new NodeReport(_settings.Host.Sessions, _settings.Host.IsDraining, Core.Product.Version) : await CallAsync(node, service => service.ReportAsync(), entry.SiloAddress, ct);
            return info with { State = report.IsDraining ? NodeState.Draining : NodeState.Active, Sessions = report.Sessions, Version = report.Version };
        }
        catch (NodeUnreachableException)
        {
            return info with { State = NodeState.Unreachable };
        }
    }

    private Task<bool> CallAsync(ClusterNode to, Func<INodeService, Task> call, SiloAddress address, CancellationToken ct) => CallAsync(
        to,
        async service =>
        {
            await call(service);
            return true;
        },
        address,
        ct);

    private async Task<T> CallAsync<T>(ClusterNode to, Func<INodeService, Task<T>> call, SiloAddress address, CancellationToken ct)
    {
        try
        {
            return await call(_host.Services.GetRequiredService<NodeClient>().At(address)).WaitAsync(_times.Answer, _time, ct);
        }
        catch (Exception gone) when (gone is TimeoutException or OrleansException or ObjectDisposedException or IOException)
        {
            throw new NodeUnreachableException($"{to} cannot be reached: {gone.Message}", gone);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever it was: a node that does not see who comes and goes must not serve.")]
    private async Task FollowAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var snapshot in _host.Services.GetRequiredService<IClusterMembershipService>().MembershipUpdates.WithCancellation(ct))
            {
                var members = ImmutableDictionary.CreateBuilder<ClusterNode, SiloAddress>();
                var leaving = ImmutableHashSet.CreateBuilder<ClusterNode>();
                foreach (var (address, member) in snapshot.Members)
                {
                    var node = new ClusterNode(member.Name, address.Generation);
                    if (member.Status is SiloStatus.Active)
                    {
                        members[node] = address;
                    }
                    else if (member.Status is SiloStatus.ShuttingDown or SiloStatus.Stopping)
                    {
                        leaving.Add(node);
                    }
                }

                await _views.TakeAsync(new TableState(snapshot.Version.Value, members.ToImmutable(), leaving.ToImmutable()), ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // It leaves.
        }
        catch (Exception failure)
        {
            ClusterLog.Blind(_log, failure);
            GiveUp("it does not see any more who they are");
        }
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        if (await _lease.RunAsync(ct))
        {
            GiveUp("they did not hear of it for too long");
        }
    }

    private void GiveUp(string reason)
    {
        if (_stopping.IsCancellationRequested || Interlocked.Exchange(ref _isLost, 1) != 0)
        {
            return;
        }

        _lease.End();
        ClusterLog.Lost(_log, reason);
        Lost?.Invoke();
    }

    private async Task<OwnState> ReadOwnStateAsync()
    {
        var table = _host.Services.GetRequiredService<IMembershipTable>();
        MembershipTableData row;
        try
        {
            row = await table.ReadRowAsync(_address, CancellationToken.None);
        }
        catch (RedisClusteringException) when (_isMember.Task.IsCompleted)
        {
            // A Redis that keeps nothing over a restart has no table any more. It is made, so that this node can leave it and join anew; where that was not it, this is no worse.
            await table.InitializeMembershipTableAsync(tryInitTableVersion: true, CancellationToken.None);
            row = await table.ReadRowAsync(_address, CancellationToken.None);
        }

        return row.Members.Select(found => found.Item1.Status).FirstOrDefault(SiloStatus.None) switch
        {
            SiloStatus.Active => OwnState.Member,
            SiloStatus.Dead => OwnState.GivenUp,
            SiloStatus.None when _isMember.Task.IsCompleted => OwnState.GivenUp, // was taken away since: it was dead
            _ => OwnState.NoMember,
        };
    }
}
