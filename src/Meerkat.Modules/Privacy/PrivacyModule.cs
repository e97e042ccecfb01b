using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Core.Streams;
using Meerkat.Modules.Presences;
using Meerkat.Modules.Roster;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Privacy;

/// <summary>Privacy lists: an account decides who may reach it, and whom it may reach, kind of stanza by kind of stanza.</summary>
/// <remarks>XEP-0016 v1.7, XEP-0126 v1.1, PRV-001 to PRV-010. Here are the requests of clients; <see cref="PrivacyFilter"/> goes by the lists.</remarks>
[Module("mod_privacy", Options = typeof(PrivacyOptions)), Needs("mod_presence"), Uses("mod_roster"), Xep(16, "1.7"), Xep(126, "1.1")]
[Announces(Announcer.Server, Ns.Privacy)]
public sealed class PrivacyModule : IModule
{
    /// <summary>How many lists an account may keep.</summary>
    public const int MaxLists = 64;

    private readonly IPrivacyStore _store;
    private readonly HostType _host;
    private readonly PrivacyAccounts _accounts;
    private readonly PrivacyFilter _filter;

    /// <summary>Makes the module for a host type.</summary>
    /// <param name="store">Keeps the lists.</param>
    /// <param name="host">Its host type.</param>
    /// <param name="contacts">What items about groups and subscriptions ask; null without a roster, where they fit as if nobody were in it.</param>
    /// <param name="broadcast">Tells contacts what they may see.</param>
    /// <param name="log">Log.</param>
    public PrivacyModule(IPrivacyStore store, HostType host, IContacts? contacts, IPresenceBroadcast broadcast, ILogger log)
    {
        _store = store;
        _host = host;
        _accounts = new PrivacyAccounts(store, host, contacts, broadcast);
        _filter = new PrivacyFilter(_accounts, host, log);
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        PrivacyMetrics.Begin();
        on.Feature(Ns.Privacy);
        on.SessionState(PrivacyState.Key);
        on.Iq(Ns.Privacy, "query", IqTarget.OwnAccount, HandleAsync);
        on.Hook(SessionHooks.Opening, SessionOpeningSlot.Privacy, async (opening, ct) => await EnterAsync(opening.Jid.Bare, ct));
        on.Hook(SessionHooks.Opened, SessionSlot.Privacy, async (session, ct) => await EnterAsync(session.Jid.Bare, ct));
        on.Hook(SessionHooks.Closed, SessionSlot.PrivacyEnd, async (closed, _) => await LeaveAsync(closed.Session.Jid.Bare));
        on.Hook(RosterHooks.Changed, RosterSlot.Privacy, async (change, ct) => await RefreshAsync(change.Owner, ct));
        _filter.Register(on);
        on.Hear(ClusterTopics.Privacy, what => _accounts.ReadAgainAsync(what.About));
        on.Hear(ClusterTopics.Roster, what => _accounts.RefreshAsync(what.About, CancellationToken.None));
        on.Hear(ClusterTopics.AccountRemoved, what => _accounts.ReadAgainAsync(what.About));
        on.OwnsData(_store);
        on.Portable(new PrivacyPortable(_store));
        on.Offer<IPrivacyLists>(_accounts);
    }

    private async ValueTask<HookResult> EnterAsync(BareJid account, CancellationToken ct)
    {
        await _accounts.EnterAsync(account, ct);
        return HookResult.Continue;
    }

    private async ValueTask<HookResult> LeaveAsync(BareJid account)
    {
        await _accounts.LeaveAsync(account, CancellationToken.None);
        return HookResult.Continue;
    }

    private async ValueTask<HookResult> RefreshAsync(BareJid account, CancellationToken ct)
    {
        await _accounts.RefreshAsync(account, ct);
        return HookResult.Continue;
    }

    private ValueTask<IqReply> HandleAsync(IqRequest request, CancellationToken ct)
    {
        // PRV-001: for the session itself; an address makes it a request to somebody else.
        if (request.Origin is not { } session || request.Iq.Element.Attribute("to") is not null)
        {
            return new(IqReply.Error(StanzaError.ServiceUnavailable()));
        }

        var children = request.Payload.Children.ToArray();
        return request.Type is IqType.Get
            ? children switch
            {
                [] => NamesAsync(session, ct),
                [var list] when list.Is("list", Ns.Privacy) => ListAsync(session, list.Attribute("name"), ct),
                _ => BadRequest(),
            }
            : children switch
            {
                [var active] when active.Is("active", Ns.Privacy) => ActivateAsync(session, active.Attribute("name"), ct),
                [var chosen] when chosen.Is("default", Ns.Privacy) => ChooseAsync(session, chosen.Attribute("name"), ct),
                [var list] when list.Is("list", Ns.Privacy) => WriteAsync(session, list, ct),
                _ => BadRequest(),
            };
    }

