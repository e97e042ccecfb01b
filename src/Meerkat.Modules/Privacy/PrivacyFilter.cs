using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Privacy;

/// <summary>Where stanzas meet privacy lists: leaving a session, reaching an account, reaching a session, and where other modules ask (PRV-006 to PRV-009).</summary>
internal sealed class PrivacyFilter(PrivacyAccounts accounts, HostType host, ILogger log)
{
    public void Register(IModuleRegistry on)
    {
        on.Hook(MessageHooks.Sent, MessageSlot.Privacy, SentAsync);
        on.Hook(MessageHooks.Received, ReceivedSlot.Privacy, ReceivedAsync);
        on.Hook(PresenceHooks.Sent, PresenceSentSlot.Privacy, PresenceSentAsync);
        on.Hook(PresenceHooks.Received, PresenceReceivedSlot.Privacy, PresenceReceivedAsync);
        on.Hook(IqHooks.ToAccount, IqToAccountSlot.Privacy, AskedAsync);
        on.Hook(PrivacyHooks.Check, PrivacySlot.Lists, CheckAsync);
        on.FilterDelivery(DeliverySlot.Privacy, Passes);
    }

    /// <summary>What a blocked or denied sender is told (PRV-008, CORE-333).</summary>
    public static StanzaError Refusal(PrivacyAction action) =>
        StanzaError.NotAcceptableCancel() with { Application = action is PrivacyAction.Block ? new XmlBuilder("blocked", Ns.BlockingErrors).Build() : null };

    private ValueTask<HookResult> SentAsync(MessageContext context, CancellationToken ct)
    {
        if (context.Origin is not { } session)
        {
            return SentWithoutSessionAsync(context, ct);
        }

        if (accounts.FindLoaded(context.Account) is not { } privacy)
        {
            return new(HookResult.Continue);
        }

        return new(Refuses(privacy, session, context.Message) ? HookResult.Stop : HookResult.Continue);
    }

    // What an administrator sends in an account's name goes by its default list; nobody is there to be told of a refusal.
    private async ValueTask<HookResult> SentWithoutSessionAsync(MessageContext context, CancellationToken ct) =>
        await accounts.FindPrivacyAsync(context.Account, ct) is { } privacy && privacy.Decide(null, context.Message, incoming: false) is not PrivacyAction.Allow
            ? HookResult.Stop
            : HookResult.Continue;

    // Broadcasts are asked about contact by contact, by the module that sends them.
    private ValueTask<HookResult> PresenceSentAsync(PresenceSentContext context, CancellationToken ct) =>
        new(context.Presence.To is not null && accounts.FindLoaded(context.Session.Jid.Bare) is { } privacy && Refuses(privacy, context.Session, context.Presence)
            ? HookResult.Stop
            : HookResult.Continue);

    private static bool Refuses(AccountPrivacy privacy, Session session, Stanza stanza)
    {
        var action = privacy.Decide(session, stanza, incoming: false);
        if (action is PrivacyAction.Allow)
        {
            return false;
        }

        if (StanzaReplies.ErrorFor(stanza, Refusal(action)) is { } reply)
        {
            session.Reply(reply);
        }

        return true;
    }

    // Before the archive sees it: what no session of the account may get is not for the account.
    private ValueTask<HookResult> ReceivedAsync(MessageContext context, CancellationToken ct) =>
        context.Message.IsError || context.Message.From is null || accounts.IsWithout(context.Account) ? new(HookResult.Continue) : DecideReceivedAsync(context, ct);

    private async ValueTask<HookResult> DecideReceivedAsync(MessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        if (await accounts.FindPrivacyAsync(context.Account, ct) is not { } privacy)
        {
            return HookResult.Continue;
        }

        var sessions = await host.Server.Sessions.FindAsync(context.Account, ct);
        if (!IsDenied(privacy, sessions, message))
        {
            return HookResult.Continue;
        }

        // PRV-009; to an account without sessions it just vanishes (CORE-153).
        if (sessions.Count > 0 && message.Type is not MessageType.Groupchat)
        {
            await host.Server.Router.ReplyErrorAsync(message, StanzaError.ServiceUnavailable(), ct);
        }

        return HookResult.Stop;
    }

