using Meerkat.Core.Hooks;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Streams;

/// <summary>Resource binding and the session of RFC 3921 (CORE §12).</summary>
internal sealed class Binding(ClientStream stream)
{
    /// <summary>Handles an IQ of an authenticated client that has no resource yet.</summary>
    public async ValueTask<StreamStep> HandleAsync(XmlElement element, CancellationToken ct)
    {
        var iq = (Iq)StanzaReader.Read(element, null, null)!;
        if (iq is not { Type: IqType.Set, IsValid: true, Payload: { } payload } || !payload.Is("bind", Ns.Bind))
        {
            return Refuse(iq, StanzaError.BadRequest()); // CORE-113
        }

        var wanted = payload.ChildText("resource");
        if (!FullJid.TryCreate(stream.Account!, string.IsNullOrEmpty(wanted) ? RandomId.Create() : wanted, out var jid))
        {
            return Refuse(iq, StanzaError.BadRequest()); // CORE-114
        }

        var host = stream.Domain!.Host;
        if (!host.Access.IsAllowed(stream.Profile.Access, jid.Domain, jid.Local, jid.Domain, jid.Resource)
            || await host.Hooks.RunAsync(SessionHooks.Opening, new SessionOpening(jid, host, stream.Profile.Access), ct) is HookResult.Stop)
        {
            return Refuse(iq, StanzaError.NotAllowed()); // CORE-117
        }

        if (stream.Login!.IsAnonymous && !await host.Auth.Accounts.AnonymousOpenedAsync(jid.Bare, ct))
        {
            return Refuse(iq, StanzaError.NotAllowed()); // AUTH-059
        }

        try
        {
            await OpenAsync(jid, iq, ct);
            return StreamStep.Continue;
        }
        catch (Exception failure) when (StorageFailure.IsExpected(failure) && stream.Session is null)
        {
            // OPS-212: the table of sessions is away. The client may try again on this stream.
            SessionLog.NotBound(stream.Server.Loggers.CreateLogger<Session>(), jid, failure.Message);
            if (stream.Login.IsAnonymous)
            {
                await host.Auth.Accounts.AnonymousClosedAsync(jid.Bare, CancellationToken.None);
            }

            return Refuse(iq, StorageFailure.ErrorFor(failure));
        }
    }

    /// <summary>The session request of RFC 3921: it changes nothing, the session opened at bind (CORE-118, CORE-119, CORE-354).</summary>
    public StreamStep OpenLegacySession(XmlElement element, Session session)
    {
        var iq = (Iq)StanzaReader.Read(element, session.Jid, stream.Domain!.Jid)!;
        if (!session.Watermark.TryBegin())
        {
            return StreamStep.Continue;
        }

        session.Watermark.Complete();
        if (iq is { Type: IqType.Set, IsValid: true })
        {
            session.Reply(Iq.Result(iq, iq.Payload!.Value.Detach()));
        }
        else if (StanzaReplies.ErrorFor(iq, StanzaError.BadRequest()) is { } error)
        {
            session.Reply(error);
        }

        return StreamStep.Continue;
    }

    private async ValueTask OpenAsync(FullJid jid, Iq request, CancellationToken ct)
    {
        var session = new Session(jid, stream.Domain!.Host, SessionInfo.Of(stream), stream.Outbox);

        // Once it is in the directory anybody may send to it; the client has to see the result of its request first.
        session.Output.Hold(int.MaxValue);
        var replaced = await stream.Server.Sessions.BindAsync(session, ct);
        stream.Establish(session);
        stream.Outbox.Send(Iq.Create(IqType.Result, null, null, request.Id ?? "", new XmlBuilder("bind", Ns.Bind).Element("jid", jid.ToString()).Build()));
        session.Output.Release();
        replaced?.Replace();
        stream.EnsureServed();
        await SessionLimit.EnforceAsync(session, ct);
        await session.Host.Hooks.RunAsync(SessionHooks.Opened, session, ct);
    }

    private StreamStep Refuse(Iq iq, StanzaError error)
    {
        if (StanzaReplies.ErrorFor(iq, error) is { } reply)
        {
            stream.Outbox.Send(reply);
        }

        return stream.UseRetry();
    }
}
