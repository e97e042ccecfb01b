using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Muc;

/// <summary>Sends what a room has to say. Not safe for concurrent use: it belongs to the room.</summary>
/// <remarks>
/// A copy to a session of this node is queued there at once, and the payload is shared by all copies. What the router has to wait for waits here, and the room does not wait with it: the answer may be a command to this
/// very room. What comes for the same account meanwhile waits behind it: nobody gets what the room says in another order than it was said in (XEP-0045 §7.1, and for messages §7.4).
/// </remarks>
internal sealed class RoomSending(Router router, ILogger log)
{
    private const int MaxWaiting = 10_000;

    // Accounts that something is under way to which the router waits for: those whose sessions a node of a cluster has to ask for, other servers. Null, most of the time, for nobody.
    private Dictionary<BareJid, Task>? _slow;
    private int _sweepAt = 64;
    private int _waiting;

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one copy: it is logged, and the others go on.")]
    public void Send(Stanza stanza, Jid to)
    {
        var copy = stanza.Readdress(stanza.From, to);
        MucMetrics.Sent();
        if (_slow is not null && UnderWay(to.Bare) is { } before)
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting)
            {
                Interlocked.Decrement(ref _waiting);
                MucLog.Dropped(log, to.Domain);
                return;
            }

            _slow[to.Bare] = FollowAsync(before, copy);
            return;
        }

        try
        {
            var routing = router.RouteAsync(copy, CancellationToken.None);
            if (!routing.IsCompletedSuccessfully)
            {
                (_slow ??= [])[to.Bare] = WatchAsync(routing, copy);
            }
        }
        catch (Exception failure)
        {
            MucLog.SendFailed(log, failure, copy.Kind);
        }
    }

    /// <summary>Answers a stanza with an error, where one may be answered.</summary>
    public void Reject(Stanza stanza, StanzaError error)
    {
        if (StanzaReplies.ErrorFor(stanza, error) is { } reply)
        {
            Send(reply, reply.To!);
        }
    }

    /// <summary>Sends private messages: one of the account each, whatever number of its sessions get it (MUC-044).</summary>
    public void Whisper(Turn turn, StanzaIdGenerator ids)
    {
        foreach (var (message, to) in turn.Whispers)
        {
            var known = message.WithStableId(ids.Next().Value);
            for (var i = 0; i < to.Sessions.Length; i++)
            {
                Send(known.WithCopy(i == 0 ? MessageCopy.First : MessageCopy.Further), to.Sessions[i].Jid);
            }
        }
    }

    private Task? UnderWay(BareJid to)
    {
        if (_slow!.Count >= _sweepAt)
        {
            foreach (var (account, task) in _slow)
            {
                if (task.IsCompleted)
                {
                    _slow.Remove(account);
                }
            }

            _sweepAt = Math.Max(64, _slow.Count * 2);
        }

        if (_slow.TryGetValue(to, out var before) && before.IsCompleted)
        {
            _slow.Remove(to);
            before = null;
        }

        if (_slow.Count == 0)
        {
            _slow = null;
        }

        return before;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one copy.")]
    private async Task WatchAsync(ValueTask routing, Stanza copy)
    {
        try
        {
            await routing;
        }
        catch (Exception failure)
        {
            MucLog.SendFailed(log, failure, copy.Kind);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one copy.")]
    private async Task FollowAsync(Task before, Stanza copy)
    {
        await before;
        try
        {
            await router.RouteAsync(copy, CancellationToken.None);
        }
        catch (Exception failure)
        {
            MucLog.SendFailed(log, failure, copy.Kind);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
