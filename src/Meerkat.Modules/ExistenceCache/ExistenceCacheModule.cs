using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.ExistenceCache;

/// <summary>Remembers which accounts exist, so that a message to somebody who is away does not ask the store each time.</summary>
/// <remarks>AUTH-155, CUS-001. Only that an account exists is remembered, never that it does not. Each node has its own; who removes an account tells all.</remarks>
[Module("mod_cache_users", Options = typeof(ExistenceCacheOptions))]
public sealed class ExistenceCacheModule : IModule, IAccountData
{
    private readonly HostType _host;
    private readonly SegmentedCache _cache;

    /// <summary>Makes the module.</summary>
    public ExistenceCacheModule(ExistenceCacheOptions options, HostType host, TimeProvider time)
    {
        _host = host;
        _cache = new SegmentedCache(options, time, new ExistenceCacheMetrics(host.Name));
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        _host.Auth.ExistenceCache = _cache;
        on.OwnsData(this);
        on.Hear(ClusterTopics.AccountRemoved, what => RemoveAccountAsync(what.About, CancellationToken.None));
        on.Hook(AccountHooks.Removing, AccountSlot.Cache, (removing, _) =>
        {
            _cache.Remove(removing.Account);
            return new(HookResult.Continue);
        });
        on.Hook(DomainHooks.Closed, DomainSlot.Cache, (closed, _) =>
        {
            _cache.Remove(account => account.Domain == closed.Domain.Domain);
            return new(HookResult.Continue);
        });
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        _cache.Remove(account);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        _cache.Remove(account => account.Domain == domain);
        return ValueTask.CompletedTask;
    }

    /// <summary>None: that an account exists is for the account store to tell.</summary>
    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => AsyncEnumerable.Empty<PersonalDataSection>();
}
