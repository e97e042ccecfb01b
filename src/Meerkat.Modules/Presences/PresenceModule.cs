using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Roster;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Presences;

/// <summary>Presence: who is available is told to those who may know, and only to them.</summary>
/// <remarks>
/// RFC 6121 §4; CORE-156 to CORE-171, PRE-001 to PRE-010. Works without a roster: then an account has no subscribers, and directed presence and the account's own
/// resources are what is left. Resumption is silent (CORE-171, as XEP-0198 means it).
/// </remarks>
[Module("mod_presence"), Rfc(6121), Uses("mod_roster")]
public sealed class PresenceModule : IModule
{
    private readonly HostType _host;
    private readonly IContacts? _contacts;
    private readonly PresenceBroadcast _broadcast;

    /// <summary>Makes the module for a host type.</summary>
    /// <param name="host">Its host type.</param>
    /// <param name="contacts">Who may see whom; null without a roster.</param>
    public PresenceModule(HostType host, IContacts? contacts)
    {
        _host = host;
        _contacts = contacts;
        _broadcast = new PresenceBroadcast(host, contacts);
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.SessionState(PresenceState.Key);
        on.Hook(PresenceHooks.Sent, PresenceSentSlot.Presence, SentAsync);
        on.Hook(PresenceHooks.Received, PresenceReceivedSlot.Presence, ReceivedAsync);
        on.Hook(SessionHooks.Closed, SessionSlot.Presence, ClosedAsync);
        on.Hook(RosterHooks.Changed, RosterSlot.Presence, RosterChangedAsync);
        on.Hear(ClusterTopics.PresenceNote, NoteAsync);
        on.Offer<IPresenceBroadcast>(_broadcast);
    }

    private async ValueTask<HookResult> SentAsync(PresenceSentContext context, CancellationToken ct)
    {
        var session = context.Session;
        var presence = context.Presence;
        if (presence.To is { } to && !to.Bare.Equals(session.Jid.Bare))
        {
            await (presence.IsSubscription ? SubscribeAsync(presence, ct) : DirectAsync(session, presence, to, ct));
            return HookResult.Continue;
        }

        // CORE-157: to nobody, or to the own account.
        switch (presence.Type)
        {
            case PresenceType.Available:
                await BecomeAvailableAsync(session, presence, ct);
                break;
            case PresenceType.Unavailable:
                await BecomeUnavailableAsync(session, presence, ct);
                break;
        }

        return HookResult.Continue;
    }

    private async ValueTask BecomeAvailableAsync(Session session, Presence presence, CancellationToken ct)
    {
        var state = StateOf(session);
        var before = session.Presence;
        var table = await _broadcast.ContactsAsync(session.Jid.Bare, ct);
        state.Broadcast(_host.Server.Time.GetUtcNow(), isFirst: before is null);
        session.SetAvailable(presence);

        // Before it looks for what waited: from here on no node of a cluster keeps a message for later.
        await _host.Server.Sessions.PublishAsync(session, ct);

        // CORE-202: what waited comes before anybody learns that the session is there.
        if (before is null || (before.Priority < 0 && presence.Priority >= 0))
        {
            await _host.Hooks.RunAsync(SessionHooks.Available, new SessionAvailable(session, presence, before is not null), ct);
        }

        if (before is null)
        {
            await _broadcast.IntroduceAsync(session, state, presence, table, ct);
        }
        else
        {
            await _broadcast.ShowOwnAsync(session, presence, ct);
            await _broadcast.UpdateAsync(session, state, presence, table, ct);
        }

        if (table.HasRequests)
        {
            await DeliverRequestsAsync(session, ct);
        }

        if (session.HasEnded)
        {
            // It ended meanwhile (an administrator, a limit, a replacement); some may have heard of its end before they heard of it.
            await _broadcast.LeaveAsync(session, Unavailable(session, null), wasAvailable: true, ct);
        }
    }

    private async ValueTask BecomeUnavailableAsync(Session session, Presence presence, CancellationToken ct)
    {
        var wasAvailable = session.Presence is not null;
        session.SetUnavailable();
        await _host.Server.Sessions.PublishAsync(session, ct);
        if (wasAvailable)
        {
            await _host.Hooks.RunAsync(SessionHooks.Unavailable, new SessionUnavailable(session, presence), ct);
        }

        await _broadcast.LeaveAsync(session, presence, wasAvailable, ct);
    }

    // CORE-163
    private async ValueTask DirectAsync(Session session, Presence presence, Jid to, CancellationToken ct)
    {
        switch (presence.Type)
        {
            case PresenceType.Available when !StateOf(session).TryDirect(to):
                session.Reply(StanzaReplies.ErrorFor(presence, StanzaError.ResourceConstraint("too many recipients of directed presence"))!);
                return;
            case PresenceType.Unavailable:
                var table = await _broadcast.ContactsAsync(session.Jid.Bare, ct);
                if (StateOf(session).Withhold(to, (table.Find(to) & SubscriptionState.From) != 0))
                {
                    await _host.Server.Sessions.PublishAsync(session, ct); // whose presence undoes it may come to any node
                }

                break;
            default:
                session.TellChanged(); // who has to hear of its end, should its node end
                break;
        }

        await _host.Server.Router.RouteAsync(presence, session, ct);
    }

