using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Presences;

/// <summary>Sends the presence of a session to those who may see it.</summary>
/// <remarks>
/// The payload is shared: a contact costs a look into the session directory and, if it is there, one header. A contact of this server that has no session costs nothing
/// more, and its probe never becomes a stanza: the directory has the answer.
/// </remarks>
internal sealed class PresenceBroadcast(HostType host, IContacts? contacts) : IPresenceBroadcast
{
    private static readonly Presence s_probe = Presence.Create(PresenceType.Probe, null, null);
    private static readonly Presence s_available = Presence.Create(PresenceType.Available, null, null);
    private static readonly Presence s_unavailable = Presence.Create(PresenceType.Unavailable, null, null);

    private ServerContext Server => host.Server;

    /// <summary>The contacts of an account; none without a roster (PRE-010).</summary>
    public ValueTask<ContactTable> ContactsAsync(BareJid account, CancellationToken ct) => contacts?.FindAsync(account, ct) ?? new(ContactTable.Empty);

    /// <summary>First presence of a session: it learns who is there, and its subscribers learn of it (CORE-159).</summary>
    public async ValueTask IntroduceAsync(Session session, PresenceState state, Presence presence, ContactTable table, CancellationToken ct)
    {
        await ShowOthersAsync(session, ct);
        await ShowOwnAsync(session, presence, ct);
        var own = session.Jid.Bare;
        for (var i = 0; i < table.Count; i++)
        {
            var subscription = table.StateAt(i) & SubscriptionState.Both;
            if (subscription is SubscriptionState.None)
            {
                continue;
            }

            var contact = table[i];
            if (contact.Bare.Equals(own))
            {
                continue;
            }

            var isHere = Server.Domains.TryFindAccounts(contact.Domain, out var domain);
            var there = isHere ? await Server.Sessions.FindAsync(contact.Bare, ct) : [];
            if (isHere && there.Count == 0)
            {
                continue;
            }

            if ((subscription & SubscriptionState.To) != 0)
            {
                // Another host type keeps its rosters for itself: it is asked.
                await (isHere && domain!.Host == host ? AnswerAsync(there, contact, session.Jid, ct) : SendAsync(session, s_probe, contact, ct));
            }

            if ((subscription & SubscriptionState.From) != 0 && !state.IsWithheld(contact))
            {
                await SendAsync(session, presence, contact, ct);
            }
        }
    }

    /// <summary>A later presence, or the last one, of a session to all subscribers that may know of it (CORE-161, CORE-162).</summary>
    public async ValueTask UpdateAsync(Session session, PresenceState? state, Presence presence, ContactTable table, CancellationToken ct)
    {
        var own = session.Jid.Bare;
        for (var i = 0; i < table.Count; i++)
        {
            if ((table.StateAt(i) & SubscriptionState.From) == 0)
            {
                continue;
            }

            var contact = table[i];
            if (contact.Bare.Equals(own) || state?.IsWithheld(contact) is true)
            {
                continue;
            }

            if (!Server.Domains.TryFindAccounts(contact.Domain, out _) || (await Server.Sessions.FindAsync(contact.Bare, ct)).Count > 0)
            {
                await SendAsync(session, presence, contact, ct);
            }
        }
    }

    /// <summary>A session is no longer available: subscribers, those it sent directed presence and the account's other sessions are told.</summary>
    /// <param name="session">The session.</param>
    /// <param name="unavailable">The stanza.</param>
    /// <param name="wasAvailable">Whether it had broadcast its presence; else only directed presence is taken back.</param>
    /// <param name="ct">Cancels waits.</param>
    public async ValueTask LeaveAsync(Session session, Presence unavailable, bool wasAvailable, CancellationToken ct)
    {
        var state = session.Get(PresenceState.Key);
        var table = ContactTable.Empty;
        if (wasAvailable)
        {
            table = await ContactsAsync(session.Jid.Bare, ct);
            await UpdateAsync(session, state, unavailable, table, ct);
            await ShowOwnAsync(session, unavailable, ct);
        }

        foreach (var entity in state?.TakeDirected() ?? [])
        {
            if ((table.For(entity) & SubscriptionState.From) == 0 || state!.IsWithheld(entity.Bare))
            {
                await SendAsync(session, unavailable, entity, ct);
            }
        }
    }

    /// <summary>Somebody may see an account from now on: it is shown those sessions whose list does not deny it (CORE-193).</summary>
    public async ValueTask ShowAsync(BareJid account, Jid to, CancellationToken ct)
    {
        foreach (var session in await Server.Sessions.FindAsync(account, ct))
        {
            if (session.Presence is { } current)
            {
                await SendAsync(session, current, to, ct);
            }
        }
    }

