using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Threading.Channels;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>What other nodes send to, and want of, the sessions of this one; and what comes back from nodes that did not take it. Safe for concurrent use.</summary>
internal sealed class SessionTraffic(ClusterSessionDirectory directory, INodeLink link, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private static readonly byte[] s_done = [1];

    private static readonly TimeSpan s_forwarding = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<long, Given> _given = new();
    private readonly ConcurrentDictionary<long, RemoteSession> _moved = new();
    private readonly ConcurrentQueue<(long Moved, long Session)> _movedByAge = new();
    private readonly Channel<(ClusterNode From, SessionStanza Stanza)> _returned = Channel.CreateUnbounded<(ClusterNode, SessionStanza)>(new UnboundedChannelOptions { SingleReader = true });
    private ServerContext _server = null!;
    private Task _running = Task.CompletedTask;

    public void Start(ServerContext server)
    {
        _server = server;
        _running = Task.Run(RunAsync);
        link.Deliver = Deliver;
        link.Undelivered = (node, stanza, sent) =>
        {
            directory.Give(node); // so that it does not go there again
            Return(node, stanza.Stanza is Message message ? stanza with { Stanza = Delay.StampIfMissing(message, stanza.Jid.Bare.DomainJid, sent, "Node left") } : stanza); // what was sent later may have arrived meanwhile
        };
        link.Serve(NodeVerb.EndSession, (_, body) => EndAsync(body));
        link.Serve(NodeVerb.SendPresence, (_, body) => SendAsync(body));
        link.Serve(NodeVerb.Fence, (_, body) => FenceAsync(body));
        link.Serve(NodeVerb.TakeSession, GiveAsync);
        link.Serve(NodeVerb.SessionTaken, (_, body) => TakenAsync(body));
    }

    /// <summary>A stanza did not reach its session: it goes elsewhere, in the order in which such come.</summary>
    public void Return(ClusterNode from, SessionStanza stanza)
    {
        ClusterMetrics.Returned();
        _returned.Writer.TryWrite((from, stanza));
    }

    /// <summary>Takes a session's state over; null when it has ended, or its node cannot be asked.</summary>
    public async ValueTask<SessionSnapshot?> TakeOverAsync(RemoteSession old, long successor, CancellationToken ct)
    {
        try
        {
            var reply = await link.AskAsync(old.Node, NodeVerb.TakeSession, SessionCommands.Take(old, successor), CancellationToken.None).AsTask().WaitAsync(s_patience, _server.Time, ct);
            return reply.IsEmpty ? null : SessionSnapshot.Decode(RegistryCodec.Parse(reply.Span));
        }
        catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            link.TryPost(old.Node, NodeVerb.SessionTaken, SessionCommands.Taken(old, lives: false));
            return null;
        }
    }

    /// <summary>A node is gone: what it was taking over does not live there.</summary>
    public void Give(ClusterNode node)
    {
        foreach (var (order, given) in _given)
        {
            if (given.To == node && _given.TryRemove(order, out _))
            {
                _ = AbandonAsync(given);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _returned.Writer.TryComplete();
        await _running;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one stanza: it is logged, and the others of the batch still arrive.")]
    private void Deliver(ClusterNode from, SessionStanza sent)
    {
        try
        {
            if (directory.FindHere(sent.Session) is { } session && (sent.PastFilters ? session.Reply(sent.Stanza) : session.Deliver(sent.Stanza)))
            {
                return;
            }

            // At once, and not by the router: what is sent to its new node directly waits for this (NodeVerb.Fence).
            if (_moved.TryGetValue(sent.Session, out var heir) && (sent.PastFilters ? heir.Reply(sent.Stanza) : heir.Deliver(sent.Stanza)))
            {
                return;
            }

            Return(from, sent);
        }
        catch (Exception failure)
        {
            ClusterLog.ReturnFailed(log, failure, from, sent.Jid);
        }
    }

    // Empty when the session was not there any more.
    private async ValueTask<ReadOnlyMemory<byte>> EndAsync(ReadOnlyMemory<byte> body)
    {
        var (order, error, isReplaced) = SessionCommands.ReadEnd(body.Span);
        if (directory.FindHere(order) is not { HasEnded: false } session)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        if (isReplaced)
        {
            session.Replace();
        }
        else
        {
            await session.EndAsync(new SessionEnd(SessionEndReason.Kicked, error), CancellationToken.None);
        }

        return s_done;
    }

    // By then what came before was given to sessions here, or sent on: with a node named, it has arrived there too.
    private async ValueTask<ReadOnlyMemory<byte>> FenceAsync(ReadOnlyMemory<byte> body) =>
        body.IsEmpty || !ClusterNode.TryParse(Encoding.UTF8.GetString(body.Span), out var next) ? ReadOnlyMemory<byte>.Empty : await link.AskAsync(next, NodeVerb.Fence, default, CancellationToken.None);

    // Empty when the session was not there any more.
    private async ValueTask<ReadOnlyMemory<byte>> SendAsync(ReadOnlyMemory<byte> body)
    {
        var (order, presence) = SessionCommands.ReadSend(body.Span);
        if (presence is null || directory.FindHere(order) is not { HasEnded: false } session)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        await session.Host.Hooks.RunAsync(PresenceHooks.Sent, new PresenceSentContext(session, presence), CancellationToken.None);
        return s_done;
    }

    private async ValueTask<ReadOnlyMemory<byte>> GiveAsync(ClusterNode to, ReadOnlyMemory<byte> body)
    {
        var (order, id, successor) = SessionCommands.ReadTake(body.Span);
        if (directory.FindHere(order) is not { } session || session.ResumptionId != id || session.Output.Settings is null)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        var heir = new RemoteSession(new SessionRecord(session.Jid, to, successor), link);
        if (await session.MoveAwayAsync(heir) is not { } moved)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        // Kept until the other node has said that the session lives there.
        var given = new Given(session, to, heir, moved.Acks);
        _given[order] = given;
        if (directory.IsGone(to) && _given.TryRemove(order, out _))
        {
            await AbandonAsync(given);
            return ReadOnlyMemory<byte>.Empty;
        }

        return moved.Snapshot.Encode().ToUtf8();
    }

    private async ValueTask<ReadOnlyMemory<byte>> TakenAsync(ReadOnlyMemory<byte> body)
    {
        var (order, lives) = SessionCommands.ReadTaken(body.Span);
        if (_given.TryRemove(order, out var given))
        {
            if (lives)
            {
                Forward(order, given.Heir);
            }

            await (lives ? directory.LeaveToOtherAsync(given.Session) : new ValueTask(AbandonAsync(given)));
        }

        return ReadOnlyMemory<byte>.Empty;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async Task AbandonAsync(Given given)
    {
        try
        {
            await given.Session.AbandonAsync(given.Acks, []);
        }
        catch (Exception failure)
        {
            ClusterLog.CleanUpFailed(log, failure, given.Session.Jid, given.To);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one stanza: it is logged.")]
    private async Task RunAsync()
    {
        await foreach (var (from, sent) in _returned.Reader.ReadAllAsync())
        {
            try
            {
                await _server.Router.ReturnAsync(sent.Stanza, sent.Jid, CancellationToken.None);
            }
            catch (Exception failure)
            {
                ClusterLog.ReturnFailed(log, failure, from, sent.Jid);
            }
        }
    }

    // For as long as somebody may not have heard that it moved.
    private void Forward(long order, RemoteSession heir)
    {
        while (_movedByAge.TryPeek(out var oldest) && _server.Time.GetElapsedTime(oldest.Moved) > s_forwarding && _movedByAge.TryDequeue(out oldest))
        {
            _moved.TryRemove(oldest.Session, out _);
        }

        _moved[order] = heir;
        _movedByAge.Enqueue((_server.Time.GetTimestamp(), order));
    }

    private sealed record Given(Session Session, ClusterNode To, RemoteSession Heir, AckQueue Acks);
}