    // CORE-164. Without a roster nobody can be subscribed to anybody; the contact is told nevertheless.
    private ValueTask SubscribeAsync(Presence presence, CancellationToken ct) =>
        _contacts?.SendSubscriptionAsync(presence, ct) ?? _host.Server.Router.RouteAsync(presence.Readdress(presence.From!.Bare, presence.To!.Bare), ct);

    // RFC 6121 §3.1.3: a request is delivered again until it is answered.
    private async ValueTask DeliverRequestsAsync(Session session, CancellationToken ct)
    {
        foreach (var item in await _contacts!.ListAsync(session.Jid.Bare, ct))
        {
            if ((item.State & SubscriptionState.PendingIn) != 0)
            {
                XmlElement[] status = item.Request.Length > 0 ? [new XmlBuilder("status", Ns.Client).Text(item.Request).Build()] : [];
                session.Deliver(Presence.Create(PresenceType.Subscribe, item.Contact.Bare, session.Jid.Bare, status));
            }
        }
    }

    private ValueTask<HookResult> ReceivedAsync(PresenceReceivedContext context, CancellationToken ct) => context.Presence.Type switch
    {
        PresenceType.Probe => AnswerAsync(context, ct),
        PresenceType.Available or PresenceType.Unavailable or PresenceType.Error => NoteAsync(context.Presence, ct),
        _ => new(_contacts is null ? HookResult.Stop : HookResult.Continue), // a subscription: with a roster only what changed something comes here
    };

    private async ValueTask<HookResult> AnswerAsync(PresenceReceivedContext context, CancellationToken ct)
    {
        var presence = context.Presence;
        var sessions = await _host.Server.Sessions.FindAsync(context.Account, ct);
        if (sessions.Count > 0 && presence.From is { } prober)
        {
            await _broadcast.AnswerAsync(sessions, presence.To!, prober, ct);
        }

        return HookResult.Stop; // never shown to a client (CORE-166)
    }

    // CORE-167: what a session's exceptions are is in the hands of the others, too.
    private async ValueTask<HookResult> NoteAsync(Presence presence, CancellationToken ct)
    {
        var from = presence.From!;
        foreach (var session in await _host.Server.Sessions.FindAsync(presence.To!.Bare, ct))
        {
            if (session.Get(PresenceState.Key) is not { } state || (presence.To is FullJid full && !session.Jid.Equals(full)))
            {
                continue;
            }

            if (session is Session here)
            {
                await NoteAsync(here, state, from, presence.Type, ct);
            }
            else if (session is RemoteSession there && PresenceNote.Matters(state, from, presence.Type))
            {
                _host.Server.Events.Post(there.Node, new PresenceNote(there.Order, from, presence.Type).ToEvent(there.Jid.Bare));
            }
        }

        return HookResult.Continue;
    }

    private async ValueTask NoteAsync(Session session, PresenceState state, Jid from, PresenceType type, CancellationToken ct)
    {
        var isNew = type switch
        {
            PresenceType.Available => state.Came(from),
            PresenceType.Unavailable => state.Left(from),
            _ => state.Withhold(from, ((await _broadcast.ContactsAsync(session.Jid.Bare, ct)).Find(from) & SubscriptionState.From) != 0),
        };
        if (isNew)
        {
            session.TellChanged();
        }
    }

    // The presence came to another node, which knows that this one's session has an exception to it.
    private async ValueTask NoteAsync(ClusterEvent what)
    {
        if (PresenceNote.Of(what) is not { } note)
        {
            return;
        }

        foreach (var session in await _host.Server.Sessions.FindAsync(what.About, CancellationToken.None))
        {
            if (session is Session here && here.Order == note.Session && here.Get(PresenceState.Key) is { } state)
            {
                await NoteAsync(here, state, note.From, note.Type, CancellationToken.None);
            }
        }
    }

    private async ValueTask<HookResult> ClosedAsync(SessionClosed closed, CancellationToken ct)
    {
        var session = closed.Session;
        await _broadcast.LeaveAsync(session, Unavailable(session, closed.End.Status), session.Presence is not null, ct);
        return HookResult.Continue;
    }

    // CORE-193
    private async ValueTask<HookResult> RosterChangedAsync(RosterChange change, CancellationToken ct)
    {
        var before = change.StateBefore & SubscriptionState.From;
        var after = change.StateAfter & SubscriptionState.From;
        if (before != after)
        {
            await (after is SubscriptionState.None
                ? _broadcast.SendUnavailableAsync(change.Owner, change.Contact, ct)
                : _broadcast.ShowAsync(change.Owner, change.Contact, ct));
        }

        return HookResult.Continue;
    }

    private static Presence Unavailable(Session session, string? status) => status is null
        ? Presence.Create(PresenceType.Unavailable, session.Jid, null)
        : Presence.Create(PresenceType.Unavailable, session.Jid, null, new XmlBuilder("status", Ns.Client).Text(status).Build());

    private static PresenceState StateOf(Session session) => session.Get(PresenceState.Key) ?? session.GetOrMake(PresenceState.Key, static () => new PresenceState());
}
