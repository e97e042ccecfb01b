using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>Delivery of messages to local accounts (CORE-143 to CORE-155, RFC 6121 §8.5).</summary>
internal sealed class MessageDelivery(ServerContext server, Router router)
{
    public ValueTask DeliverAsync(Message message, HostType host, Session? origin, CancellationToken ct)
    {
        var context = new MessageContext(host, message.To!.Bare, message, origin);
        var running = host.Hooks.RunAsync(MessageHooks.Received, context, ct);
        if (!running.IsCompletedSuccessfully)
        {
            return ContinueAsync(running, context, ct);
        }

        return running.Result is HookResult.Stop ? ValueTask.CompletedTask : ToSessionsAsync(context, ct);
    }

    /// <summary>A message that a session did not get goes to other sessions or to offline storage. Hooks that ran for it do not run again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="jid">The session's address.</param>
    /// <param name="host">Its host type.</param>
    /// <param name="ct">Cancels waits.</param>
    public ValueTask RedeliverAsync(Message message, FullJid jid, HostType host, CancellationToken ct)
    {
        // A copy that the server made for this session (XEP-0280) is of no use to anybody else (CORE-233): the message itself went its own way.
        if (message.From is { } from && from.Equals(jid.Bare) && IsCarbon(message))
        {
            return ValueTask.CompletedTask;
        }

        var to = message.To ?? jid.Bare;

        // What a room sends to an occupant is for that occupant: the room has to learn that it is gone (RFC 6121 §8.5.3.2.1).
        return message.Type is MessageType.Groupchat && to is FullJid
            ? BounceAsync(message, "Bounce offline message", ct)
            : ToSessionsAsync(new MessageContext(host, to.Bare, message.Readdress(message.From, to), null) { IsRedelivery = true }, ct);
    }

    private static bool IsCarbon(Message message) =>
        message.Has("sent", Ns.Carbons) || message.Has("received", Ns.Carbons) || message.Has("sent", Ns.CarbonsOld) || message.Has("received", Ns.CarbonsOld);

    private async ValueTask ContinueAsync(ValueTask<HookResult> running, MessageContext context, CancellationToken ct)
    {
        if (await running is HookResult.Continue)
        {
            await ToSessionsAsync(context, ct);
        }
    }

    private ValueTask ToSessionsAsync(MessageContext context, CancellationToken ct)
    {
        var finding = server.Sessions.FindAsync(context.Account, ct);
        return finding.IsCompletedSuccessfully ? ToSessionsAsync(context, finding.Result, ct) : FindAsync(finding, context, ct);

        async ValueTask FindAsync(ValueTask<IReadOnlyList<IBoundSession>> finding, MessageContext context, CancellationToken ct) =>
            await ToSessionsAsync(context, await finding, ct);
    }

    private ValueTask ToSessionsAsync(MessageContext context, IReadOnlyList<IBoundSession> sessions, CancellationToken ct)
    {
        var message = context.Message;
        if (message.To is FullJid full)
        {
            for (var i = 0; i < sessions.Count; i++)
            {
                if (sessions[i].Jid.Resource == full.Resource && sessions[i].Deliver(message))
                {
                    ServerMetrics.MessageDelivered();
                    return sessions[i] is RemoteSession there ? DeliveredThereAsync(context, sessions, [there], ct) : DeliveredAsync(context, sessions, [sessions[i]], ct);
                }
            }

            // What a room says to an occupant is for that session alone: the room has to learn that it is gone (RFC 6121 §8.5.3.2.1). Of several copies the first goes elsewhere.
            if (message.Type is MessageType.Groupchat || message.Copy is MessageCopy.Further)
            {
                return BounceAsync(message, "Bounce offline message", ct);
            }

            // ROU-001, MAM-017: an answer of the archive is for the session that asked, and for nobody else.
            if (message.Has("result", Ns.Mam) || message.Has("result", Ns.MamOld))
            {
                return ValueTask.CompletedTask;
            }
        }

        return ToBareAsync(context, sessions, ct);
    }

