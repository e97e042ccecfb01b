using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Roster;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.LastActivity;

/// <summary>Last Activity: how long the server has been up, how long an account has been away, and who may ask that.</summary>
/// <remarks>XEP-0012 v2.0, LST-001 to LST-006.</remarks>
[Module("mod_last", Options = typeof(LastActivityOptions)), Uses("mod_roster"), Xep(12, "2.0")]
[Announces(Announcer.Server | Announcer.Account, Ns.Last)]
public sealed class LastActivityModule(ILastActivityStore store, IContacts? contacts, HostType host, ILogger log) : IModule
{
    // What was stored when the client said that it is unavailable, and that the end of its session does not overwrite.
    private static readonly SessionStateKey<Left> s_left = new("last", _ => new XmlBuilder("left", "meerkat:last").Build(), _ => Left.Instance);

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Feature(Ns.Last);
        on.AccountFeature(Ns.Last);
        on.Iq(Ns.Last, "query", IqTarget.Domain, (request, _) => new(Uptime(request)));
        on.Iq(Ns.Last, "query", IqTarget.Account, AnswerAsync);
        on.Hook(IqHooks.ToSession, IqToSessionSlot.LastActivity, CheckAsync);
        on.Hook(SessionHooks.Available, SessionSlot.LastActivity, Arrived);
        on.Hook(SessionHooks.Unavailable, SessionSlot.LastActivity, LeftAsync);
        on.Hook(SessionHooks.Closed, SessionSlot.LastActivity, ClosedAsync);
        var sweep = new ActivitySweep(store, host, log, session => session.Get(s_left) is null);
        on.Hook(SessionHooks.Opened, SessionSlot.LastActivity, (_, _) =>
        {
            sweep.Arm();
            return new(HookResult.Continue);
        });
        on.SessionState(s_left);
        on.OwnsData(store);
        on.Operations(new LastActivityOperations(store, host.Server));
    }

    // LST-001
    private IqReply Uptime(IqRequest request) => request.Type is IqType.Set
        ? IqReply.Error(StanzaError.NotAllowed())
        : IqReply.Result(Answer(host.Server.Time.GetUtcNow() - host.Server.Started, null));

    private async ValueTask<IqReply> AnswerAsync(IqRequest request, CancellationToken ct)
    {
        if (request.Type is IqType.Set)
        {
            return IqReply.Error(StanzaError.NotAllowed());
        }

        if (!await MayAskAsync(request.From, request.Account, ct) || !await PassesPrivacyAsync(request, ct))
        {
            return IqReply.Error(StanzaError.Forbidden());
        }

        // LST-003
        if ((await host.Server.Sessions.FindAsync(request.Account, ct)).Count > 0)
        {
            return IqReply.Result(Answer(TimeSpan.Zero, null));
        }

        return await store.FindAsync(request.Account, ct) is { } seen
            ? IqReply.Result(Answer(host.Server.Time.GetUtcNow() - seen.Moment, seen.Status))
            : IqReply.Error(StanzaError.ServiceUnavailable());
    }

    // LST-005: the client answers, but only those who may know.
    private async ValueTask<HookResult> CheckAsync(IqToSession context, CancellationToken ct)
    {
        if (context.Iq.Payload is not { } payload || !payload.IsIn(Ns.Last) || await MayAskAsync(context.Iq.From!, context.To.Bare, ct))
        {
            return HookResult.Continue;
        }

        context.Refusal = StanzaError.Forbidden();
        return HookResult.Stop;
    }

    // LST-002: who sees the account's presence. Without a roster that is the account alone.
    private async ValueTask<bool> MayAskAsync(Jid from, BareJid account, CancellationToken ct) =>
        from.Bare.Equals(account) || (contacts is not null && ((await contacts.FindAsync(account, ct)).For(from) & SubscriptionState.From) != 0);

    // LST-002: who is kept from seeing the account's stanzas does not learn of it this way either.
    private async ValueTask<bool> PassesPrivacyAsync(IqRequest request, CancellationToken ct)
    {
        if (request.IsOwn)
        {
            return true;
        }

        var answer = Iq.Result(request.Iq, null);
        var question = new PrivacyQuestion(host, request.Account, null, answer, Incoming: false);
        return await host.Hooks.RunAsync(PrivacyHooks.Check, question, ct) is HookResult.Continue;
    }

    private static ValueTask<HookResult> Arrived(SessionAvailable available, CancellationToken ct)
    {
        available.Session.Set(s_left, null);
        return new(HookResult.Continue);
    }

    private async ValueTask<HookResult> LeftAsync(SessionUnavailable unavailable, CancellationToken ct)
    {
        unavailable.Session.Set(s_left, Left.Instance);
        await RememberAsync(unavailable.Session, unavailable.Presence.Status);
        return HookResult.Continue;
    }

    private async ValueTask<HookResult> ClosedAsync(SessionClosed closed, CancellationToken ct)
    {
        if (closed.Session.Get(s_left) is null)
        {
            await RememberAsync(closed.Session, closed.End.Status);
        }

        return HookResult.Continue;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "That this could not be noted must not keep the end of a session from its other work, such as saving its messages.")]
    private async ValueTask RememberAsync(Session session, string? status)
    {
        try
        {
            await store.SetAsync(session.Jid.Bare, new LastSeen(host.Server.Time.GetUtcNow(), status ?? ""), CancellationToken.None);
        }
        catch (Exception failure)
        {
            LastActivityLog.NotStored(log, failure, session.Jid.Bare);
        }
    }

    private static XmlElement Answer(TimeSpan since, string? status) =>
        new XmlBuilder("query", Ns.Last)
            .Attribute("seconds", Math.Max(0, (long)since.TotalSeconds).ToString(CultureInfo.InvariantCulture))
            .Text(status)
            .Build();

    private sealed record Left
    {
        public static readonly Left Instance = new();
    }
}
