using Meerkat.Core.Hooks;
using Meerkat.Core.Storage;
using Meerkat.Core.Streams;
using Meerkat.Core.Tracing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Sessions;

/// <summary>Takes what a bound client sends, strictly in order: stamps the sender, runs the sender's hooks, routes (CORE-128 to CORE-131).</summary>
/// <remarks>One reader. The boundary of a stanza: what fails in it is logged once, answered with <c>internal-server-error</c>, and the session goes on.</remarks>
/// <param name="session">The session.</param>
/// <param name="stream">Its stream.</param>
internal sealed class SessionInput(Session session, ClientStream stream)
{
    private readonly JidCache _recipients = new();
    private readonly ILogger _log = session.Host.Server.Loggers.CreateLogger<Session>();

    /// <summary>Handles one top-level element.</summary>
    /// <returns>What the connection does next.</returns>
    public ValueTask<StreamStep> HandleAsync(XmlElement element, CancellationToken ct) => session.Watermark.IsFull ? HandleLaterAsync(element, ct) : HandleNowAsync(element, ct);

    private async ValueTask<StreamStep> HandleLaterAsync(XmlElement element, CancellationToken ct)
    {
        await session.Watermark.RoomAsync().WaitAsync(ct);
        return await HandleNowAsync(element, ct);
    }

    private ValueTask<StreamStep> HandleNowAsync(XmlElement element, CancellationToken ct)
    {
        session.Touch();
        if (!StanzaReader.IsStanza(element))
        {
            return session.HasEnded ? new ValueTask<StreamStep>(StreamStep.Continue) : stream.HandleNonzaAsync(element, session, ct);
        }

        // What still comes in after the session has ended, or has moved to another connection, was never received: the client sends it there.
        if (!session.Watermark.TryBegin())
        {
            return new ValueTask<StreamStep>(StreamStep.Continue);
        }

        ServerMetrics.StanzaReceived(element.Name);
        var began = ServerMetrics.Begin(element.Name);
        var isHandled = false;
        try
        {
            var handling = StanzaTrace.IsOn ? TraceStanzaAsync(element, ct) : HandleStanzaAsync(element, ct);
            if (!handling.IsCompletedSuccessfully)
            {
                isHandled = true;
                return AwaitAsync(handling, began);
            }

            session.Watermark.Complete();
            isHandled = true;
            ServerMetrics.Processed(began);
            return new ValueTask<StreamStep>(StreamStep.Continue);
        }
        finally
        {
            if (!isHandled)
            {
                session.Watermark.Abandon();
            }
        }
    }

    private async ValueTask<StreamStep> AwaitAsync(ValueTask handling, long began)
    {
        try
        {
            await handling;
        }
        catch
        {
            session.Watermark.Abandon();
            throw;
        }

        session.Watermark.Complete();
        ServerMetrics.Processed(began);
        return StreamStep.Continue;
    }

    private async ValueTask TraceStanzaAsync(XmlElement element, CancellationToken ct)
    {
        var root = StanzaTrace.StartStanza(element, session);
        try
        {
            await HandleStanzaAsync(element, ct);
        }
        finally
        {
            StanzaTrace.EndStanza(root);
        }
    }

    private ValueTask HandleStanzaAsync(XmlElement element, CancellationToken ct)
    {
        if (StanzaReader.TryGetRaw(element, "from"u8, out var from) && !IsOwn(from, element))
        {
            throw new StreamErrorException(StreamError.InvalidFrom);
        }

        Jid? to = null;
        if (StanzaReader.TryGetRaw(element, "to"u8, out var rawTo))
        {
            to = _recipients.Parse(rawTo, () => element.Attribute("to"));
            if (to is null)
            {
                ReplyError(StanzaReader.Read(element, session.Jid, null)!.Readdress(session.Jid, session.Jid.Bare), StanzaError.JidMalformed());
                return ValueTask.CompletedTask;
            }
        }

        // CORE-129: without a recipient it is for the own account. Presence logic has to see the difference.
        var stanza = StanzaReader.Read(element, session.Jid, to ?? (element.Name == "presence" ? null : session.Jid.Bare))!;
        if (stanza.IsError)
        {
            ServerMetrics.ErrorPassed(stanza.Kind, "in");
        }

        try
        {
            var routing = RouteAsync(stanza, ct);
            return routing.IsCompletedSuccessfully ? routing : GuardAsync(routing, stanza);
        }
        catch (Exception failure) when (failure is not (StreamErrorException or OperationCanceledException))
        {
            Fail(stanza, failure);
            return ValueTask.CompletedTask;
        }
    }

    private ValueTask RouteAsync(Stanza stanza, CancellationToken ct) => stanza switch
    {
        Message message => SendMessageAsync(message, ct),
        Presence presence => SendPresenceAsync(presence, ct),
        _ => SendIqAsync((Iq)stanza, ct),
    };

