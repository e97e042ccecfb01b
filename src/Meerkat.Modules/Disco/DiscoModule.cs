using Meerkat.Core;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Disco;

/// <summary>Service discovery: what domains and accounts are, can do and have.</summary>
/// <remarks>
/// XEP-0030 v2.5.0, DSC-001 to DSC-006. An account tells strangers nothing that is not open to everybody. The features of a domain are those that
/// modules announced and the namespaces of the IQs that they serve there: nobody keeps a list.
/// </remarks>
[Module("mod_disco", Options = typeof(DiscoOptions)), Uses("mod_roster")]
[Xep(30, "2.5.0"), Xep(4, "2.13.2"), Xep(68, "1.3.0"), Xep(128, "1.0.1"), Xep(157, "1.1.1")]
[Announces(Announcer.Server | Announcer.Account, Ns.DiscoInfo, Ns.DiscoItems)]
[Announces(Announcer.Server, "iq", "presence")]
public sealed class DiscoModule : IModule, IDisco
{
    private readonly DiscoOptions _options;
    private readonly HostType _host;
    private readonly IContacts? _contacts;
    private readonly List<IDiscoContributor> _contributors = [];
    private readonly Lazy<DiscoInfo> _server;

    /// <summary>Makes the module for a host type.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="host">The host type, whose features are read when they are asked for.</param>
    /// <param name="contacts">Who may see whom; null without rosters: then accounts tell only themselves.</param>
    public DiscoModule(DiscoOptions options, HostType host, IContacts? contacts)
    {
        _options = options;
        _host = host;
        _contacts = contacts;
        _server = new Lazy<DiscoInfo>(MakeServer);
    }

    /// <inheritdoc/>
    public DiscoInfo Server => _server.Value;

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        DiscoMetrics.Begin();
        on.Feature("iq"); // DSC-001
        on.Feature("presence");
        on.AccountFeature(Ns.DiscoInfo); // XEP-0030 §3.1: whoever answers says so
        on.AccountFeature(Ns.DiscoItems);
        on.Iq(Ns.DiscoInfo, "query", IqTarget.Domain, InfoAsync);
        on.Iq(Ns.DiscoInfo, "query", IqTarget.Account, InfoAsync);
        on.Iq(Ns.DiscoItems, "query", IqTarget.Domain, ItemsAsync);
        on.Iq(Ns.DiscoItems, "query", IqTarget.Account, ItemsAsync);
        on.Offer<IDisco>(this);
    }

    /// <inheritdoc/>
    public void Add(IDiscoContributor contributor) => _contributors.Add(contributor);

    /// <inheritdoc/>
    public DataForm? ContactAddresses(string module)
    {
        var shown = _options.ServerInfo.Where(entry => entry.Modules is null || entry.Modules.Contains(module)).ToArray();
        if (shown is [])
        {
            return null;
        }

        var form = new DataFormBuilder(DataFormType.Result, Ns.ServerInfo);
        foreach (var entry in shown)
        {
            form.Add(entry.Name, DataFieldType.ListMulti, entry.Urls);
        }

        return form.Build();
    }

    private async ValueTask<IqReply> InfoAsync(IqRequest request, CancellationToken ct)
    {
        if (request.Type is IqType.Set)
        {
            return IqReply.Error(StanzaError.NotAllowed());
        }

        var query = await QueryAsync(request, ct);
        var info = query.Node is null ? Own(query) : null;
        foreach (var contributor in _contributors)
        {
            if (await contributor.InfoAsync(query, ct) is { } more)
            {
                info = info?.With(more) ?? more;
            }
        }

        return info is null
            ? IqReply.Error(query.IsSubscribed ? StanzaError.ItemNotFound() : StanzaError.ServiceUnavailable()) // DSC-006
            : IqReply.Result(info.ToXml(query.Node));
    }

    private async ValueTask<IqReply> ItemsAsync(IqRequest request, CancellationToken ct)
    {
        if (request.Type is IqType.Set)
        {
            return IqReply.Error(StanzaError.NotAllowed());
        }

        var query = await QueryAsync(request, ct);
        if (!query.IsServer)
        {
            DiscoMetrics.AskedAccount();
        }

        var items = query.Node is not null ? null
            : query.IsServer ? ServerItems(query.Entity)
            : query.IsSubscribed ? await ResourcesAsync(query.Entity, ct)
            : [];
        foreach (var contributor in _contributors)
        {
            if (await contributor.ItemsAsync(query, ct) is { } more)
            {
                (items ??= []).AddRange(more);
            }
        }

        return items is null
            ? IqReply.Error(query.IsSubscribed ? StanzaError.ItemNotFound() : StanzaError.ServiceUnavailable())
            : IqReply.Result(DiscoItem.ToXml(items, query.Node));
    }

    // An empty node is none, as clients write it.
    private async ValueTask<DiscoQuery> QueryAsync(IqRequest request, CancellationToken ct)
    {
        var node = request.Payload.Attribute("node") is { Length: > 0 } given ? given : null;
        var isSubscribed = request.To.Local is null || request.IsOwn || await KnowsAsync(request.From.Bare, request.Account, ct);
        return new DiscoQuery(request.From, request.Account, node, isSubscribed);
    }

    // DSC-003: the requester's own roster counts, so that an account cannot be probed by adding it: what the roster says of it needs its consent.
    private async ValueTask<bool> KnowsAsync(BareJid requester, BareJid account, CancellationToken ct) =>
        _contacts is not null && ((await _contacts.FindAsync(requester, ct)).Find(account) & SubscriptionState.Both) is not SubscriptionState.None;

    private DiscoInfo? Own(DiscoQuery query) =>
        query.IsServer ? Server
        : query.IsSubscribed ? new DiscoInfo([new DiscoIdentity("account", "registered")], _host.AccountFeatures)
        : null;

    private DiscoInfo MakeServer() => new([new DiscoIdentity("server", "im", Product.Name)], _host.Features)
    {
        Forms = ContactAddresses("mod_disco") is { } form ? [form] : [],
    };

    // DSC-002: the services of this domain, those of the whole host type, and what the configuration adds.
    private List<DiscoItem> ServerItems(BareJid domain)
    {
        var services = (_host.Server.Domains.TryFindAccounts(domain.Domain, out var own) ? _host.Server.Domains.ServicesOf(own) : [])
            .Select(hosted => new DiscoItem(hosted.Jid.ToString(), hosted.Service!.Name, hosted.Service.Node));
        return [.. services.Concat(_options.ExtraDomains.Select(extra => new DiscoItem(extra))).DistinctBy(item => item.Jid).OrderBy(item => item.Jid, StringComparer.Ordinal)];
    }

    private async ValueTask<List<DiscoItem>> ResourcesAsync(BareJid account, CancellationToken ct) =>
        [.. (await _host.Server.Sessions.FindAsync(account, ct)).Select(session => new DiscoItem(session.Jid.ToString(), account.Local))];
}
