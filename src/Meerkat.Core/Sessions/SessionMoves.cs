using Meerkat.Core.Cluster;

namespace Meerkat.Core.Sessions;

/// <summary>How a session goes on as another one, of this node or of another (XEP-0198 §5).</summary>
internal static class SessionMoves
{
    /// <summary>Hands everything to another session that goes on with it (XEP-0198 §5). This one takes nothing any more and ends without a sound.</summary>
    /// <remarks>Whoever still holds this session reaches the other one, which has to keep everything back until the client has what it missed.</remarks>
    /// <param name="session">This one.</param>
    /// <param name="successor">The other one, known to nobody.</param>
    /// <returns>What waits for acknowledgement and what was handled; null when this session has ended meanwhile.</returns>
    public static async ValueTask<AckQueue?> MoveToAsync(this Session session, Session successor)
    {
        if (session.TryGiveWay(successor) is not { } acks)
        {
            return null;
        }

        try
        {
            // Through its codec, on one node too: what does not survive it does not survive a move to another node either. The stanzas that wait are immutable and may be very many: they
            // are handed over as they are.
            var snapshot = await session.SettleAsync(acks);
            return successor.MoveIn(SessionSnapshot.Decode((snapshot with { Waiting = [] }).Encode()) with { Waiting = snapshot.Waiting });
        }
        catch
        {
            // Our mistake must not cost the client its messages.
            await session.AbandonAsync(acks, successor.Output.Close().Others);
            throw;
        }
    }

    /// <summary>Hands everything to a session on another node (XEP-0198 §5). This one takes nothing any more and ends without a sound; whoever still holds it reaches the other one.</summary>
    /// <param name="session">This one.</param>
    /// <param name="successor">The other one.</param>
    /// <returns>What moves, and what waits for acknowledgement: to be kept until the other node has it, and else to be given to <see cref="Session.AbandonAsync"/>. Null when this session has ended meanwhile.</returns>
    public static async ValueTask<(SessionSnapshot Snapshot, AckQueue Acks)?> MoveAwayAsync(this Session session, RemoteSession successor)
    {
        if (session.TryGiveWay(successor) is not { } acks)
        {
            return null;
        }

        try
        {
            return (await session.SettleAsync(acks), acks);
        }
        catch
        {
            await session.AbandonAsync(acks, []);
            throw;
        }
    }
}