    // PRV-002
    private async ValueTask<IqReply> NamesAsync(Session session, CancellationToken ct)
    {
        PrivacyMetrics.Asked("get");
        var lists = await _accounts.FindAsync(session.Jid.Bare, ct);
        var answer = new XmlBuilder("query", Ns.Privacy);
        if (session.Get(PrivacyState.Key) is { } state && lists.Find(state.Active) is not null)
        {
            answer.Start("active").Attribute("name", state.Active).End();
        }

        if (lists.Default is { } chosen)
        {
            answer.Start("default").Attribute("name", chosen).End();
        }

        foreach (var list in lists.Lists)
        {
            answer.Start("list").Attribute("name", list.Name).End();
        }

        return IqReply.Result(answer.Build());
    }

    private async ValueTask<IqReply> ListAsync(Session session, string? name, CancellationToken ct)
    {
        PrivacyMetrics.Asked("get");
        if (name is null)
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        return (await _accounts.FindAsync(session.Jid.Bare, ct)).Find(name) is { } list
            ? IqReply.Result(new XmlBuilder("query", Ns.Privacy).Add(PrivacyXml.Write(list)).Build())
            : IqReply.Error(StanzaError.ItemNotFound());
    }

    // PRV-004. It applies before the result is sent (XEP-0016 §2.4).
    private async ValueTask<IqReply> ActivateAsync(Session session, string? name, CancellationToken ct)
    {
        PrivacyMetrics.Asked("active");
        return await _accounts.TryActivateAsync(session, name, ct) ? IqReply.Result() : IqReply.Error(StanzaError.ItemNotFound());
    }

    private async ValueTask<IqReply> ChooseAsync(Session session, string? name, CancellationToken ct)
    {
        PrivacyMetrics.Asked("default");
        StanzaError? error = null;
        await _accounts.ChangeAsync(
            session.Jid.Bare,
            async lists =>
            {
                if (name is not null && lists.Find(name) is null)
                {
                    error = StanzaError.ItemNotFound();
                    return false;
                }

                await _store.SetDefaultAsync(session.Jid.Bare, name, CancellationToken.None);
                return true;
            },
            ct);
        return error is null ? IqReply.Result() : IqReply.Error(error);
    }

    // PRV-003, PRV-004: a list without items is removed.
    private async ValueTask<IqReply> WriteAsync(Session session, XmlElement element, CancellationToken ct)
    {
        PrivacyMetrics.Asked("set");
        var account = session.Jid.Bare;
        if (!PrivacyXml.TryRead(element, out var list))
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        var sessions = await _host.Server.Sessions.FindAsync(account, ct);
        StanzaError? error = null;
        await _accounts.ChangeAsync(
            account,
            async lists =>
            {
                error = list.Items.Count > 0 ? MayAdd(lists, list.Name) : MayRemove(lists, list.Name, sessions, session);
                if (error is null)
                {
                    await (list.Items.Count > 0 ? _store.SetAsync(account, list, false, CancellationToken.None) : _store.RemoveAsync(account, list.Name, CancellationToken.None));
                }

                return error is null;
            },
            ct);
        return error is null ? IqReply.Result() with { Afterwards = () => PushAsync(account, list.Name) } : IqReply.Error(error);
    }

    private static StanzaError? MayAdd(PrivacyLists lists, string name) =>
        lists.Find(name) is null && lists.Lists.Count >= MaxLists ? StanzaError.ResourceConstraint("There are too many privacy lists.") : null;

    private static StanzaError? MayRemove(PrivacyLists lists, string name, IReadOnlyList<IBoundSession> sessions, Session asking)
    {
        if (lists.Find(name) is null)
        {
            return StanzaError.ItemNotFound();
        }

        // XEP-0016 §2.8: not while another resource goes by it.
        return lists.Default == name || sessions.Any(session => session != asking && session.Get(PrivacyState.Key)?.Active == name) ? StanzaError.Conflict() : null;
    }

    // PRV-005
    private async ValueTask PushAsync(BareJid account, string name)
    {
        var query = new XmlBuilder("query", Ns.Privacy).Start("list").Attribute("name", name).End().Build();
        foreach (var session in await _host.Server.Sessions.FindAsync(account, CancellationToken.None))
        {
            if (session.Presence is not null)
            {
                PrivacyMetrics.Pushed();
                session.Deliver(Iq.Create(IqType.Set, account, session.Jid, $"push{RandomId.Create()}", query));
            }
        }
    }

    private static ValueTask<IqReply> BadRequest() => new(IqReply.Error(StanzaError.BadRequest()));
}
