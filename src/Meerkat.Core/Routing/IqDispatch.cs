using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Core.Tracing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Routing;

/// <summary>IQs to a domain, to an account and to a session (CORE-141 to CORE-147).</summary>
internal sealed class IqDispatch(ServerContext server, Router router)
{
    private readonly ILogger _log = server.Loggers.CreateLogger<Router>();

    public ValueTask DispatchAsync(Iq iq, HostType host, Session? origin, CancellationToken ct)
    {
        var to = iq.To!;
        if (to is FullJid full && to.Local is not null)
        {
            return ToSessionAsync(iq, full, host, ct);
        }

        if (!iq.IsRequest)
        {
            server.Iqs.TryComplete(iq); // CORE-141: matched by id, else dropped
            return ValueTask.CompletedTask;
        }

        if (to is FullJid)
        {
            return router.ReplyErrorAsync(iq, StanzaError.ItemNotFound(), ct); // CORE-142
        }

        var payload = iq.Payload!.Value; // the router lets no request pass without
        var handler = host.Iqs.Find(payload, to.Local is null, out var target);
        if (handler is null)
        {
            return router.ReplyErrorAsync(iq, Unserved(to, payload.Namespace), ct);
        }

        if (target is IqTarget.OwnAccount && !iq.From!.Bare.Equals(to.Bare))
        {
            return router.ReplyErrorAsync(iq, StanzaError.Forbidden(), ct);
        }

        var request = new IqRequest(host, iq, payload, origin);
        return to.Local is null || host.Hooks.IsEmpty(IqHooks.ToAccount) || request.IsOwn ? AnswerAsync(handler, request, ct) : AnswerIfAllowedAsync(handler, request, ct);
    }

    private async ValueTask AnswerIfAllowedAsync(IqHandler handler, IqRequest request, CancellationToken ct)
    {
        var context = new IqToAccount(request);
        if (await request.Host.Hooks.RunAsync(IqHooks.ToAccount, context, ct) is HookResult.Continue)
        {
            await AnswerAsync(handler, request, ct);
        }
        else if (context.Refusal is { } refusal)
        {
            await router.ReplyErrorAsync(request.Iq, refusal, ct);
        }
    }

    private async ValueTask AnswerAsync(IqHandler handler, IqRequest request, CancellationToken ct)
    {
        using var span = StanzaTrace.Start("iq handler");
        span?.SetTag("xmpp.iq.namespace", request.Payload.Namespace);
        IqReply reply;
        try
        {
            reply = await handler(request, ct);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or StreamErrorException))
        {
            StanzaTrace.Fail(span, failure);
            if (StorageFailure.IsExpected(failure))
            {
                SessionLog.IqNotServed(_log, request.Iq.Id, request.Payload.Namespace, request.From, request.To, failure.Message);
            }
            else
            {
                SessionLog.IqFailed(_log, failure, request.Iq.Id, request.Payload.Namespace, request.From, request.To);
            }

            reply = IqReply.Error(StorageFailure.ErrorFor(failure));
        }

        if (!reply.IsDeferred)
        {
            if (reply.Failure is { } error)
            {
                await ReplyAsync(request, StanzaReplies.ErrorFor(request.Iq, error)!, ct);
            }
            else
            {
                await ReplyAsync(request, Iq.Result(request.Iq, reply.Payload), ct);
            }
        }

        if (reply.Afterwards is { } afterwards)
        {
            await afterwards();
        }
    }

    // The answer to a session's own request goes back the way it came, whatever lists and states say.
    private ValueTask ReplyAsync(IqRequest request, Stanza reply, CancellationToken ct)
    {
        if (request.Origin is { } session && session.Jid.Equals(reply.To))
        {
            session.Reply(reply);
            return ValueTask.CompletedTask;
        }

        return router.RouteAsync(reply, ct);
    }

    private async ValueTask ToSessionAsync(Iq iq, FullJid to, HostType host, CancellationToken ct)
    {
        if (iq.IsRequest && !host.Hooks.IsEmpty(IqHooks.ToSession))
        {
            var context = new IqToSession(host, iq, to);
            if (await host.Hooks.RunAsync(IqHooks.ToSession, context, ct) is HookResult.Stop)
            {
                if (context.Refusal is { } refusal)
                {
                    await router.ReplyErrorAsync(iq, refusal, ct);
                }

                return;
            }
        }

        var session = await server.Sessions.FindAsync(to, ct);
        if ((session is null || !session.Deliver(iq)) && iq.IsRequest)
        {
            await router.ReplyErrorAsync(iq, StanzaError.ServiceUnavailable("Route offline"), ct); // CORE-145
        }
    }

    private static StanzaError Unserved(Jid to, string ns) => to.Local is null
        ? StanzaError.FeatureNotImplemented("Local server does not implement this feature")
        : StanzaError.ServiceUnavailable($"Unknown xmlns={ns} for host={to.Domain}");
}