    /// <summary>The account's sessions see a presence of one of them, itself included (CORE-160); not one that has taken its place (CORE-124).</summary>
    public async ValueTask ShowOwnAsync(Session session, Presence presence, CancellationToken ct)
    {
        var own = presence.Readdress(session.Jid, session.Jid.Bare);
        foreach (var other in await Server.Sessions.FindAsync(session.Jid.Bare, ct))
        {
            if (other.Presence is not null && (other == session || !other.Jid.Equals(session.Jid)))
            {
                other.Deliver(own);
            }
        }
    }

    /// <summary>Answers a probe to an account or to one of its sessions (CORE-166, PRE-007).</summary>
    /// <param name="sessions">The account's sessions.</param>
    /// <param name="probed">The address that was probed: with a resource only that session answers.</param>
    /// <param name="prober">Who wants to know.</param>
    /// <param name="ct">Cancels waits.</param>
    public async ValueTask AnswerAsync(IReadOnlyList<IBoundSession> sessions, Jid probed, Jid prober, CancellationToken ct)
    {
        var account = probed.Bare;
        var mayKnow = prober.Bare.Equals(account) || ((await ContactsAsync(account, ct)).For(prober) & SubscriptionState.From) != 0;
        foreach (var session in sessions)
        {
            if (session.Jid.Equals(prober) || (probed is FullJid && !session.Jid.Equals(probed)))
            {
                continue;
            }

            var state = session.Get(PresenceState.Key);
            if (mayKnow)
            {
                if (session.Presence is { } current && state?.IsWithheld(prober.Bare) is not true)
                {
                    await SendAsync(session, state?.Delayed(current) ?? current, prober, ct);
                }
            }
            else if (state?.IsDirected(prober) is true)
            {
                await SendAsync(session, s_available, prober, ct);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendAvailableAsync(BareJid account, Jid to, CancellationToken ct)
    {
        foreach (var session in await Server.Sessions.FindAsync(account, ct))
        {
            await SendAvailableAsync(session, to, ct);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendUnavailableAsync(BareJid account, Jid to, CancellationToken ct)
    {
        foreach (var session in await Server.Sessions.FindAsync(account, ct))
        {
            await SendUnavailableAsync(session, to, ct);
        }
    }

    /// <inheritdoc/>
    public ValueTask SendAvailableAsync(IBoundSession session, Jid to, CancellationToken ct) =>
        session.Presence is { } current ? Server.Router.RouteAsync(current.Readdress(session.Jid, to), ct) : ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask SendUnavailableAsync(IBoundSession session, Jid to, CancellationToken ct) =>
        session.Presence is not null ? Server.Router.RouteAsync(s_unavailable.Readdress(session.Jid, to), ct) : ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Jid>> FindSubscribersAsync(BareJid account, CancellationToken ct)
    {
        var table = await ContactsAsync(account, ct);
        var subscribers = new List<Jid>();
        for (var i = 0; i < table.Count; i++)
        {
            if ((table.StateAt(i) & SubscriptionState.From) != 0)
            {
                subscribers.Add(table[i]);
            }
        }

        return subscribers;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Jid>> FindAudienceAsync(IBoundSession session, CancellationToken ct)
    {
        var state = session.Get(PresenceState.Key);
        var audience = new List<Jid>();
        if (session.Presence is not null)
        {
            audience.AddRange((await FindSubscribersAsync(session.Jid.Bare, ct)).Where(subscriber => state?.IsWithheld(subscriber) is not true));
        }

        audience.AddRange(state?.Directed ?? []);
        return audience;
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<Jid> DirectedBy(IBoundSession session) => session.Get(PresenceState.Key)?.Directed ?? [];

    // A presence of a session to one entity, if the account's list lets it out. The question is made only where somebody answers it. A room has to know whose it is: what a session says
    // when it ends does not concern the one that has taken its address (CORE-124).
    private ValueTask SendAsync(IBoundSession session, Presence presence, Jid to, CancellationToken ct)
    {
        var copy = presence.Readdress(session.Jid, to);
        return host.Hooks.IsEmpty(PrivacyHooks.Check) ? Server.Router.RouteAsync(copy, session as Session, ct) : AskAndSendAsync(session, copy, ct);
    }

    private async ValueTask AskAndSendAsync(IBoundSession session, Presence copy, CancellationToken ct)
    {
        var question = new PrivacyQuestion(host, session.Jid.Bare, session as Session, copy, Incoming: false);
        if (await host.Hooks.RunAsync(PrivacyHooks.Check, question, ct) is HookResult.Continue)
        {
            await Server.Router.RouteAsync(copy, session as Session, ct);
        }
    }

    private async ValueTask ShowOthersAsync(Session session, CancellationToken ct)
    {
        foreach (var other in await Server.Sessions.FindAsync(session.Jid.Bare, ct))
        {
            if (other != session && !other.Jid.Equals(session.Jid) && other.Presence is { } current)
            {
                session.Deliver((other.Get(PresenceState.Key)?.Delayed(current) ?? current).Readdress(other.Jid, session.Jid));
            }
        }
    }
}