    // A subscription goes by the default list, whoever is there (ROU-006). Who probes is answered session by session: the presence module asks for each.
    private async ValueTask<HookResult> PresenceReceivedAsync(PresenceReceivedContext context, CancellationToken ct)
    {
        var presence = context.Presence;
        return presence.IsSubscription
            && await accounts.FindPrivacyAsync(context.Account, ct) is { } privacy
            && privacy.Decide(null, presence, incoming: true) is not PrivacyAction.Allow ? HookResult.Stop : HookResult.Continue;
    }

    // PRV-009, XEP-0191 §3.3: who is kept out is told nothing in the account's name either, such as which of its resources are there. What concerns the account as a whole goes by its
    // default list (XEP-0016 §2.1). Last activity asks the list itself, and says forbidden (LST-002).
    private ValueTask<HookResult> AskedAsync(IqToAccount asked, CancellationToken ct) =>
        asked.Request.Payload.IsIn(Ns.Last) || accounts.IsWithout(asked.Request.Account) ? new(HookResult.Continue) : DecideAskedAsync(asked, ct);

    private async ValueTask<HookResult> DecideAskedAsync(IqToAccount asked, CancellationToken ct)
    {
        if (await accounts.FindPrivacyAsync(asked.Request.Account, ct) is not { } privacy || privacy.Decide(null, asked.Request.Iq, incoming: true) is PrivacyAction.Allow)
        {
            return HookResult.Continue;
        }

        asked.Refusal = StanzaError.ServiceUnavailable();
        return HookResult.Stop;
    }

    private async ValueTask<HookResult> CheckAsync(PrivacyQuestion question, CancellationToken ct)
    {
        var privacy = question.Session is null ? await accounts.FindPrivacyAsync(question.Account, ct) : accounts.FindLoaded(question.Account);
        var action = privacy?.Decide(question.Session, question.Stanza, question.Incoming) ?? PrivacyAction.Allow;
        question.Blocked = action is PrivacyAction.Block;
        return action is PrivacyAction.Allow ? HookResult.Continue : HookResult.Stop;
    }

    private bool Passes(Session session, Stanza stanza)
    {
        if (accounts.FindLoaded(session.Jid.Bare) is not { } privacy || privacy.Decide(session, stanza, incoming: true) is PrivacyAction.Allow)
        {
            return true;
        }

        // PRV-009: messages and requests are answered as if nobody were there; the rest vanishes.
        if (stanza is Message { Type: not MessageType.Groupchat } or Iq { IsRequest: true })
        {
            AnswerInBackground(stanza.To is null ? stanza.Readdress(stanza.From, session.Jid) : stanza, session);
        }

        return false;
    }

    // By the lists of all sessions; where there is none, by the default list.
    private static bool IsDenied(AccountPrivacy privacy, IReadOnlyList<IBoundSession> sessions, Stanza stanza)
    {
        foreach (var session in sessions)
        {
            if (privacy.Decide(session, stanza, incoming: true) is PrivacyAction.Allow)
            {
                return false;
            }
        }

        return sessions.Count > 0 || privacy.Decide(null, stanza, incoming: true) is not PrivacyAction.Allow;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of an answer that nobody waits for: it is logged.")]
    private async void AnswerInBackground(Stanza stanza, Session session)
    {
        try
        {
            await host.Server.Router.ReplyErrorAsync(stanza, StanzaError.ServiceUnavailable(), CancellationToken.None);
        }
        catch (Exception failure)
        {
            PrivacyLog.NotAnswered(log, failure, session.Jid);
        }
    }
}
