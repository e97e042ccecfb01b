using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Muc;

/// <summary>Sends what a room has to say. Not safe for concurrent use: it belongs to the room.</summary>
/// <remarks>
/// A copy to a session of this node is queued there at once, and the payload is shared by all copies. What the router has to wait for waits here, in its order, and the room does not wait with it:
/// the answer may be a command to this very room.
/// </remarks>
internal sealed class RoomSending(Router router, ILogger log)
{
    private const int MaxWaiting = 10_000;

    private Task _last = Task.CompletedTask;
    private int _waiting;

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one copy: it is logged, and the others go on.")]
    public void Send(Stanza stanza, Jid to)
    {
        var copy = stanza.Readdress(stanza.From, to);
        MucMetrics.Sent();
        if (!_last.IsCompleted && IsSlow(to))
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting)
            {
                Interlocked.Decrement(ref _waiting);
                MucLog.Dropped(log, to.Domain);
                return;
            }

            _last = FollowAsync(_last, copy);
            return;
        }

        try
        {
            var routing = router.RouteAsync(copy, CancellationToken.None);
            if (!routing.IsCompletedSuccessfully)
            {
                _last = WatchAsync(_last, routing, copy);
            }
        }
        catch (Exception failure)
        {
            MucLog.SendFailed(log, failure, copy.Kind);
        }
    }

    // Accounts of this server are behind a directory that answers at once; who had to be waited for was somewhere else.
    private bool IsSlow(Jid to) => !router.IsLocal(to.Domain);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one copy.")]
    private async Task WatchAsync(Task before, ValueTask routing, Stanza copy)
    {
        try
        {
            await routing;
        }
        catch (Exception failure)
        {
            MucLog.SendFailed(log, failure, copy.Kind);
        }

        await before;
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