    private ValueTask SendMessageAsync(Message message, CancellationToken ct)
    {
        var hooks = session.Host.Hooks;
        if (hooks.IsEmpty(MessageHooks.Sent))
        {
            return session.Host.Server.Router.RouteAsync(message, session, ct);
        }

        var context = new MessageContext(session.Host, session.Jid.Bare, message, session);
        var running = hooks.RunAsync(MessageHooks.Sent, context, ct);
        if (!running.IsCompletedSuccessfully)
        {
            return SendLaterAsync(running, context, ct);
        }

        return running.Result is HookResult.Stop ? ValueTask.CompletedTask : session.Host.Server.Router.RouteAsync(context.Message, session, ct);
    }

    private async ValueTask SendLaterAsync(ValueTask<HookResult> running, MessageContext context, CancellationToken ct)
    {
        if (await running is HookResult.Continue)
        {
            await session.Host.Server.Router.RouteAsync(context.Message, session, ct);
        }
    }

    private async ValueTask SendPresenceAsync(Presence presence, CancellationToken ct)
    {
        if (presence.Type is PresenceType.Invalid)
        {
            ReplyError(presence.Readdress(presence.From, presence.To ?? session.Jid.Bare), StanzaError.BadRequest("Invalid presence type"));
            return;
        }

        // CORE-156: "available" is taken for no type; nobody else is shown what RFC 6121 §4.7.1 does not have.
        if (presence.Type is PresenceType.Available && StanzaReader.TryGetRaw(presence.Element, "type"u8, out _))
        {
            presence = presence.WithElement(presence.Element.WithAttribute("type", null));
        }

        await session.Host.Hooks.RunAsync(PresenceHooks.Sent, new PresenceSentContext(session, presence), ct);
    }

    private async ValueTask SendIqAsync(Iq iq, CancellationToken ct)
    {
        if (!session.Host.Hooks.IsEmpty(PrivacyHooks.Check) && iq.To is { } to && !to.Bare.Equals(session.Jid.Bare))
        {
            var question = new PrivacyQuestion(session.Host, session.Jid.Bare, session, iq, Incoming: false);
            if (await session.Host.Hooks.RunAsync(PrivacyHooks.Check, question, ct) is HookResult.Stop)
            {
                var blocked = question.Blocked ? new XmlBuilder("blocked", Ns.BlockingErrors).Build() : (XmlElement?)null;
                ReplyError(iq, StanzaError.NotAcceptableCancel() with { Application = blocked });
                return;
            }
        }

        await session.Host.Server.Router.RouteAsync(iq, session, ct);
    }

    private bool IsOwn(ReadOnlySpan<byte> raw, XmlElement element) =>
        raw.SequenceEqual(session.Jid.AttributeUtf8) || raw.SequenceEqual(session.Jid.Bare.AttributeUtf8)
        || (Jid.TryParse(element.Attribute("from"), out var from) && (from.Equals(session.Jid) || from.Equals(session.Jid.Bare) || IsInRoomOf(element, from)));

    // RFC 6120 §8.1.2.1 lets a server put the sender in: what Converse.js whispers to an occupant bears its own address in the room.
    private static bool IsInRoomOf(XmlElement element, Jid from) =>
        element.Name == "message" && from.Resource is not null && Jid.TryParse(element.Attribute("to"), out var to) && to.Bare.Equals(from.Bare);

    private async ValueTask GuardAsync(ValueTask routing, Stanza stanza)
    {
        try
        {
            await routing;
        }
        catch (Exception failure) when (failure is not (StreamErrorException or OperationCanceledException))
        {
            Fail(stanza, failure);
        }
    }

    private void Fail(Stanza stanza, Exception failure)
    {
        StanzaTrace.Fail(StanzaTrace.Current, failure);
        ServerMetrics.StanzaFailed(stanza.Kind, StorageFailure.IsExpected(failure));
        if (StorageFailure.IsExpected(failure))
        {
            SessionLog.StanzaNotServed(_log, stanza.Kind, stanza.Id, session.Jid, session.Info.StreamId, failure.Message);
        }
        else
        {
            SessionLog.StanzaFailed(_log, failure, stanza.Kind, stanza.Id, session.Jid, session.Info.StreamId);
        }

        if (session.Host.Server.Router.IsFirstFailure(stanza))
        {
            ReplyError(stanza.To is null ? stanza.Readdress(stanza.From, session.Jid.Bare) : stanza, StorageFailure.ErrorFor(failure));
        }
    }

    private void ReplyError(Stanza stanza, StanzaError error)
    {
        if (StanzaReplies.ErrorFor(stanza, error) is { } reply)
        {
            session.Reply(reply);
        }
    }
}