    // CORE-148: every session that has the highest priority gets it, if that is not negative.
    private ValueTask ToBareAsync(MessageContext context, IReadOnlyList<IBoundSession> sessions, CancellationToken ct)
    {
        var (highest, recipients, here) = (-1, 0, 0);
        for (var i = 0; i < sessions.Count; i++)
        {
            var priority = sessions[i].Priority ?? -1;
            if (priority > highest)
            {
                (highest, recipients, here) = (priority, 0, 0);
            }

            if (priority == highest)
            {
                recipients++;
                here += sessions[i] is RemoteSession ? 0 : 1;
            }
        }

        if (highest < 0)
        {
            return OfflineAsync(context, ct);
        }

        // Sessions on other nodes answer for what they were given themselves: nobody here hears that one of them has ended without it, or that its node is gone with it.
        var shared = recipients > 1 && here > 0 ? new SharedDelivery(here) : null;
        var message = context.Message.WithDelivery(shared);
        var (isTaken, isTakenElsewhere) = (false, false);
        List<IBoundSession>? deliveredTo = null;
        for (var i = 0; i < sessions.Count; i++)
        {
            if (sessions[i].Priority != highest)
            {
                continue;
            }

            if (sessions[i].Deliver(message))
            {
                ServerMetrics.MessageDelivered();
                (deliveredTo ??= []).Add(sessions[i]);
                isTaken = true;
                isTakenElsewhere |= sessions[i] is RemoteSession;
            }
            else if (sessions[i] is not RemoteSession && shared?.GiveUp() == true)
            {
                isTaken = false; // who took it has ended meanwhile
            }
        }

        return isTaken || isTakenElsewhere ? DeliveredAsync(context, sessions, deliveredTo!, ct) : OfflineAsync(context, ct);
    }

    // A node that is behind slows down who sends there, and nobody else.
    private static async ValueTask DeliveredThereAsync(MessageContext context, IReadOnlyList<IBoundSession> sessions, RemoteSession[] deliveredTo, CancellationToken ct)
    {
        await deliveredTo[0].ReadyAsync(ct);
        await DeliveredAsync(context, sessions, deliveredTo, ct);
    }

    private static ValueTask DeliveredAsync(MessageContext context, IReadOnlyList<IBoundSession> sessions, IReadOnlyList<IBoundSession> deliveredTo, CancellationToken ct)
    {
        if (context.IsRedelivery || context.Host.Hooks.IsEmpty(MessageHooks.Delivered))
        {
            return ValueTask.CompletedTask;
        }

        var running = context.Host.Hooks.RunAsync(MessageHooks.Delivered, new DeliveredContext(context.Host, context.Account, context.Message, sessions, deliveredTo), ct);
        return running.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(running.AsTask());
    }

    private async ValueTask OfflineAsync(MessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        switch (message.Type)
        {
            case MessageType.Error:
                return; // CORE-150
            case MessageType.Headline:
                await BounceAsync(message, "Bounce offline message", ct); // CORE-152
                return;
        }

        if (await context.Host.Auth.StoredExistsAsync(context.Account, ct) is not Existence.Yes)
        {
            await BounceAsync(message, "User not found", ct);
            return;
        }

        var question = new PrivacyQuestion(context.Host, context.Account, null, message, Incoming: true);
        if (await context.Host.Hooks.RunAsync(PrivacyHooks.Check, question, ct) is HookResult.Stop)
        {
            return; // CORE-153: silently not stored
        }

        var chain = message.Type is MessageType.Groupchat ? MessageHooks.OfflineGroupchat : MessageHooks.Offline;
        if (await context.Host.Hooks.RunAsync(chain, context, ct) is HookResult.Continue)
        {
            await BounceAsync(message, "Bounce offline message", ct);
        }
        else if (context.Refusal is { } refusal)
        {
            await router.ReplyErrorAsync(message, refusal, ct);
        }
    }

    private ValueTask BounceAsync(Message message, string text, CancellationToken ct)
    {
        ServerMetrics.MessageBounced();
        return router.ReplyErrorAsync(message, StanzaError.ServiceUnavailable(text), ct);
    }
}
