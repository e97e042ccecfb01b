using Meerkat.Core.Hooks;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;

namespace Meerkat.Core.Streams;

/// <summary>Resumption of a session on another stream (XEP-0198 §5, CORE §18.3).</summary>
internal static class Resumption
{
    /// <summary>Takes a session over.</summary>
    /// <param name="stream">The stream that goes on with it; authenticated as its account, nothing bound.</param>
    /// <param name="old">The session.</param>
    /// <param name="h">What the client says it has got.</param>
    /// <param name="resumed">Makes the answer of our own count.</param>
    /// <param name="ct">Cancels waits before the session has moved.</param>
    /// <returns>False when the session has ended meanwhile.</returns>
    /// <exception cref="StreamErrorException">The client acknowledges more than it was sent; the session is gone too (CORE-219).</exception>
    public static async ValueTask<bool> ResumeAsync(ClientStream stream, Session old, uint h, Func<uint, XmlElement> resumed, CancellationToken ct)
    {
        var settings = old.Output.Settings;
        if (settings is null)
        {
            return false;
        }

        var facts = stream.Transport.Facts;
        var info = new SessionInfo(facts.Kind, facts.Remote, stream.Login!.Method, stream.Login.Mechanism, stream.Id);
        var session = new Session(old.Jid, old.Host, info, stream.Outbox);

        // From here on whoever finds the old session sends to the new one, which keeps everything back until the client has what it missed.
        session.Output.Hold(int.MaxValue);
        await old.Watermark.CaughtUpAsync();
        old.SucceedBy(session);
        if (old.MoveOut() is not { } left)
        {
            return false;
        }

        // Through its codec, on one node too: what does not survive it does not survive a move to another node either.
        var snapshot = SessionSnapshot.Decode(left.Encode());
        var acks = session.MoveIn(snapshot, settings);
        stream.Server.Resumptions.Remove(old);
        var known = acks.TryAcknowledge(h);
        await stream.Server.Sessions.BindAsync(session, CancellationToken.None);
        session.Output.Manage(settings, acks);
        stream.Server.Resumptions.Add(session);
        stream.Establish(session);
        if (!known)
        {
            throw new StreamErrorException(StreamManagementErrors.HandledCountTooHigh(h, acks.Sent));
        }

        stream.Send(resumed(snapshot.Handled));
        foreach (var waiting in acks.Waiting.ToArray())
        {
            stream.Outbox.Send(Stamped(waiting, old.Jid.Bare.DomainJid));
            await stream.Outbox.ReadyAsync(CancellationToken.None);
        }

        foreach (var held in snapshot.Held)
        {
            session.Output.Send(held);
        }

        session.Output.Release();
        await session.Host.Hooks.RunAsync(SessionHooks.Resumed, session, CancellationToken.None);
        return true;
    }

    // CORE-217: the client sees when a message was first sent to it.
    private static Stanza Stamped(Unacknowledged waiting, BareJid domain) =>
        waiting.Stanza is Message { Type: not (MessageType.Error or MessageType.Headline) } message
            ? Delay.StampIfMissing(message, domain, waiting.Sent, "SM Storage")
            : waiting.Stanza;
}
