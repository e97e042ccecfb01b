using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Routing;

/// <summary>What a session leaves behind goes elsewhere: messages are routed again from scratch, IQ requests are answered, the rest vanishes (CORE-203, CORE-204).</summary>
/// <remarks>
/// A slow client may leave megabytes, and most of that may be for one sender as errors, or for the account's other client: whoever gets it is waited for, so that its own queue does
/// not overflow. Who does not get on is waited for no longer, and is its own outbox's affair.
/// </remarks>
/// <param name="server">The server.</param>
/// <param name="messages">Delivers messages again.</param>
/// <param name="session">The session, already out of the directory.</param>
/// <param name="heir">The session that replaced it and gets its messages directly (CORE-124); null when there is none.</param>
internal sealed class Rerouting(ServerContext server, MessageDelivery messages, Session session, IBoundSession? heir)
{
    private readonly ILogger _log = server.Loggers.CreateLogger<Router>();
    private readonly HashSet<IBoundSession> _stuck = [];

    /// <summary>Routes all of it, in order.</summary>
    /// <param name="acks">What was sent and never acknowledged; null without stream management.</param>
    /// <param name="others">What was held back or queued.</param>
    /// <param name="ct">Cancels waits.</param>
    public async ValueTask RunAsync(AckQueue? acks, IReadOnlyList<Stanza> others, CancellationToken ct)
    {
        foreach (var waiting in acks?.Waiting ?? [])
        {
            await RerouteGuardedAsync(
                waiting.Stanza is Message message ? Delay.StampIfMissing(message, session.Jid.Bare.DomainJid, waiting.Sent, "SM Storage") : waiting.Stanza, ct);
        }

        foreach (var stanza in others)
        {
            await RerouteGuardedAsync(stanza, ct);
        }
    }

    // One that fails does not cost the others their way.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one stanza: it is logged.")]
    private async ValueTask RerouteGuardedAsync(Stanza stanza, CancellationToken ct)
    {
        try
        {
            await RerouteAsync(stanza, ct);
            await BreatheAsync(stanza, ct);
        }
        catch (Exception failure)
        {
            SessionLog.RerouteFailed(_log, failure, stanza.Kind, stanza.Id, session.Jid);
        }
    }

    // STM-013: what another session of the account has as well is not routed again.
    private ValueTask RerouteAsync(Stanza stanza, CancellationToken ct) => stanza switch
    {
        Message message when heir is not null && heir.Deliver(message) => ValueTask.CompletedTask,
        Message { Delivery: { } shared } when !shared.GiveUp() => ValueTask.CompletedTask,
        Message { IsError: false } message => messages.RedeliverAsync(message.WithDelivery(null), session.Jid, session.Host, ct),
        Iq { IsRequest: true } iq => server.Router.ReplyErrorAsync(iq.To is null ? iq.Readdress(iq.From, session.Jid) : iq, StanzaError.ServiceUnavailable(), ct),
        _ => ValueTask.CompletedTask,
    };

    // Whoever may have got something by this: the heir, the account's other clients, the sender by an error.
    private async ValueTask BreatheAsync(Stanza stanza, CancellationToken ct)
    {
        await WaitForAsync(heir, ct);
        foreach (var other in await server.Sessions.FindAsync(session.Jid.Bare, ct))
        {
            await WaitForAsync(other, ct);
        }

        if (stanza.From is FullJid sender)
        {
            await WaitForAsync(await server.Sessions.FindAsync(sender, ct), ct);
        }
    }

    private async ValueTask WaitForAsync(IBoundSession? bound, CancellationToken ct)
    {
        if (bound is null || bound == session || _stuck.Contains(bound))
        {
            return;
        }

        try
        {
            await bound.ReadyAsync(ct);
        }
        catch (TimeoutException)
        {
            _stuck.Add(bound);
        }
    }
}
