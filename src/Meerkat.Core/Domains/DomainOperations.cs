using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Core.Domains;

/// <summary>What an administrator may do to domains while the server runs (OPS-067, CORE-238). Safe for concurrent use.</summary>
/// <remarks>A change holds on this node when the operation has returned, and on the other nodes of its cluster that answered within two seconds; on all others, and on other processes, when they look the next time.</remarks>
/// <param name="server">The server.</param>
/// <param name="store">The domains.</param>
/// <param name="domains">What is served of them.</param>
public sealed class DomainOperations(ServerContext server, IDomainStore store, DynamicDomains domains) : IAsyncDisposable
{
    // What every column takes that names a domain; DNS takes 253.
    private const int LongestName = 255;

    private readonly DomainRemoval _removal = new(server, store, domains);

    /// <summary>Goes on with removals that were cut off when the server stopped. Once, when it serves.</summary>
    public void Start() => _removal.GoOn(domains.Unfinished.Where(record => DynamicDomains.IsForDomains(server, record.HostType)));

    /// <summary>Adds a domain and serves it.</summary>
    /// <param name="name">Its name; prepared here (CORE-239).</param>
    /// <param name="hostType">One of <c>general.host_types</c>.</param>
    /// <param name="ct">Gives up before anything is done.</param>
    /// <returns><see cref="DomainResult.Ok"/>, <see cref="DomainResult.InvalidName"/>, <see cref="DomainResult.Static"/>, <see cref="DomainResult.UnknownHostType"/> or <see cref="DomainResult.Duplicate"/>.</returns>
    public async Task<DomainResult> AddAsync(string name, string hostType, CancellationToken ct)
    {
        if (Refuse(name, out var domain) is { } refusal)
        {
            return refusal;
        }

        if (!DynamicDomains.IsForDomains(server, hostType))
        {
            return DomainResult.UnknownHostType;
        }

        if (!await store.AddAsync(domain, hostType, ct))
        {
            return DomainResult.Duplicate;
        }

        await SpreadAsync(domain);
        return DomainResult.Ok;
    }

    /// <summary>Removes a domain with all of its data, and waits until they are gone (CORE-241). Of one that is being removed already, it waits for that.</summary>
    /// <returns><see cref="DomainResult.Ok"/>, <see cref="DomainResult.InvalidName"/>, <see cref="DomainResult.Static"/>, <see cref="DomainResult.UnknownHostType"/>, <see cref="DomainResult.NotFound"/> or
    /// <see cref="DomainResult.WrongHostType"/>.</returns>
    /// <exception cref="DomainRemovalException">Some data could not be removed: the domain stays in status <see cref="DomainStatus.Deleting"/>.</exception>
    public async Task<DomainResult> RemoveAsync(string name, string hostType, CancellationToken ct)
    {
        var (result, record) = await MarkAsync(name, hostType, ct);
        if (record is not null)
        {
            await _removal.RunAsync(record).WaitAsync(ct);
        }

        return result;
    }

    /// <summary>As <see cref="RemoveAsync"/>, without waiting: its users are disconnected when it returns, its data go in the background. A removal that fails is logged and not tried again before the next start.</summary>
    public async Task<DomainResult> RequestRemovalAsync(string name, string hostType, CancellationToken ct)
    {
        var (result, record) = await MarkAsync(name, hostType, ct);
        if (record is not null)
        {
            _removal.GoOn([record]);
        }

        return result;
    }

    /// <summary>Serves a domain again. One that is served stays so.</summary>
    /// <returns><see cref="DomainResult.Ok"/>, <see cref="DomainResult.InvalidName"/>, <see cref="DomainResult.Static"/>, <see cref="DomainResult.NotFound"/>, <see cref="DomainResult.UnknownHostType"/> or
    /// <see cref="DomainResult.Deleting"/>.</returns>
    public Task<DomainResult> EnableAsync(string name, CancellationToken ct) => SetStatusAsync(name, DomainStatus.Enabled, ct);

    /// <summary>Serves a domain no more: its users are disconnected, its data stay (CORE-240).</summary>
    /// <returns>As <see cref="EnableAsync"/>.</returns>
    public Task<DomainResult> DisableAsync(string name, CancellationToken ct) => SetStatusAsync(name, DomainStatus.Disabled, ct);

    /// <summary>A domain of the database; null when it is not there.</summary>
    public async Task<DomainRecord?> FindAsync(string name, CancellationToken ct) =>
        BareJid.TryCreate(null, name, out var domain) ? await store.FindAsync(domain.Domain, ct) : null;

    /// <summary>All domains of the database, by name.</summary>
    public Task<IReadOnlyList<DomainRecord>> ListAsync(CancellationToken ct) => store.ListAllAsync(ct);

    /// <summary>Stops after the step at which a removal is; it goes on at the next start.</summary>
    public ValueTask DisposeAsync() => _removal.DisposeAsync();

    private async Task<(DomainResult Result, DomainRecord? Record)> MarkAsync(string name, string hostType, CancellationToken ct)
    {
        if (Refuse(name, out var domain) is { } refusal)
        {
            return (refusal, null);
        }

        if (!DynamicDomains.IsForDomains(server, hostType))
        {
            return (DomainResult.UnknownHostType, null);
        }

        var record = await store.SetStatusAsync(domain, hostType, DomainStatus.Deleting, ct);
        if (record is null || record.HostType != hostType)
        {
            return (record is null ? DomainResult.NotFound : DomainResult.WrongHostType, null);
        }

        await SpreadAsync(domain);
        return (DomainResult.Ok, record);
    }

    private async Task<DomainResult> SetStatusAsync(string name, DomainStatus status, CancellationToken ct)
    {
        if (Refuse(name, out var domain) is { } refusal)
        {
            return refusal;
        }

        var record = await store.FindAsync(domain, ct);
        if (record is not null && !DynamicDomains.IsForDomains(server, record.HostType))
        {
            return DomainResult.UnknownHostType;
        }

        record = record is null ? null : await store.SetStatusAsync(domain, record.HostType, status, ct);
        if (record?.Status != status)
        {
            return record is null ? DomainResult.NotFound : DomainResult.Deleting;
        }

        await SpreadAsync(domain);
        return DomainResult.Ok;
    }

    // It is stored: here and on the other nodes of the cluster it holds when this has returned.
    private async Task SpreadAsync(string domain)
    {
        var told = server.Events.TellAsync(new ClusterEvent(ClusterTopics.Domain, BareJid.Parse(domain))).AsTask();
        await Task.WhenAll(domains.RefreshAsync(CancellationToken.None), told);
    }

    private DomainResult? Refuse(string name, out string domain)
    {
        domain = BareJid.TryCreate(null, name, out var prepared) ? prepared.Domain : "";
        return domain.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(domain) > LongestName ? DomainResult.InvalidName
            : server.General.Hosts.Contains(domain) ? DomainResult.Static
            : null;
    }
}
