using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;

namespace Meerkat.Core.Streams;

/// <summary>Resumption of a session on another stream (XEP-0198 §5, CORE §18.3).</summary>
internal static class Resumption
{
    private static readonly XmlElement s_ackRequest = new XmlBuilder("r", Ns.StreamManagement).Build();

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

        var info = SessionInfo.Of(stream);
        var session = new Session(old.Jid, old.Host, info, stream.Outbox);

        // From the moment of the move whoever finds the old session sends to the new one, which keeps everything back until the client has what it missed.
        session.Output.Hold(int.MaxValue);
        if (await old.MoveToAsync(session) is not { } acks)
        {
            return false;
        }

        await GoOnAsync(stream, session, old, settings, acks, h, resumed);
        return true;
    }

    /// <summary>Takes a session over that lives on another node.</summary>
    /// <param name="stream">The stream that goes on with it; authenticated as its account, nothing bound.</param>
    /// <param name="old">The session.</param>
    /// <param name="settings">How stream management works here.</param>
    /// <param name="h">What the client says it has got.</param>
    /// <param name="resumed">Makes the answer of our own count.</param>
    /// <param name="ct">Cancels waits before the session has moved.</param>
    /// <returns>False when the session has ended meanwhile, or its node cannot be asked.</returns>
    /// <exception cref="StreamErrorException">The client acknowledges more than it was sent; the session is gone too (CORE-219).</exception>
    public static async ValueTask<bool> TakeOverAsync(
        ClientStream stream, RemoteSession old, StreamManagementSettings settings, uint h, Func<uint, XmlElement> resumed, CancellationToken ct)
    {
        if (stream.Server.Sessions is not ClusterSessionDirectory directory)
        {
            return false;
        }

        // What is sent to the old session from the moment of its move comes to this one, and waits in it until the client has what it missed.
        var session = new Session(old.Jid, stream.Domain!.Host, SessionInfo.Of(stream), stream.Outbox);
        session.Output.Hold(int.MaxValue);
        if (await directory.TakeOverAsync(old, session, ct) is not { } snapshot)
        {
            return false;
        }

        try
        {
            await GoOnAsync(stream, session, old, settings, session.MoveIn(snapshot), h, resumed);
        }
        finally
        {
            directory.TookOver(old, session, lives: stream.Session == session);
        }

        return true;
    }

    private static async ValueTask GoOnAsync(
        ClientStream stream, Session session, IBoundSession old, StreamManagementSettings settings, AckQueue acks, uint h, Func<uint, XmlElement> resumed)
    {
        // Without a buffer nobody knows what the client has got: it is believed (CORE-213).
        var known = !settings.Keep || acks.TryAcknowledge(h);
        var replaced = await stream.Server.Sessions.BindAsync(session, CancellationToken.None);
        var waiting = acks.Waiting.ToArray();
        session.Output.Manage(settings, settings.Keep ? acks : new AckQueue(h), marker: null);
        stream.Server.Resumptions.Add(session);
        stream.Establish(session, resumed: true);
        if (replaced is not null && !replaced.Equals(old))
        {
            replaced.Replace(); // it bound the same resource in this moment, and is the older one now
        }

        stream.EnsureServed();
        if (!known)
        {
            throw new StreamErrorException(StreamManagementErrors.HandledCountTooHigh(h, acks.Sent));
        }

        SessionMetrics.Resumed();
        stream.Send(resumed(session.Watermark.Handled));
        await ResendAsync(stream, waiting, session.Jid.Bare.DomainJid);
        if (settings.RequestEvery > 0 && waiting.Length > 0)
        {
            stream.Send(s_ackRequest);
        }

        session.Output.Release();
        await session.Host.Hooks.RunAsync(SessionHooks.Resumed, session, CancellationToken.None);
    }

    private static async ValueTask ResendAsync(ClientStream stream, IReadOnlyList<Unacknowledged> waiting, BareJid domain)
    {
        try
        {
            foreach (var stanza in waiting)
            {
                stream.Outbox.SendCounted(Stamped(stanza, domain));
                await stream.Outbox.ReadyAsync(CancellationToken.None);
            }
        }
        catch (TimeoutException)
        {
            // The new connection takes nothing either: it is given up, the session keeps what it has and waits for the next one.
            stream.Transport.Abort();
        }
    }

    // CORE-217: the client sees when a message was first sent to it.
    private static Stanza Stamped(Unacknowledged waiting, BareJid domain) =>
        waiting.Stanza is Message { Type: not (MessageType.Error or MessageType.Headline) } message
            ? Delay.StampIfMissing(message, domain, waiting.Sent, "SM Storage")
            : waiting.Stanza;
}
